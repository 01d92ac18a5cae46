"""Figures in plain words and APA style (no zero before the point where 1 is the limit; 95% CI in brackets).

Cut-offs are customs, each with its source, and are judged on the whole interval, not on the point.
"""

from api.agreement.study import Study
from model.agreement import Agreement
from model.influence import Influence
from model.scoring.estimate import Estimate

RELY, TENTATIVE = 0.8, 0.667  # Krippendorff (2019): rely on it; tentative conclusions only


def number(value: float | None, places: int = 2) -> str:
    """`.56`, `-.12`, `1.00`; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    short = text.replace("0.", ".", 1) if abs(float(text)) < 1 else text
    return short.replace("-", "−")


def signed(value: float | None, places: int = 2) -> str:
    """With its sign, and a zero before the point: for differences in levels."""
    if value is None:
        return "–"
    text = f"{value:+.{places}f}"
    return (f"{0:.{places}f}" if float(text) == 0 else text).replace("-", "−")


def percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def bracket(low: float | None, high: float | None, *, confidence: float = 0.95) -> str:
    """`95% CI [.47, .65]`, empty where there is none."""
    return "" if low is None or high is None else f"{confidence:.0%} CI [{number(low)}, {number(high)}]"


def apa(label: str, found: Agreement) -> str:
    """`Krippendorff's α, ordinal = .56, 95% CI [.47, .65], n = 103 units, 6 raters`, or why there is none."""
    if found.value is None:
        return f"{label}: no value. {found.reason}"
    interval = bracket(found.low, found.high, confidence=found.confidence)
    parts = [f"{label} = {number(found.value)}", interval, f"n = {found.n_pairable} units with two or more scores"]
    return ", ".join(part for part in parts if part) + f", {found.n_raters} raters."


def read_alpha(found: Agreement) -> str:
    """What the interval of α allows one to say."""
    if found.value is None:
        return found.reason or ""
    if found.low is None or found.high is None:
        return f"No interval: {found.interval_reason}"
    if found.low >= RELY:
        return "The whole interval is at or above .800: scores can be relied on."
    if found.low >= TENTATIVE:
        return "The whole interval is at or above .667: enough for tentative conclusions."
    if found.high < TENTATIVE:
        return "The whole interval is below .667: too little even for tentative conclusions."
    said = ".800" if found.value >= RELY else ".667"
    where = "above" if found.value >= TENTATIVE else "below"
    return f"The point is {where} {said} but the interval is too wide to tell: more double reads are needed."


def readings(study: Study) -> tuple[tuple[str, str], ...]:
    """What α allows one to say of each criterion, criteria of one reading together: (their names, the reading)."""
    together: dict[str, list[str]] = {}
    for block in study.blocks:
        together.setdefault(read_alpha(block.figure("alpha_ordinal")), []).append(block.name)
    return tuple((", ".join(names), reading) for reading, names in together.items())


def lead(study: Study) -> tuple[str, ...]:
    """The answer in a few sentences, for someone who reads nothing else."""
    block = study.blocks[0]
    alpha, exact, near = block.figure("alpha_ordinal"), block.figure("exact"), block.figure("within_one")
    double = sum(n for raters, n in study.read_by if raters >= 2)
    said = [
        f"{double} of {len(study.submissions)} submissions were scored by two or more of {len(study.raters)} raters, "
        f"on {_count(len(study.criteria), 'criterion', 'criteria')}."
    ]
    if exact.value is None:
        return (*said, f"Agreement cannot be computed: {exact.reason}")
    said.append(
        f"Two raters gave the same level {percent(exact.value)} of the time, and were within one level "
        f"{percent(near.value)} of the time."
    )
    if alpha.value is None:
        said.append(f"Agreement beyond chance has no value: {alpha.reason}")
    else:
        said.append(
            f"Beyond what chance would give, agreement is α = {number(alpha.value)}"
            + (f" ({bracket(alpha.low, alpha.high)})" if alpha.low is not None else "")
            + f". {read_alpha(alpha)}"
        )
    return (*said, *_weakest(study), *_severest(study))


def _weakest(study: Study) -> tuple[str, ...]:
    """Named only where the intervals of the two do not meet: the least of several noisy figures is always low."""
    rated = [(block.figure("alpha_ordinal"), block.name) for block in study.blocks[1:]]
    known = sorted((found.value, place) for place, (found, _) in enumerate(rated) if found.value is not None)
    if len(known) < 2:
        return ()
    (low, low_name), (high, high_name) = rated[known[0][1]], rated[known[-1][1]]
    if low.high is None or high.low is None or low.high >= high.low:
        return ("The criteria do not differ in agreement by more than these numbers can tell.",)
    return (f"Raters agree least on {low_name} (α = {number(low.value)}), most on {high_name} ({number(high.value)}).",)


def _severest(study: Study) -> tuple[str, ...]:
    known = sorted(
        (rater.points, study.raters[rater.rater]) for rater in study.severity.raters if rater.points is not None
    )
    if len(known) < 2:
        return ()
    (mild, mildest), (harsh, harshest) = known[0], known[-1]
    gap = harsh - mild
    if study.severity.homogeneity_p is not None and study.severity.homogeneity_p > 0.05:
        return ("The raters do not differ in severity by more than chance would have it.",)
    return (f"{harshest} is the most severe and {mildest} the most lenient; they are {gap:.1f} levels apart.",)


ABOUT = {
    "exact": "Share of pairs of raters who gave the very same level. Easy to read, but not corrected for chance.",
    "within_one": "Share of pairs at most one level apart. On a short scale chance alone makes this high.",
    "alpha_ordinal": "Agreement beyond chance for ordered levels, any number of raters, missing scores allowed. "
    "1 is perfect, 0 what chance gives. The usual choice; custom asks .800, or .667 for tentative conclusions.",
    "alpha_interval": "The same, taking the steps between levels as equal.",
    "alpha_nominal": "The same, taking any two different levels as equally different.",
    "ac2_quadratic": "Agreement beyond chance that stays steady when most scores fall on one level. Usually higher "
    "than α, so compare it only with other AC2 values. It has no agreed cut-off.",
    "ac1": "The same, without credit for near misses.",
    "kappa_quadratic": "Agreement beyond chance, a miss by two levels counting four times a miss by one. For "
    "comparison with automated scoring, where .70 is often asked.",
    "kappa": "The same, without credit for near misses.",
    "fleiss_quadratic": "Taking all raters to use the levels equally often. For comparison with older work.",
    "fleiss": "The same, without credit for near misses.",
    "brennan_prediger_quadratic": "Taking chance to hit every level equally.",
    "scott": "Two raters with shared marginals. For comparison with older work.",
    "light_quadratic": "The mean κ of all pairs of raters. For comparison with older work.",
}


def read_influence(found: Influence | None, reason: str | None) -> tuple[str, ...]:
    """What suggestions did, in sentences; `reason` where it cannot be told."""
    if found is None:
        return (reason,) if reason else ()
    said = [
        f"{found.n_assisted} scores were given with suggestions in view and {found.n_without} without, on "
        f"{found.n_submissions} submissions.",
        _shift("Read both ways, submissions are scored", found.paired_shift),
        _slope(found.slope_change),
    ]
    said += [needed.text for needed in found.power]
    return tuple(said)


def _shift(start: str, shift: Estimate) -> str:
    if shift.value is None or shift.low is None or shift.high is None:
        return f"The shift in levels has no value or interval: {shift.reason}"
    where = "higher" if shift.value > 0 else "lower"
    sure = "" if shift.low > 0 or shift.high < 0 else ", which may be chance"
    return (
        f"{start} {abs(shift.value):.2f} levels {where} with suggestions (95% CI "
        f"[{signed(shift.low)}, {signed(shift.high)}]){sure}."
    )


def _slope(change: Estimate) -> str:
    if change.value is None or change.low is None or change.high is None:
        return f"Whether scores follow the machine more closely cannot be told: {change.reason}"
    interval = f"change of slope {signed(change.value)}, 95% CI [{signed(change.low)}, {signed(change.high)}]"
    if change.low > 0:
        return f"With suggestions in view, scores follow the machine's signal more closely ({interval})."
    if change.high < 0:
        return f"With suggestions in view, scores follow the machine's signal less closely ({interval})."
    return f"No sign that scores follow the machine's signal more closely with suggestions in view ({interval})."


def plans_in_words(study: Study) -> str:
    """How many raters a dependable score needs."""
    plans = study.plans
    if plans.raters_for_dependability is not None:
        n = plans.raters_for_dependability
        return (
            f"A submission's mean score is dependable (Φ ≥ {number(plans.target, 1)}) when "
            f"{_count(n, 'rater', 'raters')} like these score it."
        )
    return (
        plans.reason or f"No number of raters up to 10 makes a mean score dependable (Φ ≥ {number(plans.target, 1)})."
    )


def _count(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"
