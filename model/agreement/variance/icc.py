"""Intraclass correlations: the six forms of Shrout & Fleiss (1979) and McGraw & Wong (1996)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
import scipy.special

from model.agreement.chance.intervals import t_quantile
from model.agreement.ratings import Floats, RatingsInvalid, RatingsLike
from model.agreement.result import Estimand
from model.agreement.variance.components import reml
from model.agreement.variance.scores import ScoreTable, read_scores

FORMS = ("ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)")
_MEANS = {
    "ICC(1,1)": "one-way, single rater: every unit has its own raters",
    "ICC(2,1)": "two-way random, absolute agreement, single rater; McGraw & Wong's ICC(A,1)",
    "ICC(3,1)": "two-way, consistency, single rater: severity does not count; McGraw & Wong's ICC(C,1)",
    "ICC(1,k)": "one-way, mean of k raters",
    "ICC(2,k)": "two-way random, absolute agreement, mean of k raters; McGraw & Wong's ICC(A,k)",
    "ICC(3,k)": "two-way, consistency, mean of k raters; McGraw & Wong's ICC(C,k)",
}
NO_VARIATION = "Nothing but the raters' severity varies here, so there is no ratio to form."
NO_F = "One of the two mean squares behind the interval is zero, so the F distribution has nothing to say."
EQUAL_MEANS = (
    "The units' mean scores hardly differ, so the reliability of a mean, a ratio to that difference, has no bound."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IccForm:
    """One form. `low`, `high`: F interval (exact for complete normal data, approximate with missing scores)."""

    form: str
    meaning: str
    estimand: Estimand  # ICC(3,·) is about these raters; the others about raters like these
    value: float | None
    reason: str | None
    low: float | None = None
    high: float | None = None
    f: float | None = None
    df1: float | None = None
    df2: float | None = None
    interval_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Icc:
    """The form asked for at the top level, all six in `forms`.

    k: raters whose mean the (·,k) forms are about. estimator: ANOVA mean squares (values may be negative) or, with
    missing scores, REML variance components (never negative).
    """

    coefficient: str
    form: str
    value: float | None
    reason: str | None
    percent_agreement: float | None
    n_units: int
    n_pairable: int
    n_raters: int
    n_missing: int
    n_clusters: int
    k: int
    estimator: str | None
    estimand: Estimand
    se: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    method: str | None = None
    interval_reason: str | None = None
    forms: tuple[IccForm, ...] = ()
    notes: tuple[str, ...] = ()


class Squares(NamedTuple):
    """Mean squares with the sizes and degrees of freedom their expectations rest on."""

    units: float
    within: float  # one-way residual
    raters: float
    residual: float
    n: float  # units (with missing scores: harmonic mean of scores per rater)
    k: float  # scores per unit (with missing scores: harmonic mean)
    df_units: float
    df_within: float
    df_raters: float
    df_residual: float


def icc(
    ratings: RatingsLike,
    *,
    form: str = "ICC(2,1)",
    categories: Iterable[Any] | None = None,
    k: int | None = None,
    interval: Literal["recommended", "F", "jackknife"] | None = "recommended",
    confidence: float = 0.95,
    clusters: Sequence[Any] | Any | None = None,
) -> Icc:
    """Intraclass correlation of scores of shape (n_units, n_raters).

    form: "ICC(2,1)" and so on; also "ICC2", "ICC2k", "ICC(A,1)", "ICC(C,k)" as written elsewhere.
    categories: optional; when given, other values are refused. k: raters behind a mean score, default all columns.
    interval: "F" (McGraw & Wong 1996, tables 7 and 8), "jackknife" over clusters, or "recommended": F, but the
    jackknife when `clusters` are given, since F takes units for independent.

    Complete scores: mean squares. Missing scores: variance components by REML, one-way for ICC(1,·) and units x
    raters for ICC(2,·) and ICC(3,·); nothing is dropped listwise. Undefined as everywhere here: nothing pairable, one
    unit, one value.

    Raises:
        RatingsInvalid: unreadable scores, an unknown form, interval or confidence.
    """
    name = _form_name(form)
    if interval not in {None, "recommended", "F", "jackknife"} or not 0.0 < confidence < 1.0:
        raise RatingsInvalid(
            f"interval={interval!r}, confidence={confidence!r} is not on offer.",
            "Use recommended, F, jackknife or None, and a confidence between 0 and 1.",
        )
    table = read_scores(ratings, categories=categories, clusters=clusters)
    averaged = k or table.scores.shape[1]
    forms = _all_forms(table, averaged, confidence)
    if interval is None:
        forms = tuple(replace(one, low=None, high=None) for one in forms)
    chosen = next(one for one in forms if one.form == name)
    found = Icc(
        coefficient=f"Intraclass correlation {name}",
        form=name,
        value=chosen.value,
        reason=chosen.reason,
        percent_agreement=table.percent_agreement(),
        n_units=len(table.scores),
        n_pairable=int((table.rated >= 2).sum()),
        n_raters=table.scores.shape[1],
        n_missing=int(np.isnan(table.scores).sum()),
        n_clusters=len(np.unique(table.clusters)),
        k=averaged,
        estimator="ANOVA mean squares" if table.complete else "REML variance components",
        estimand=chosen.estimand,
        low=chosen.low,
        high=chosen.high,
        confidence=confidence,
        method=_f_method(table) if chosen.high is not None else None,
        interval_reason=chosen.interval_reason if interval is not None else None,
        forms=forms,
    )
    clustered = interval == "jackknife" or (interval == "recommended" and found.n_clusters < found.n_units)
    return _jackknifed(found, table) if clustered and found.value is not None else found


def _form_name(form: str) -> str:
    """The canonical name of a form written in any of the usual ways."""
    text = form.upper().replace(" ", "").replace("_", "").replace("(", "").replace(")", "").replace(",", "")
    text = text.removeprefix("ICC").replace("A", "2").replace("C", "3")
    single = {"1": "11", "2": "21", "3": "31", "1K": "1K", "2K": "2K", "3K": "3K"}.get(text, text)
    if len(single) == 2 and single[0] in "123" and single[1] in "1K":
        return f"ICC({single[0]},{single[1].lower()})"
    raise RatingsInvalid(f"There is no intraclass correlation called {form!r}.", f"Use one of {', '.join(FORMS)}.")


def _all_forms(table: ScoreTable, k: int, confidence: float) -> tuple[IccForm, ...]:
    reason = table.undefined_because()
    if reason is not None:
        return tuple(_form(name, None, reason) for name in FORMS)
    scores = table.scores[table.rated >= 1]
    squares = _mean_squares(scores) if table.complete else _from_components(scores)
    return tuple(_one_form(name, squares, k, confidence) for name in FORMS)


def _form(name: str, value: float | None, reason: str | None) -> IccForm:
    estimand: Estimand = "these raters" if name.startswith("ICC(3") else "raters like these"
    return IccForm(form=name, meaning=_MEANS[name], estimand=estimand, value=value, reason=reason)


def _mean_squares(scores: Floats) -> Squares:
    n, k = scores.shape
    unit_means, rater_means, mean = scores.mean(axis=1), scores.mean(axis=0), scores.mean()
    units = k * float(((unit_means - mean) ** 2).sum()) / (n - 1)
    raters = n * float(((rater_means - mean) ** 2).sum()) / (k - 1)
    rest = scores - unit_means[:, None] - rater_means + mean
    residual = float((rest**2).sum()) / ((n - 1) * (k - 1))
    within = float(((scores - unit_means[:, None]) ** 2).sum()) / (n * (k - 1))
    return Squares(
        _clean(units, scores), _clean(within, scores), _clean(raters, scores), _clean(residual, scores),
        n, k, n - 1, n * (k - 1), k - 1, (n - 1) * (k - 1),
    )  # fmt: skip


def _clean(square: float, scores: Floats) -> float:
    """Rounding left where the exact mean square is zero would otherwise decide a ratio."""
    return 0.0 if square < 1e-13 * max(1.0, float(np.abs(scores).max()) ** 2) * scores.size else square


def _from_components(scores: Floats) -> Squares:
    """Mean squares a balanced study with the same components and harmonic mean sizes would have.

    With k̃ scores per unit and ñ per rater: units σe² + k̃ σp², raters σe² + ñ σr². The values of the forms depend on
    the components alone; only the intervals use k̃ and ñ, with error df N - n (one-way) and N - n - r + 1.
    """
    two_way, one_way = reml(scores, raters=True), reml(scores, raters=False)
    present = ~np.isnan(scores)
    per_unit, per_rater = present.sum(axis=1), present.sum(axis=0)
    k = len(per_unit) / float((1.0 / per_unit).sum())
    given = per_rater[per_rater > 0]
    n = len(given) / float((1.0 / given).sum())
    total, units, raters = float(present.sum()), len(per_unit), len(given)
    return Squares(
        units=two_way.residual + k * two_way.units,
        # one-way: scaled so that its ratio to `units` carries the one-way components
        within=(two_way.residual + k * two_way.units) * one_way.residual / (one_way.residual + k * one_way.units),
        raters=two_way.residual + n * two_way.raters,
        residual=two_way.residual,
        n=n,
        k=k,
        df_units=units - 1,
        df_within=max(total - units, 1.0),
        df_raters=max(raters - 1, 1),
        df_residual=max(total - units - raters + 1, 1.0),
    )


def _one_form(name: str, squares: Squares, k: int, confidence: float) -> IccForm:
    single, low, high, f, df2 = _single(name[4], squares, confidence)
    if single is None:
        return _form(name, None, NO_VARIATION)
    if name[6] == "k":
        stepped = _step_up(single, k)
        if stepped is None:
            return _form(name, None, EQUAL_MEANS)
        single, low, high = stepped, _step_up(low, k), _step_up(high, k)
    bounded = low is not None or high is not None
    found = _form(name, single, None)
    return replace(
        found, low=low, high=high, f=f, df1=squares.df_units, df2=df2, interval_reason=None if bounded else NO_F
    )


def _single(
    kind: str, squares: Squares, confidence: float
) -> tuple[float | None, float | None, float | None, float | None, float | None]:
    """Value, low, high, F and its second df of a single-rater form."""
    if kind == "2":
        return _absolute(squares, confidence)
    error, df2 = (squares.within, squares.df_within) if kind == "1" else (squares.residual, squares.df_residual)
    below = squares.units + (squares.k - 1.0) * error
    if below <= 0.0:
        return None, None, None, None, None
    value = (squares.units - error) / below
    if error == 0.0 or squares.units == 0.0:
        return value, None, None, None, df2
    f = squares.units / error
    lower = f / _f_quantile(confidence, squares.df_units, df2)
    upper = f * _f_quantile(confidence, df2, squares.df_units)
    return value, _ratio(lower, squares.k), _ratio(upper, squares.k), f, df2


def _ratio(f: float, k: float) -> float:
    return (f - 1.0) / (f + k - 1.0)


def _absolute(
    s: Squares, confidence: float
) -> tuple[float | None, float | None, float | None, float | None, float | None]:
    """ICC(2,1) with McGraw & Wong's (1996) interval through Satterthwaite's degrees of freedom."""
    below = s.units + (s.k - 1.0) * s.residual + s.k * (s.raters - s.residual) / s.n
    if below <= 0.0:
        return None, None, None, None, None
    value = (s.units - s.residual) / below
    if s.residual == 0.0 or s.units == 0.0:
        return value, None, None, None, s.df_residual
    f = s.units / s.residual
    a = s.k * value / (s.n * (1.0 - value))
    b = 1.0 + s.k * value * (s.n - 1.0) / (s.n * (1.0 - value))
    spread = (a * s.raters) ** 2 / s.df_raters + (b * s.residual) ** 2 / s.df_residual
    df = (a * s.raters + b * s.residual) ** 2 / spread
    lower, upper = _f_quantile(confidence, s.df_units, df), _f_quantile(confidence, df, s.df_units)
    other = s.k * s.raters + (s.k * s.n - s.k - s.n) * s.residual
    low = s.n * (s.units - lower * s.residual) / (lower * other + s.n * s.units)
    high = s.n * (upper * s.units - s.residual) / (other + s.n * upper * s.units)
    return value, max(low, -1.0 / (s.k - 1.0)), high, f, s.df_residual


def _step_up(single: float | None, k: int) -> float | None:
    """Spearman-Brown: k ρ / (1 + (k - 1) ρ); None where the mean's variance would be zero or negative."""
    if single is None:
        return None
    below = 1.0 + (k - 1) * single
    return k * single / below if below > 1e-9 else None


