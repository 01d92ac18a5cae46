"""How reliable the score model is, beside how reliable people are: the figure of the agreement page."""

from api.agreement.charts import Moment, Scale1D
from api.agreement.plots import Line, plot
from api.agreement.schemas import FigureRead, Need, PlotChart, TableRead
from api.agreement.tables import table
from api.agreement.words import bracket, number
from model.agreement import Agreement
from model.scoring import ENOUGH, Reliability
from model.scoring.estimate import Estimate

TITLE = "Can the machine foretell scores?"


def too_few(n_submissions: int) -> FigureRead:
    """Until there is a model: what is missing."""
    more = max(0, ENOUGH - n_submissions)
    text = (
        f"Not enough data yet: {n_submissions} of {ENOUGH} submissions have scores given without suggestions, or "
        f"settled ones, beside measures of their recording. {more} more would do."
        if more
        else f"{n_submissions} submissions have scores it could learn from, and nobody has fitted it yet."
    )
    return FigureRead(
        id="reliability", title=TITLE, shown=False, need=Need(have=n_submissions, needed=ENOUGH, text=text)
    )


def reliability_figure(found: Reliability) -> FigureRead:
    """Every figure is of submissions the model had not seen when it foretold them."""
    return FigureRead(
        id="reliability",
        title=TITLE,
        shown=True,
        sentences=[_people(found), _gain(found)],
        apa=[
            _apa("Machine with each rater", found.qwk_machine),
            _apa("Raters with each other", found.qwk_human),
            f"Cross-fitted RPS = {number(found.rps.value, 3)}, {_interval(found.rps)}, n = {found.n_scores} scores of "
            f"{found.n_submissions} submissions.",
        ],
        notes=[
            "Learned from scores given without suggestions and from settled ones only, and judged on submissions it "
            "had not seen. No reviewer ever sees what it foretells; staff see one number, in the queue.",
            *([found.calibration.reason] if found.calibration.reason else []),
        ],
        chart=_curve(found) if found.calibration.bins else None,
        tables=[_figures(found), _bins(found)],
    )


def _people(found: Reliability) -> str:
    machine, human = found.qwk_machine, found.qwk_human
    if machine.value is None:
        return f"Machine and raters cannot be compared: {machine.reason}"
    said = f"The machine's level agrees with a rater's at κ = {number(machine.value)}"
    if human.value is None:
        return f"{said}. How raters agree with each other is not known: {human.reason}"
    where = "as well as" if machine.value >= human.value else "less than"
    return f"{said}, {where} raters with each other, κ = {number(human.value)} (both with quadratic weights)."


def _gain(found: Reliability) -> str:
    gain = found.gain
    if gain.value is None or gain.low is None:
        return "Whether it knows more than how often each level is given cannot be told yet."
    if gain.low > 0:
        return "It foretells better than the plain shares of the levels would: the recording tells it something."
    return "It has not been shown to foretell better than the plain shares of the levels: use it with that in mind."


def _apa(label: str, one: Agreement) -> str:
    if one.value is None:
        return f"{label}: no value. {one.reason}"
    parts = [f"{label}: κ = {number(one.value)}", bracket(one.low, one.high), f"n = {one.n_pairable}"]
    return ", ".join(part for part in parts if part) + "."


def _interval(one: Estimate) -> str:
    return (
        "no interval"
        if one.low is None or one.high is None
        else f"95% CI [{number(one.low, 3)}, {number(one.high, 3)}]"
    )


def _curve(found: Reliability) -> PlotChart:
    bins = found.calibration.bins
    line = Line(
        name="Foretold and observed",
        moments=tuple(Moment(at=b.predicted, value=b.observed, low=b.low, high=b.high) for b in bins),
    )
    described = "; ".join(f"foretold {number(b.predicted)}, observed {number(b.observed)}" for b in bins)
    unit = Scale1D(low=0.0, high=1.0)
    return PlotChart(
        label="Chances foretold and shares observed",
        drawing=str(
            plot([line], unit, unit, title="Chances foretold and shares observed", described=described, diagonal=True)
        ),
        across="Chance foretold that a score is at a level or above",
        up="Share observed; the dashed diagonal is perfect",
        key=[],
    )


def _figures(found: Reliability) -> TableRead:
    estimates = (
        ("RPS, calibrated (lower is better)", found.rps),
        ("RPS, uncalibrated signal", found.rps_raw),
        ("RPS, shares of levels alone", found.rps_shares),
        ("Gain over shares alone", found.gain),
        ("Brier score", found.brier),
    )
    error = found.calibration
    agreements = (("κ quadratic, machine with raters", found.qwk_machine), ("κ quadratic, raters", found.qwk_human))
    rows = [
        *((label, one.value, one.low, one.high, one.n, one.reason) for label, one in estimates),
        *((label, one.value, one.low, one.high, one.n_pairable, one.reason) for label, one in agreements),
        ("Squared calibration error, debiased", error.debiased, None, None, error.n, None),
        (
            "Calibration error, plain",
            found.calibration.plain,
            None,
            None,
            found.calibration.n,
            found.calibration.reason,
        ),
        ("Levels in a 90 % set, mean", found.set_size, None, None, found.n_scores, None),
    ]
    return table(
        "reliability",
        "On submissions the model had not seen. RPS: ranked probability score.",
        (
            ("figure", "Figure", "text"),
            ("value", "Value", "fine"),
            ("low", "From", "fine"),
            ("high", "To", "fine"),
            ("n", "n", "count"),
            ("reason", "Why not", "text"),
        ),
        rows,
    )


def _bins(found: Reliability) -> TableRead:
    return table(
        "calibration",
        "Chances that a score is at a level or above, in groups of equal size, and how often it was.",
        (
            ("foretold", "Foretold", "figure"),
            ("observed", "Observed", "figure"),
            ("low", "From", "figure"),
            ("high", "To", "figure"),
            ("n", "Chances", "count"),
        ),
        [(b.predicted, b.observed, b.low, b.high, b.n) for b in found.calibration.bins],
    )
