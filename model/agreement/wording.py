"""Every figure in words: one sentence to paste into a paper, and one that says what it means.

Numbers follow the APA's style: no zero before the point where a value cannot exceed 1, two decimals.
"""

from dataclasses import dataclass
from functools import singledispatch

from model.agreement.result import Agreement
from model.agreement.severity.drift import Drift
from model.agreement.severity.rasch import Rasch
from model.agreement.timeline.evidence import EvidenceAgreement, Figure
from model.agreement.timeline.gamma import Gamma
from model.agreement.timeline.missed import Missed
from model.agreement.variance.generalizability import DStudy, GStudy
from model.agreement.variance.icc import Icc

_DOMINANT = 0.8  # share of ratings in one category beyond which kappa-like figures turn unsteady
_SYMBOLS = {
    "Krippendorff's alpha": "α",
    "Cohen's kappa": "κ",
    "Fleiss' kappa": "κ",
    "Conger's kappa": "κ",
    "Light's kappa": "κ",
    "Scott's pi": "π",
    "Brennan-Prediger kappa": "κ",
}
_WEIGHTS = {
    "identity": "unweighted",
    "linear": "linear weights",
    "quadratic": "quadratic weights",
    "gwet_ordinal": "Gwet's ordinal weights",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """apa: a sentence for a paper. plain: what it means, for anyone."""

    apa: str
    plain: str


def decimal(value: float, *, bounded: bool = True) -> str:
    """Two decimals, without the zero before the point when the value is bounded by 1: .82, -.05, 1.00."""
    text = f"{value:.2f}"
    if text == "-0.00":
        text = "0.00"
    if bounded and text.startswith(("0.", "-0.")):
        text = text.replace("0.", ".", 1)
    return text.replace("-", "−")


def percent(value: float) -> str:
    """A share as whole percent; never 0 or 100 unless it is."""
    rounded = round(100 * value)
    if rounded == 0 and value > 0:
        return "under 1%"
    if rounded == 100 and value < 1:
        return "over 99%"
    return f"{rounded}%"


def bounds(low: float | None, high: float | None, confidence: float, *, bounded: bool = True) -> str:
    """ ", 95% CI [.70, .94]", or nothing where there is no interval."""
    if low is None or high is None:
        return ""
    return f", {round(100 * confidence)}% CI [{decimal(low, bounded=bounded)}, {decimal(high, bounded=bounded)}]"


def count(number: int, noun: str) -> str:
    """ "1 unit", "12 units"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@singledispatch
def reading(result: object) -> Reading:
    """The two sentences for a result of this package.

    Raises:
        TypeError: the object is not one of its results.
    """
    raise TypeError(f"There are no words for {type(result).__name__}.")


@reading.register
def _(result: Agreement) -> Reading:
    basis = _basis(result.n_units, result.n_pairable, result.n_raters, result.n_missing)
    name = _agreement_name(result)
    raw = "" if result.percent_agreement is None else f"; exact agreement {percent(result.percent_agreement)}"
    if result.value is None:
        return Reading(apa=f"{name} is undefined ({basis}{raw}).", plain=result.reason or "")
    interval = bounds(result.low, result.high, result.confidence)
    about = f", about {result.estimand}" if interval else ""
    if result.coefficient == "Percent agreement":
        if result.low is not None and result.high is not None:
            level = round(100 * result.confidence)
            interval = f", {level}% CI [{percent(result.low)}, {percent(result.high)}]"
        apa = f"{name} = {percent(result.value)}{interval}{about} ({basis})."
        return Reading(apa=apa, plain=_percent_plain(result))
    apa = f"{name}, {_symbol(result)} = {decimal(result.value)}{interval}{about} ({basis}{raw})."
    return Reading(apa=apa, plain=" ".join([_chance(result.value), *_judgement(result), *_dominance(result)]))


def _agreement_name(result: Agreement) -> str:
    how = _WEIGHTS.get(result.weights, result.weights)
    plain_percent = result.coefficient == "Percent agreement" and result.weights == "identity"
    return result.coefficient if plain_percent else f"{result.coefficient} ({how})"


def _symbol(result: Agreement) -> str:
    if result.coefficient.startswith("Gwet"):
        return "AC₁" if result.weights == "identity" else "AC₂"
    return _SYMBOLS.get(result.coefficient, "κ")


def _basis(n_units: int, n_pairable: int, n_raters: int, n_missing: int) -> str:
    some = "" if n_pairable == n_units else f", {n_pairable:,} with two ratings or more"
    gaps = f", {count(n_missing, 'rating')} missing" if n_missing else ""
    return f"{count(n_units, 'unit')}{some}, {count(n_raters, 'rater')}{gaps}"


def _chance(value: float) -> str:
    if value >= 1.0 - 1e-12:
        return "The raters agree perfectly."
    if value < 0.0:
        return "The raters disagree more than chance alone would make them."
    if value < 0.005:
        return "The raters agree as much as chance alone would make them."
    return f"The raters disagree {percent(1.0 - value)} as much as chance alone would make them."


def _percent_plain(result: Agreement) -> str:
    if result.weights == "identity":
        what = "give exactly the same level"
    elif result.weights.startswith("within"):
        what = f"give levels at most {result.weights.removeprefix('within ')} apart"
    else:
        return f"Pairs of raters earn {percent(result.value or 0.0)} of the credit that {result.weights} weights give."
    return (
        f"Two raters {what} {percent(result.value or 0.0)} of the time. Chance is not taken out: with few levels in "
        "use much of this would happen anyway."
    )


def _judgement(result: Agreement) -> list[str]:
    """A rule of thumb on the interval, never on the point; thresholds for alpha only, where they are widely used."""
    if result.low is not None and result.high is not None and result.low <= 0.0 <= result.high:
        return ["The interval includes 0: agreement by chance alone is not ruled out."]
    if result.coefficient != "Krippendorff's alpha":
        return []
    return [_against_krippendorffs_marks(result.low, result.high)]


def _against_krippendorffs_marks(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "Without an interval it should not be held against a threshold."
    if low >= 0.8:
        return "The whole interval lies above .80, Krippendorff's mark for relying on the scores."
    if low >= 0.667:
        return "The whole interval lies above .667, Krippendorff's mark for tentative conclusions, not all above .80."
    if high < 0.667:
        return "The whole interval lies below .667, Krippendorff's mark for tentative conclusions."
    return (
        "The interval reaches below .667, Krippendorff's mark for tentative conclusions: these data do not settle it."
    )


def _dominance(result: Agreement) -> list[str]:
    total = sum(result.category_counts)
    if not total:
        return []
    most = max(result.category_counts)
    if most < _DOMINANT * total or result.coefficient.startswith(("Gwet", "Brennan", "Percent")):
        return []
    label = result.categories[result.category_counts.index(most)]
    return [
        f"{percent(most / total)} of the ratings are {label}; where one level dominates, this figure can be low "
        "although raters mostly agree. Gwet's AC, beside it, is steadier there."
    ]


@reading.register
def _(result: Icc) -> Reading:
    basis = _basis(result.n_units, result.n_pairable, result.n_raters, result.n_missing)
    if result.value is None:
        return Reading(apa=f"{result.form} is undefined ({basis}).", plain=result.reason or "")
    interval = bounds(result.low, result.high, result.confidence)
    apa = f"{result.form} = {decimal(result.value)}{interval}, about {result.estimand} ({basis}; {result.estimator})."
    whose = "one rater's scores" if result.form.endswith("1)") else f"mean scores of {count(result.k, 'rater')}"
    leaving = " once differences in severity are set aside" if result.form.startswith("ICC(3") else ""
    share = percent(min(1.0, max(0.0, result.value)))
    plain = f"About {share} of the variance of {whose} is difference between units{leaving}; the rest is the raters'."
    return Reading(apa=apa, plain=" ".join([plain, *_koo_li(result)]))


def _koo_li(result: Icc) -> list[str]:
    if result.low is None or result.high is None:
        return []
    words = [_icc_word(result.low), _icc_word(result.high)]
    spoken = words[0] if words[0] == words[1] else f"{words[0]} to {words[1]}"
    return [f"By Koo and Li's (2016) words the interval reads {spoken}."]


def _icc_word(value: float) -> str:
    for limit, word in ((0.5, "poor"), (0.75, "moderate"), (0.9, "good")):
        if value < limit:
            return word
    return "excellent"


@reading.register
def _(result: GStudy) -> Reading:
    if result.reason is not None:
        return Reading(apa=f"The {result.design} generalizability study has no result.", plain=result.reason)
    parts = ", ".join(f"{one.effect} {decimal(one.estimate, bounded=False)}" for one in result.components)
    apa = f"Variance components of the {result.design} design: {parts} ({result.estimator})."
    largest = max(result.components, key=lambda one: one.share)
    units = next(one for one in result.components if one.effect == "p")
    plain = (
        f"{percent(units.share)} of the variance lies between units, which is what scores should show; the largest "
        f"part, {percent(largest.share)}, is {largest.effect}."
    )
    return Reading(apa=apa, plain=" ".join([plain, *result.notes]))


@reading.register
def _(result: DStudy) -> Reading:
    if not result.rows:
        return Reading(apa="The decision study has no result.", plain=result.reason or "")
    rows = "; ".join(
        f"{count(row.n_raters, 'rater')}: Φ = {_or_dash(row.dependability)}, Eρ² = {_or_dash(row.generalizability)}"
        for row in result.rows
    )
    if result.raters_for_dependability is None:
        return Reading(apa=f"{rows}.", plain=result.reason or "")
    needed = count(result.raters_for_dependability, "rater")
    return Reading(
        apa=f"{rows}.", plain=f"{needed} per unit would bring dependability (Φ) to {decimal(result.target)} or more."
    )


def _or_dash(value: float | None) -> str:
    return "–" if value is None else decimal(value)


@reading.register
def _(result: Rasch) -> Reading:
    basis = _basis(result.n_units, result.n_pairable, result.n_raters, result.n_missing)
    if result.reason is not None:
        return Reading(apa=f"The many-facet Rasch model was not fitted ({basis}).", plain=result.reason)
    placed = [one for one in result.raters if one.severity is not None and one.points is not None and not one.extreme]
    harsh, mild = (pick(placed, key=lambda one: one.severity or 0.0) for pick in (max, min))
    p = result.homogeneity_p or 0.0
    shown = "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)
    apa = (
        f"Many-facet Rasch model ({result.estimator}; {basis}): severities differ, χ²({result.homogeneity_df}) = "
        f"{decimal(result.homogeneity_chi2 or 0.0, bounded=False)}, {shown}, separation reliability "
        f"{decimal(result.separation_reliability or 0.0)}."
    )
    if p >= 0.05:
        apa = apa.replace("severities differ", "no difference in severity shown")
    gap = decimal((harsh.points or 0.0) - (mild.points or 0.0), bounded=False)
    plain = (
        f"The harshest rater (column {harsh.rater}) scores {gap} points below the mildest (column {mild.rater}) on the "
        "same work."
    )
    return Reading(apa=apa, plain=" ".join([plain, *result.notes]))


@reading.register
def _(result: Drift) -> Reading:
    if result.reason is not None:
        return Reading(apa="Drift was not estimated.", plain=result.reason)
    told = [one for one in result.raters if one.slope is not None]
    apa = "; ".join(
        f"rater {one.rater}: b = {_small(one.slope or 0.0)}, {round(100 * result.confidence)}% CI "
        f"[{_small(one.low or 0.0)}, {_small(one.high or 0.0)}]"
        for one in told
    )
    moving = [one for one in told if one.p_adjusted is not None and one.p_adjusted < 0.05]
    words = [f"rater {one.rater} grows {'harsher' if (one.slope or 0.0) > 0 else 'milder'}" for one in moving]
    found = (
        f"After allowing for how many raters were looked at, {', '.join(words)}." if words else "No rater shows drift."
    )
    untold = len(result.raters) - len(told)
    rest = [f"For {count(untold, 'rater')} there is too little to tell."] if untold else []
    lead = f"Severity per unit of time, {apa} ({result.method})." if told else "No rater's drift could be estimated."
    return Reading(apa=lead, plain=" ".join([found, *rest, result.against]))


def _small(value: float) -> str:
    return f"{value:.3f}".replace("-", "−")


@reading.register
def _(result: EvidenceAgreement) -> Reading:
    what = result.indicator or "all indicators"
    if result.f1.value is None:
        return Reading(
            apa=f"Agreement on evidence ({what}) is undefined.", plain=result.f1.reason or result.reason or ""
        )
    directed = "".join(
        f", {name} = {_figure(figure)}"
        for name, figure in (("precision", result.precision), ("recall", result.recall))
        if figure.value is not None
    )
    apa = (
        f"Evidence, {what}: F1 = {_figure(result.f1)}{directed} at temporal IoU ≥ {decimal(result.overlap)}; "
        f"time-bin κ ({result.bin_s:g} s) = {_figure(result.kappa_bins)}, continuous κ = "
        f"{_figure(result.kappa_continuous)} ({count(result.n_submissions, 'submission')}, {result.n_reference:,} and "
        f"{result.n_other:,} marks)."
    )
    within = next((point for point in reversed(result.curve) if point.f1.value is not None), None)
    looser = (
        f" With starts up to {within.tolerance_s:g} s apart it is {percent(within.f1.value or 0.0)}." if within else ""
    )
    plain = f"Of all marks, {percent(result.f1.value)} have a counterpart by the other rater at the same place.{looser}"
    return Reading(apa=apa, plain=plain)


def _figure(figure: Figure) -> str:
    if figure.value is None:
        return "undefined"
    interval = "" if figure.low is None or figure.high is None else f" [{decimal(figure.low)}, {decimal(figure.high)}]"
    return decimal(figure.value) + interval


@reading.register
def _(result: Gamma) -> Reading:
    what = result.indicator or "all indicators"
    if result.value is None:
        return Reading(apa=f"Gamma ({what}) is undefined.", plain=result.reason or "")
    interval = bounds(result.low, result.high, result.confidence)
    basis = f"{count(result.n_submissions, 'submission')}, seed {result.seed}"
    apa = f"γ ({what}) = {decimal(result.value)}{interval} ({basis})."
    return Reading(apa=apa, plain=" ".join([_chance(result.value), *result.notes]))


@reading.register
def _(result: Missed) -> Reading:
    if result.total is None:
        return Reading(apa=f"Missed moments ({result.indicator}): not estimated.", plain=result.reason or "")
    level = round(100 * result.confidence)
    windows = count(result.n_windows, "audit window")
    rate = (
        f"{result.per_hour or 0.0:.1f} an hour of unflagged time, {level}% CI "
        f"[{result.per_hour_low or 0.0:.1f}, {result.per_hour_high or 0.0:.1f}]"
    )
    if result.share is None or result.share_low is None or result.share_high is None:
        return Reading(apa=f"Missed moments ({result.indicator}): {rate} ({windows}).", plain=result.reason or "")
    apa = (
        f"Missed moments ({result.indicator}): {percent(result.share)} of all, {level}% CI "
        f"[{percent(result.share_low)}, {percent(result.share_high)}], {rate} ({windows}, {result.n_found} found; "
        f"about {result.target})."
    )
    plain = (
        f"Of every 100 such moments, {round(100 * result.share)} were not pointed at; it could be anything from "
        f"{round(100 * result.share_low)} to {round(100 * result.share_high)}."
    )
    return Reading(apa=apa, plain=plain)
