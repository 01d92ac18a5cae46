"""Standard errors and intervals of anything that depends on the ratings through per-unit sums."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypedDict, get_args

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.special

from model.agreement.chance.estimators import Differentiable, Estimator, Features, total, value_of
from model.agreement.ratings import Floats, RatingsInvalid, RatingTable
from model.agreement.result import Estimand, Interval

Method: TypeAlias = Literal["recommended", "analytic", "jackknife", "bootstrap", "bootstrap-t"]
_CHUNK_CELLS = 2_500_000  # resampling weights held at once: 20 MB
_WORKING_COPIES = 4  # arrays the size of the totals that a coefficient needs while it is computed
_WIDEST = 128  # features a bootstrap-t can take: it needs their products
_NO_SPREAD = 1e-12
_OVERFLOW = 700.0  # exp() of more is not a float
NO_SPREAD = "Every submission shows the same agreement, so nothing tells how agreement varies between submissions."
PERFECT = "The raters agree perfectly, so these submissions cannot show how agreement varies."
_UNDEFINED_LIMIT = 0.05  # above this share of undefined resamples the percentiles describe something else


class Asked(TypedDict, total=False):
    """How uncertainty is wanted; every coefficient takes these as keywords.

    interval: None (no interval), "recommended", "analytic", "jackknife", "bootstrap" or "bootstrap-t".
    confidence: of the interval, in (0, 1); default 0.95.
    estimand: "these raters" (the raters are fixed, other submissions could have been drawn) or "raters like these".
    clusters: shape (n_units,), the submission each unit belongs to; default every unit its own.
    resamples, seed: for the bootstrap; 2,000 and 0. The same seed gives the same interval.
    """

    interval: Method | None
    confidence: float
    estimand: Estimand
    clusters: Sequence[Any] | npt.ArrayLike | None
    resamples: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The checked form of `Asked`."""

    interval: Method | None
    confidence: float
    estimand: Estimand
    resamples: int
    seed: int


def read_wish(asked: Asked) -> Wish:
    """Defaults filled in and names checked.

    Raises:
        RatingsInvalid: an unknown interval or estimand, a confidence outside (0, 1) or fewer than 100 resamples.
    """
    interval, estimand = asked.get("interval"), asked.get("estimand", "these raters")
    if interval is not None and interval not in get_args(Method):
        raise RatingsInvalid(
            f"There is no interval called {interval!r}.", f"Use one of {', '.join(get_args(Method))}, or None."
        )
    if estimand not in get_args(Estimand):
        raise RatingsInvalid(f"There is no estimand called {estimand!r}.", f"Use {' or '.join(get_args(Estimand))}.")
    confidence, resamples = asked.get("confidence", 0.95), asked.get("resamples", 2000)
    if not 0.0 < confidence < 1.0:
        raise RatingsInvalid(f"A confidence of {confidence} is not between 0 and 1.", "Use for example 0.95.")
    if resamples < 100:
        raise RatingsInvalid(f"{resamples} resamples are too few for an interval.", "Use 1,000 or more.")
    return Wish(
        interval=interval, confidence=confidence, estimand=estimand, resamples=resamples, seed=asked.get("seed", 0)
    )


def t_quantile(confidence: float, df: float) -> float:
    """Two-sided quantile of Student's t."""
    return float(scipy.special.stdtrit(df, 0.5 + confidence / 2.0))


def by_cluster(features: Features, clusters: npt.NDArray[np.int64]) -> Features:
    """Sum of the features of every cluster, shape (n_clusters, d)."""
    n_clusters = int(clusters.max()) + 1 if len(clusters) else 0
    if n_clusters == len(clusters) and (clusters == np.arange(n_clusters)).all():
        return features
    member = scipy.sparse.csr_array(
        (np.ones(len(clusters)), (clusters, np.arange(len(clusters)))), shape=(n_clusters, len(clusters))
    )
    summed = member @ features
    return scipy.sparse.csr_array(summed) if scipy.sparse.issparse(summed) else np.asarray(summed)


# --- analytic ---------------------------------------------------------------------------------------------------


