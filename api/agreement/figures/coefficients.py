"""Agreement beyond chance, and which levels are mixed up."""

from collections.abc import Iterable

from api.agreement.figures.needs import FEWEST_DOUBLE, STEADY_DOUBLE, double_need
from api.agreement.page import draw_forest
from api.agreement.plots import key
from api.agreement.schemas import ChartRow, FigureRead, KeyRead, MatricesChart, Matrix, RowsChart, TableRead
from api.agreement.study import HEADLINE, Block, Study
from api.agreement.tables import table
from api.agreement.words import apa, readings


def agreement_figure(found: Study | None, double: int) -> FigureRead:
    title = "How far do raters agree?"
    if found is None or double < FEWEST_DOUBLE:
        return FigureRead(id="agreement", title=title, shown=False, need=double_need(double))
    chart = draw_forest(found)
    notes = []
    if double < STEADY_DOUBLE:
        notes.append(
            f"{double} double reads are few: below about {STEADY_DOUBLE} intervals tend to be too narrow, most of all "
            f"for κ. {STEADY_DOUBLE - double} more would steady them."
        )
    return FigureRead(
        id="agreement",
        title=title,
        shown=True,
        sentences=[
            "1 is perfect agreement, 0 is what chance alone would give. The bar is a 95 % interval: with this many "
            "scores, values anywhere on it are plausible.",
            *(f"{names[:1].upper()}{names[1:]}: {text}" for names, text in readings(found)),
        ],
        apa=[
            f"{block.name}: {apa(f.label, f.found)}"
            for block in found.blocks
            for f in block.figures
            if f.id in HEADLINE
        ],
        notes=notes,
        chart=RowsChart(
            label="Agreement beyond chance by criterion",
            rows=[ChartRow(label=what, drawing=str(svg), beside=beside) for what, svg, beside in chart.rows],
            axis=str(chart.axis),
            axis_label="Agreement beyond chance; dashed lines at .667 and .800 are customs for α",
            key=[
                KeyRead(drawing=str(key("dot")), label="Krippendorff's α, the usual choice"),
                KeyRead(drawing=str(key("diamond")), label="Gwet's AC2, steady when one level dominates"),
                KeyRead(drawing=str(key("square")), label="κ with quadratic weights"),
            ],
        ),
        tables=[_agreement_table(found)],
    )


def _agreement_table(found: Study) -> TableRead:
    return table(
        "agreement",
        "Every coefficient. n: submissions (for all criteria together: submission and criterion) scored by two raters "
        "or more. From and to bound the 95 % interval.",
        (
            ("criterion", "Criterion", "text"),
            ("figure", "Figure", "text"),
            ("value", "Value", "figure"),
            ("low", "From", "figure"),
            ("high", "To", "figure"),
            ("n", "n", "count"),
            ("raters", "Raters", "count"),
            ("exact", "Same level", "share"),
            ("estimand", "About", "text"),
            ("method", "Interval by", "text"),
            ("reason", "Why not", "text"),
        ),
        [row for block in found.blocks for row in _coefficients(block)],
    )


def _coefficients(block: Block) -> Iterable[tuple[str | int | float | None, ...]]:
    for figure in block.figures:
        one = figure.found
        why = one.reason or one.interval_reason
        yield (
            block.name, figure.label, one.value, one.low, one.high, one.n_pairable, one.n_raters,
            one.percent_agreement, one.estimand, one.method, why,
        )  # fmt: skip
    for form in block.icc.forms:
        yield (
            block.name, form.form, form.value, form.low, form.high, block.icc.n_pairable, block.icc.n_raters,
            block.icc.percent_agreement, form.estimand, block.icc.estimator, form.reason or form.interval_reason,
        )  # fmt: skip


def confusion_figure(found: Study | None, double: int) -> FigureRead:
    title = "Which levels are mixed up?"
    if found is None or double < FEWEST_DOUBLE:
        return FigureRead(id="confusion", title=title, shown=False, need=double_need(double))
    labels = found.scale.labels
    rows = [
        (block.name, labels[i], labels[j], n)
        for block in found.blocks
        for i, cells in enumerate(block.confusion)
        for j, n in enumerate(cells)
    ]
    return FigureRead(
        id="confusion",
        title=title,
        shown=True,
        sentences=[
            "Every pair of raters who scored the same thing: one rater's level down the side, the other's across. "
            "Cells on the outlined diagonal are agreement. Each pair is counted both ways round.",
        ],
        chart=MatricesChart(
            label="Pairs of levels by criterion",
            levels=list(labels),
            matrices=[
                Matrix(name=block.name, n_pairs=block.n_pairs, rows=[list(row) for row in block.confusion])
                for block in found.blocks
            ],
        ),
        tables=[
            table(
                "confusion",
                "The same, one row per pair of levels.",
                (
                    ("criterion", "Criterion", "text"),
                    ("one", "One rater", "text"),
                    ("other", "The other", "text"),
                    ("pairs", "Pairs", "count"),
                ),
                rows,
            )
        ],
    )
