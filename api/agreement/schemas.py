"""What the agreement page is made of: figures, each with its sentences, its drawing and the table it is drawn from."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from api.schemas import Schema

FigureId = Literal["agreement", "confusion", "severity", "drift", "evidence", "missed", "suggestions", "reliability"]
TableId = Literal[
    "agreement",
    "confusion",
    "severity",
    "drift",
    "periods",
    "evidence",
    "tolerance",
    "missed",
    "suggestions",
    "reliability",
    "calibration",
    "ratings",
]
Arm = Literal["own", "unassisted", "blind", "assisted", "final"]
Kind = Literal["text", "count", "figure", "share", "signed", "seconds", "fine"]
Cell = str | int | float | None


class ColumnRead(Schema):
    """`id` heads the column in the CSV, `label` on the page; `kind` says how a number is written."""

    id: str
    label: str
    kind: Kind


class TableRead(Schema):
    """The figures themselves. A cell is null where there is no number; a column then says why."""

    id: TableId
    caption: str
    columns: list[ColumnRead]
    rows: list[list[Cell]]


class ChartRow(Schema):
    """One line of a chart: its name, its drawing and the figure that stands beside it."""

    label: str
    drawing: str  # SVG
    beside: str


class KeyRead(Schema):
    drawing: str  # SVG
    label: str


class RowsChart(Schema):
    """Rows over one axis, as in a forest plot."""

    kind: Literal["rows"] = "rows"
    label: str
    rows: list[ChartRow]
    axis: str  # SVG
    axis_label: str
    key: list[KeyRead]


class PlotChart(Schema):
    """One drawing with two axes."""

    kind: Literal["plot"] = "plot"
    label: str
    drawing: str  # SVG
    across: str
    up: str
    key: list[KeyRead]


class Matrix(Schema):
    """How often two raters of the same thing gave these levels; every pair is entered both ways round."""

    name: str
    n_pairs: int
    rows: list[list[int]]


class MatricesChart(Schema):
    kind: Literal["matrices"] = "matrices"
    label: str
    levels: list[str]
    matrices: list[Matrix]


class Need(Schema):
    """What a figure still lacks, and how many more would do."""

    have: int
    needed: int
    text: str


class FigureRead(Schema):
    """`shown` False: there is not enough yet, and `need` says of what."""

    id: FigureId
    title: str
    shown: bool
    need: Need | None = None
    sentences: list[str] = Field(default_factory=list)
    apa: list[str] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    chart: Annotated[RowsChart | PlotChart | MatricesChart, Field(discriminator="kind")] | None = None
    tables: list[TableRead] = Field(default_factory=list)


class Choice(Schema):
    id: str
    label: str


class RubricChoice(Schema):
    """A rubric that has finished reviews here; its hash, because scores belong to the words they were given by."""

    hash: str
    title: str
    version: str
    n_reads: int
    n_submissions: int
    n_double: int


class Chosen(Schema):
    """What was asked for, with what was left open filled in."""

    rubric: str | None
    arm: Arm
    since: date | None
    until: date | None
    estimand: Literal["these raters", "raters like these"]


class Figures(Schema):
    """All figures for one choice, and what they rest on."""

    lead: list[str]
    notes: list[str]
    estimand: str
    method: str
    n_submissions: int
    n_double: int
    n_raters: int
    n_scores: int
    first: date | None
    last: date | None
    figures: list[FigureRead]


class Computed(Schema):
    """What is kept of one computation. `ratings` are the scores themselves, under codes, for their CSV alone."""

    figures: Figures
    ratings: TableRead


class ScoreModelVersion(Schema):
    """One fit of the score model. A version that was worse than the one in use is kept, and not used."""

    version: str
    created_at: datetime
    n_scores: int
    n_submissions: int
    rps: float | None  # cross-fitted ranked probability score; lower is better
    used: bool
    text: str


class ScoreModelState(Schema):
    """`message`: what came of the last wish for a fit in this process, where no version came of it."""

    fitting: bool
    may_refit: bool
    message: str | None
    versions: list[ScoreModelVersion]  # newest first


class AgreementRead(Schema):
    """`figures` is null while they are computed: ask again in a moment."""

    rubrics: list[RubricChoice]
    arms: list[Choice]
    chosen: Chosen
    computing: bool
    figures: Figures | None
    score_model: ScoreModelState | None