def analytic(estimator: Differentiable, table: RatingTable, wish: Wish) -> Interval:
    """Linearised standard error, summed within clusters, with Student's t.

    With every unit its own cluster this is Gwet's variance: Σ (z_u - mean)² / (n (n - 1)), z_u = n · gradient · f_u.
    """
    sums = total(estimator.features)
    moved = by_cluster(estimator.features, table.clusters) @ estimator.gradient(sums)
    n = len(moved)
    se = math.sqrt(n / (n - 1) * float(((moved - moved.mean()) ** 2).sum()))
    value = float(value_of(estimator.disagreement(sums)))
    return around(value, se, n - 1, wish, f"linearised standard error over {n} clusters, t with {n - 1} df")


def around(value: float, se: float, df: float, wish: Wish, method: str) -> Interval:
    """value ± t · se, never above 1, which no coefficient can exceed."""
    if se < _NO_SPREAD:
        return Interval(confidence=wish.confidence, reason=NO_SPREAD)
    half = t_quantile(wish.confidence, df) * se
    return Interval(se=se, low=value - half, high=min(1.0, value + half), confidence=wish.confidence, method=method)


def all_or_none(estimator: Estimator, table: RatingTable, wish: Wish) -> Interval:
    """Percent agreement of exactly 0 or 1: Clopper-Pearson with each cluster one trial, as none of them varies."""
    value = float(value_of(estimator.disagreement(total(estimator.features))))
    if min(value, 1.0 - value) > _NO_SPREAD:
        return Interval(confidence=wish.confidence, reason=NO_SPREAD)
    n = len(np.unique(table.clusters[table.rated >= 2]))
    reach = 1.0 - ((1.0 - wish.confidence) / 2.0) ** (1.0 / n)
    return Interval(
        se=0.0,
        low=1.0 - reach if value > 0.5 else 0.0,
        high=1.0 if value > 0.5 else reach,
        confidence=wish.confidence,
        method=f"Clopper-Pearson over {n} clusters, all of which agree alike",
    )


# --- jackknife --------------------------------------------------------------------------------------------------


def jackknife(estimator: Estimator, table: RatingTable, wish: Wish) -> Interval:
    """Leave out one cluster at a time; se² = (n - 1)/n Σ (v_c - mean v)² (Efron & Tibshirani 1993, ch. 11)."""
    clusters = by_cluster(estimator.features, table.clusters)
    sums = total(estimator.features)
    n = int(clusters.shape[0])
    values = np.concatenate(
        [value_of(estimator.disagreement(sums - part)) for part in _dense_rows(clusters)] or [np.empty(0)]
    )
    if np.isnan(values).any():
        return Interval(
            confidence=wish.confidence,
            reason="Leaving out one submission leaves ratings with nothing to tell agreement from chance, "
            "so the jackknife has no answer.",
        )
    se = math.sqrt((n - 1) / n * float(((values - values.mean()) ** 2).sum()))
    value = float(value_of(estimator.disagreement(sums)))
    return around(value, se, n - 1, wish, f"delete-one jackknife over {n} clusters, t with {n - 1} df")


