"""What suggestions do to scores: the arms compared, or why they cannot be."""

from collections.abc import Sequence

from api.agreement.chosen import Chosen
from api.agreement.figures.needs import FEWEST_ARM, need_of
from api.agreement.page import draw_effects
from api.agreement.schemas import ChartRow, FigureRead, Need, RowsChart, TableRead
from api.agreement.study import effect_of_suggestions
from api.agreement.tables import table
from api.agreement.words import read_influence, signed
from model.conditions import Condition
from model.scoring.estimate import Estimate


def suggestions_figure(chosen: Chosen) -> FigureRead:
    title = "What do suggestions do to scores?"
    effect, reason = effect_of_suggestions(chosen.every, chosen.scale)
    fewest = _fewest(chosen)
    if effect is None:
        text = reason or (
            "Nobody has scored with suggestions in view, so there is nothing to compare. A program under the protocol "
            "“assisted” keeps a random share without them; that is what makes a comparison."
        )
        return FigureRead(
            id="suggestions", title=title, shown=False, need=Need(have=fewest, needed=FEWEST_ARM, text=text)
        )
    drawn = draw_effects(effect)
    rows = (
        ("Levels, same submissions read both ways", effect.paired_shift),
        ("Levels, all reads", effect.unpaired_shift),
        ("Slope on the machine's signal", effect.slope_change),
        ("Pull towards the machine (0 none, 1 whole)", effect.pull),
        ("Share equal to the machine's level", effect.machine_agreement),
    )
    need = None
    if fewest < FEWEST_ARM:
        need = need_of(fewest, FEWEST_ARM, "submission in the smaller arm", "submissions in the smaller arm")
    return FigureRead(
        id="suggestions",
        title=title,
        shown=True,
        need=need,
        sentences=list(read_influence(effect, reason)),
        notes=list(effect.notes),
        apa=[
            f"{label}: {signed(one.value)}, 95% CI [{signed(one.low)}, {signed(one.high)}], n = {one.n} scores of "
            f"{one.n_submissions} submissions."
            for label, one in rows
            if one.value is not None and one.low is not None
        ],
        chart=RowsChart(
            label="With suggestions minus without",
            rows=[ChartRow(label=what, drawing=str(svg), beside=beside) for what, svg, beside in drawn.chart.rows],
            axis=str(drawn.chart.axis),
            axis_label="Difference, with suggestions minus without",
            key=[],
        ),
        tables=[_table(rows)],
    )


def _fewest(chosen: Chosen) -> int:
    """Submissions in the smaller of the two arms; scores after a reveal are in neither."""
    arms: tuple[set[str], set[str]] = set(), set()
    for one in chosen.every:
        if one.score is not None and one.condition is not Condition.REVEALED:
            arms[one.condition is Condition.ASSISTED].add(one.submission)
    return min(map(len, arms))


def _table(rows: Sequence[tuple[str, Estimate]]) -> TableRead:
    return table(
        "suggestions",
        "With suggestions minus without.",
        (
            ("what", "What", "text"),
            ("difference", "Difference", "signed"),
            ("low", "From", "signed"),
            ("high", "To", "signed"),
            ("scores", "Scores", "count"),
            ("submissions", "Submissions", "count"),
            ("method", "Method", "text"),
            ("reason", "Why not", "text"),
        ),
        [
            (label, one.value, one.low, one.high, one.n, one.n_submissions, one.method, one.reason)
            for label, one in rows
        ],
    )