def _f_quantile(confidence: float, df1: float, df2: float) -> float:
    return float(scipy.special.fdtri(df1, df2, 0.5 + confidence / 2.0))


def _f_method(table: ScoreTable) -> str:
    n = int((table.rated >= 1).sum())
    if table.complete:
        return f"F distribution (McGraw & Wong 1996), {n} units"
    return f"approximate F distribution on harmonic mean numbers of scores, {n} units"


def _jackknifed(found: Icc, table: ScoreTable) -> Icc:
    """Leave out one cluster at a time, on the scale of log((1 + (k-1)ρ)/(1-ρ)) for single and log(1/(1-ρ)) for mean
    forms (Fisher's transformation), on which the coefficient is closer to normal."""
    raters = found.k if found.form.endswith("1)") else 1
    kept = [c for c in np.unique(table.clusters) if (table.rated[table.clusters == c] >= 1).any()]
    values = []
    for cluster in kept:
        rest = table.clusters != cluster
        part = ScoreTable(scores=table.scores[rest], clusters=table.clusters[rest])
        one = next(f for f in _all_forms(part, found.k, found.confidence) if f.form == found.form)
        values.append(_fisher(one.value, raters))
    centre = _fisher(found.value, raters)
    plain = replace(found, low=None, high=None, method=None, interval_reason=None)
    if len(kept) < 2 or centre is None or None in values:
        return replace(plain, interval_reason="Leaving out one submission leaves no coefficient to compare with.")
    n, z = len(kept), np.array(values, dtype=np.float64)
    se = math.sqrt((n - 1) / n * float(((z - z.mean()) ** 2).sum()))
    half = t_quantile(found.confidence, n - 1) * se
    return replace(
        plain,
        se=se * _fisher_slope(found.value or 0.0, raters),
        low=_unfisher(centre - half, raters),
        high=_unfisher(centre + half, raters),
        method=f"delete-one jackknife over {n} clusters on Fisher's scale, t with {n - 1} df",
    )


def _fisher(value: float | None, k: int) -> float | None:
    if value is None or value >= 1.0 or 1.0 + (k - 1) * value <= 0.0:
        return None
    return math.log((1.0 + (k - 1) * value) / (1.0 - value))


def _unfisher(z: float, k: int) -> float:
    return (math.exp(z) - 1.0) / (math.exp(z) + k - 1.0)


def _fisher_slope(value: float, k: int) -> float:
    """dρ/dz, which carries a standard error back from Fisher's scale."""
    return (1.0 + (k - 1) * value) * (1.0 - value) / k