def _dense_rows(features: Features) -> list[Floats]:
    """The rows as dense blocks small enough to hold."""
    size = max(1, _CHUNK_CELLS // max(1, int(features.shape[1])))
    blocks = [features[start : start + size] for start in range(0, int(features.shape[0]), size)]
    return [np.asarray(block.todense()) if scipy.sparse.issparse(block) else np.asarray(block) for block in blocks]


# --- bootstrap --------------------------------------------------------------------------------------------------


def resampled_totals(
    features: Sequence[Features], n_clusters: int, resamples: int, seed: int
) -> Iterator[list[Floats]]:
    """Totals of several estimators under the same draws of clusters with replacement, chunk by chunk.

    Yields for every chunk one array of shape (chunk, d) per estimator: (resamples x clusters) @ (clusters x d).
    The draws depend on `seed` and `n_clusters` alone, not on the chunk size.
    """
    rng = np.random.default_rng(seed)
    widest = max([n_clusters, *(_WORKING_COPIES * int(part.shape[1]) for part in features)])
    size = max(1, min(resamples, _CHUNK_CELLS // max(1, widest)))
    for start in range(0, resamples, size):
        rows = min(size, resamples - start)
        drawn = rng.integers(0, n_clusters, size=(rows, n_clusters))
        drawn += np.arange(rows)[:, None] * n_clusters
        times = np.bincount(drawn.ravel(), minlength=rows * n_clusters).reshape(rows, n_clusters).astype(np.float64)
        yield [np.asarray(times @ part) for part in features]


def bootstrap_many(estimators: Sequence[Estimator], table: RatingTable, wish: Wish) -> list[Interval]:
    """Percentile intervals of several coefficients from one set of resampled clusters."""
    features = [by_cluster(estimator.features, table.clusters) for estimator in estimators]
    found: list[list[Floats]] = [[] for _ in estimators]
    for chunk in resampled_totals(features, int(table.clusters.max()) + 1, wish.resamples, wish.seed):
        for values, estimator, sums in zip(found, estimators, chunk, strict=True):
            values.append(value_of(estimator.disagreement(sums)))
    return [_percentiles(np.concatenate(values), table, wish) for values in found]


def _percentiles(values: Floats, table: RatingTable, wish: Wish) -> Interval:
    defined = values[~np.isnan(values)]
    undefined = len(values) - len(defined)
    if undefined > _UNDEFINED_LIMIT * len(values):
        return Interval(confidence=wish.confidence, reason=_too_often(undefined, len(values)))
    if defined.std() < _NO_SPREAD:
        return Interval(confidence=wish.confidence, reason=NO_SPREAD)
    tail = (1.0 - wish.confidence) / 2.0
    low, high = np.quantile(defined, [tail, 1.0 - tail])
    method = f"percentile bootstrap of {int(table.clusters.max()) + 1} clusters, {len(values)} resamples, "
    return Interval(
        se=float(defined.std(ddof=1)),
        low=float(low),
        high=float(high),
        confidence=wish.confidence,
        method=method + f"seed {wish.seed}",
        notes=(f"{undefined} resamples were undefined and left out.",) if undefined else (),
    )


def _too_often(undefined: int, resamples: int) -> str:
    return (
        f"{undefined} of {resamples} resamples had no answer (ratings of one value), so percentiles would describe "
        "only the others."
    )


def bootstrap_t(estimator: Differentiable, table: RatingTable, wish: Wish) -> Interval:
    """Studentised bootstrap on log(1 - value), for coefficients near 1 at small n.

    Each resample is measured against its own linearised standard error: t* = (log(1 - v*) - log(1 - v)) / s*, with
    s = se / (1 - v) (Efron & Tibshirani 1993, ch. 12). A resample in perfect agreement has t* = -∞ and stays among
    the smallest, where it belongs. The squared standard error of a resample is a quadratic form in Σ f fᵀ, itself a
    per-cluster sum.
    """
    if int(estimator.features.shape[1]) > _WIDEST:
        return Interval(
            confidence=wish.confidence,
            reason="There are too many categories or raters for a bootstrap-t; use the jackknife or bootstrap.",
        )
    clusters = by_cluster(estimator.features, table.clusters)
    n = int(clusters.shape[0])
    sums = total(clusters)
    value = float(value_of(estimator.disagreement(sums)))
    if value >= 1.0 - _NO_SPREAD:
        return Interval(
            confidence=wish.confidence,
            reason=PERFECT,
        )
    squares = _outer(np.asarray(clusters))
    se = _linearised(estimator.gradient(sums), sums, squares.sum(axis=0), n)
    scale = float(se) / (1.0 - value)
    if se < _NO_SPREAD:
        return Interval(confidence=wish.confidence, reason=NO_SPREAD)
    chunks = resampled_totals([clusters, squares], n, wish.resamples, wish.seed)
    t = np.concatenate([_studentised(estimator, *chunk, value=value, n=n) for chunk in chunks])
    undefined = int(np.isnan(t).sum())
    if undefined > _UNDEFINED_LIMIT * len(t):
        return Interval(confidence=wish.confidence, reason=_too_often(undefined, len(t)))
    tail = (1.0 - wish.confidence) / 2.0
    lower_t, upper_t = np.quantile(t[~np.isnan(t)], [tail, 1.0 - tail], method="nearest")
    distance = math.log(1.0 - value)
    if distance - lower_t * scale > math.log(2.0):  # a lower limit below -1 tells nothing
        method = f"linearised standard error on log(1 - x) over {n} clusters, t with {n - 1} df"
        note = "Too few submissions disagree for a bootstrap-t; the interval is the linearised one."
        return _log_scale(value, float(se), n - 1, wish, method, notes=(note,))
    return Interval(
        se=float(se),
        low=1.0 - math.exp(distance - lower_t * scale),
        high=1.0 - math.exp(distance - upper_t * scale),
        confidence=wish.confidence,
        method=f"bootstrap-t on log(1 - x), {n} clusters, {len(t)} resamples, seed {wish.seed}",
        notes=(f"{undefined} resamples were undefined and left out.",) if undefined else (),
    )


def _log_scale(value: float, se: float, df: float, wish: Wish, method: str, *, notes: tuple[str, ...] = ()) -> Interval:
    """log(1 - value) ± t · se/(1 - value): leans downwards, as coefficients near 1 do, and stays below 1."""
    distance, half = math.log(1.0 - value), t_quantile(wish.confidence, df) * se / (1.0 - value)
    return Interval(
        se=se,
        low=1.0 - math.exp(min(distance + half, _OVERFLOW)),
        high=1.0 - math.exp(distance - half),
        confidence=wish.confidence,
        method=method,
        notes=notes,
    )


def _studentised(estimator: Differentiable, sums: Floats, squares: Floats, *, value: float, n: int) -> Floats:
    values = value_of(estimator.disagreement(sums))
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = _linearised(estimator.gradient(sums), sums, squares, n) / (1.0 - values)
        found = (np.log(1.0 - values) - math.log(1.0 - value)) / scales
    return np.where(values >= 1.0 - 1e-12, -np.inf, found)


def _outer(rows: Floats) -> Floats:
    """f fᵀ of every row, flattened to the upper triangle, off-diagonal entries doubled; shape (n, d(d+1)/2)."""
    first, second = np.triu_indices(rows.shape[1])
    return rows[:, first] * rows[:, second] * np.where(first == second, 1.0, 2.0)


def _linearised(gradient: Floats, sums: Floats, squares: Floats, n: int) -> Floats:
    """sqrt(n/(n-1) · Σ (z_u - mean z)²) with z = gradient @ f, from Σ f fᵀ; shape (...,)."""
    first, second = np.triu_indices(gradient.shape[-1])
    form = (gradient[..., first] * gradient[..., second] * squares).sum(axis=-1)
    mean = (gradient * sums).sum(axis=-1)
    found: Floats = np.sqrt(n / (n - 1) * np.maximum(form - mean**2 / n, 0.0))
    return found


# --- raters like these ------------------------------------------------------------------------------------------


def widen_for_raters(
    found: Interval, table: RatingTable, build: Callable[[RatingTable], Estimator], wish: Wish
) -> Interval:
    """Add the variance from raters that were themselves drawn: delete-one-rater jackknife (Gwet 2008).

    se² = se²_submissions + (r - 1)/r Σ (v_{-g} - mean)², with Satterthwaite's degrees of freedom. Resampling
    submissions alone cannot cover other raters: more submissions make that worse, not better.
    """
    raters = [rater for rater in range(table.n_raters) if (table.codes[:, rater] >= 0).any()]
    if found.se is None:
        return found
    if len(raters) < 3:
        return Interval(
            confidence=wish.confidence,
            reason="Two raters cannot show how much raters differ; an interval for raters like these needs three.",
        )
    values = []
    for left_out in raters:
        rest = build(table.columns(rater for rater in raters if rater != left_out))
        values.append(float(value_of(rest.disagreement(total(rest.features)))))
    if np.isnan(values).any():
        return Interval(
            confidence=wish.confidence,
            reason="Leaving out one rater leaves nothing to tell agreement from chance, so the difference between "
            "raters cannot be measured.",
        )
    r, n = len(raters), int(table.clusters.max()) + 1
    from_raters = (r - 1) / r * float(((np.array(values) - np.mean(values)) ** 2).sum())
    from_units = found.se**2
    variance = from_units + from_raters
    df = variance**2 / (from_units**2 / (n - 1) + from_raters**2 / (r - 1)) if variance > 0 else n - 1
    own = build(table)
    value = float(value_of(own.disagreement(total(own.features))))
    method = f"se from: {found.method}; plus delete-one jackknife over {r} raters; on log(1 - x), t with {df:.1f} df"
    if value >= 1.0 - _NO_SPREAD:
        return Interval(confidence=wish.confidence, reason=PERFECT)
    return _log_scale(value, math.sqrt(variance), df, wish, method, notes=found.notes)
