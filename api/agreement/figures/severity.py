"""How severe each rater is, and whether that changes."""

from collections.abc import Sequence

from api.agreement.figures.needs import double_need, shared_need
from api.agreement.page import draw_drift, draw_severity
from api.agreement.ratings_file import Rating
from api.agreement.schemas import ChartRow, FigureRead, RowsChart, TableRead
from api.agreement.study import Study
from api.agreement.tables import table
from api.agreement.words import number, plans_in_words, signed


def severity_figure(found: Study | None, rows: Sequence[Rating]) -> FigureRead:
    title = "Who is severe, who is lenient?"
    need = shared_need(rows)
    if found is None or need is not None:
        return FigureRead(id="severity", title=title, shown=False, need=need or double_need(0))
    drawn, result = draw_severity(found), found.severity
    sentences = [
        "Right of zero is harsher than these raters on average, left is more lenient, allowing for which submissions "
        "each happened to score. “Levels” is the difference a submission would see in its score."
    ]
    if result.reason:
        sentences = [result.reason]
    elif result.homogeneity_p is not None:
        sentences.append(
            "The raters differ in severity by more than chance would have it."
            if result.homogeneity_p < 0.05
            else "Differences this large would not be rare among equally severe raters."
        )
    return FigureRead(
        id="severity",
        title=title,
        shown=True,
        sentences=[*sentences, plans_in_words(found)],
        apa=[_severity_apa(found)] if result.reason is None else [],
        chart=None
        if drawn is None
        else RowsChart(
            label="Severity of each rater",
            rows=[ChartRow(label=what, drawing=str(svg), beside=beside) for what, svg, beside in drawn.rows],
            axis=str(drawn.axis),
            axis_label="Severity in logits of the rating scale model; harsher to the right",
            key=[],
        ),
        tables=[_severity_table(found)],
    )


def _severity_apa(found: Study) -> str:
    result = found.severity
    p = result.homogeneity_p or 0.0
    shown = "p < .001" if p < 0.001 else f"p = {number(p, 3)}"
    return (
        f"Many-facet Rasch model ({result.estimator}): χ²({result.homogeneity_df}) = "
        f"{number(result.homogeneity_chi2)}, {shown}, separation reliability {number(result.separation_reliability)}, "
        f"{result.n_raters} raters, {len(found.submissions)} submissions."
    )


def _severity_table(found: Study) -> TableRead:
    return table(
        "severity",
        "Infit and outfit tell how predictable a rater is: 1 is expected, .5 to 1.5 is customary, more is erratic.",
        (
            ("rater", "Rater", "text"),
            ("scores", "Scores", "count"),
            ("levels", "Levels harsher", "signed"),
            ("logits", "Logits", "signed"),
            ("low", "From", "signed"),
            ("high", "To", "signed"),
            ("infit", "Infit", "fine"),
            ("outfit", "Outfit", "fine"),
            ("reason", "Note", "text"),
        ),
        [
            (
                found.raters[r.rater], r.n, r.points, r.severity, r.low, r.high, r.infit, r.outfit,
                r.reason or ("All scores at one end of the scale." if r.extreme else None),
            )
            for r in found.severity.raters
        ],
    )  # fmt: skip


def drift_figure(found: Study | None, rows: Sequence[Rating]) -> FigureRead:
    title = "Does severity change with time?"
    need = shared_need(rows)
    if found is None or need is not None:
        return FigureRead(id="drift", title=title, shown=False, need=need or double_need(0))
    result = found.drift
    if result is None or not any(r.slope is not None for r in result.raters):
        why = found.drift_reason or "No rater has enough shared scores spread over time to tell a change from chance."
        return FigureRead(
            id="drift",
            title=title,
            shown=False,
            sentences=[why],
            tables=[] if result is None else _drift_tables(found),
        )
    drawn = draw_drift(found)
    moving = [r for r in result.raters if r.p_adjusted is not None and r.p_adjusted < 0.05]
    said = [
        f"{found.raters[r.rater]} grows {'harsher' if (r.slope or 0.0) > 0 else 'milder'} by "
        f"{abs(r.slope or 0.0):.2f} levels a month."
        for r in moving
    ] or ["No rater is seen to change, once it is allowed for that several were looked at."]
    return FigureRead(
        id="drift",
        title=title,
        shown=True,
        sentences=[*said, result.against],
        apa=[
            f"Rater {found.raters[r.rater]}: b = {signed(r.slope, 3)} levels a month, 95% CI "
            f"[{signed(r.low, 3)}, {signed(r.high, 3)}], p = {number(r.p_adjusted, 3)} (Holm)."
            for r in result.raters
            if r.slope is not None
        ],
        chart=None
        if drawn is None
        else RowsChart(
            label="Severity of each rater over time",
            rows=[ChartRow(label=what, drawing=str(svg), beside=beside) for what, svg, beside in drawn.rows],
            axis=str(drawn.axis),
            axis_label="Months since the first score; up is harsher, the line is the average of these raters",
            key=[],
        ),
        tables=_drift_tables(found),
    )


def _drift_tables(found: Study) -> list[TableRead]:
    assert found.drift is not None
    return [
        table(
            "drift",
            "Change in severity per month, in levels. p is adjusted for looking at all raters (Holm).",
            (
                ("rater", "Rater", "text"),
                ("scores", "Shared scores", "count"),
                ("slope", "Levels a month", "signed"),
                ("low", "From", "signed"),
                ("high", "To", "signed"),
                ("p", "p", "fine"),
                ("reason", "Why not", "text"),
            ),
            [(found.raters[r.rater], r.n, r.slope, r.low, r.high, r.p_adjusted, r.reason) for r in found.drift.raters],
        ),
        table(
            "periods",
            "Severity by period, in levels; periods hold equally many scores.",
            (
                ("rater", "Rater", "text"),
                ("from_month", "From month", "fine"),
                ("to_month", "To month", "fine"),
                ("scores", "Scores", "count"),
                ("severity", "Severity", "signed"),
                ("low", "From", "signed"),
                ("high", "To", "signed"),
            ),
            [(found.raters[p.rater], p.start, p.end, p.n, p.severity, p.low, p.high) for p in found.drift.periods],
        ),
    ]
