"""Many-facet Rasch: severity of raters, difficulty of items and fit, on one scale (Linacre 1989)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.optimize
import scipy.sparse
import scipy.sparse.csgraph
import scipy.special

from model.agreement.chance.assess import NOTHING_PAIRABLE, ONE_UNIT
from model.agreement.ratings import MISSING, Codes, Floats, RatingsInvalid, RatingsLike, RatingTable, read_ratings
from model.agreement.severity.extremes import Kept, set_extremes_aside, subsets
from model.agreement.severity.marginal import NODES, Fit, fit, probabilities

ESTIMATOR = (
    "marginal maximum likelihood, units normally distributed (rating scale model)",
    "marginal maximum likelihood, units normally distributed (partial credit model by item)",
)
ONLY_EXTREMES = (
    "At most one rater gave anything but the lowest or the highest level throughout, so severities cannot be compared."
)
_SHORT_OF_EXTREME = 0.3  # score points, as FACETS and WINSTEPS keep an all-highest or all-lowest score finite
_FURTHEST = 40.0  # logits; no severity beyond could be told from any other


@dataclass(frozen=True, slots=True, kw_only=True)
class RaterSeverity:
    """severity: logits, positive is harsher, all raters sum to 0 (extreme raters aside).

    points: by how many score points the rater is harsher than an average one, over these units.
    infit, outfit: mean squares, 1 expected; above 1 less predictable than the model, below 1 more.
    extreme: every rating was the lowest or every one the highest; the estimate is then 0.3 points short of that.
    subset: raters with different numbers never met on a unit, directly or through others.
    """

    rater: int
    severity: float | None
    se: float | None
    low: float | None
    high: float | None
    points: float | None
    infit: float | None
    outfit: float | None
    n: int
    extreme: bool
    subset: int
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDifficulty:
    """difficulty: logits, positive is harder to score high on; thresholds: where neighbouring levels are equally
    likely, relative to the difficulty."""

    item: int
    difficulty: float | None
    se: float | None
    infit: float | None
    outfit: float | None
    n: int
    thresholds: tuple[float, ...]
    threshold_se: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMeasure:
    """measure: posterior mean in logits, se its posterior standard deviation; fair_average: the score an average
    rater would be expected to give, on the scale of the categories."""

    unit: int
    measure: float
    se: float
    fair_average: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rasch:
    """The fitted model, or the reason there is none.

    separation_reliability: share of the variance of severities that is not error; near 0, raters are alike.
    homogeneity_p: chance of severities this different were all raters equally severe (chi-square).
    """

    raters: tuple[RaterSeverity, ...]
    items: tuple[ItemDifficulty, ...]
    units: tuple[UnitMeasure, ...]
    unit_mean: float | None
    unit_sd: float | None
    separation_reliability: float | None
    homogeneity_chi2: float | None
    homogeneity_df: int | None
    homogeneity_p: float | None
    log_likelihood: float | None
    converged: bool
    estimator: str
    confidence: float
    n_units: int
    n_pairable: int
    n_raters: int
    n_items: int
    n_missing: int
    n_subsets: int
    reason: str | None
    notes: tuple[str, ...] = ()


def rasch(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    thresholds: Literal["common", "by_item"] = "common",
    confidence: float = 0.95,
) -> Rasch:
    """Fit log P(k) / P(k-1) = unit - severity of rater - difficulty of item - threshold k.

    ratings: shape (n_units, n_raters), or (n_units, n_raters, n_items) for several criteria; None, NaN missing.
    thresholds: "common" to all items (rating scale model) or "by_item" (partial credit model).

    Extreme raters and items are set aside and reported; disconnected subsets are numbered, and comparisons between
    them rest on units having been assigned at random.

    Raises:
        RatingsInvalid: as `read_ratings`; another number of dimensions; an unknown `thresholds`.
    """
    if thresholds not in {"common", "by_item"} or not 0.0 < confidence < 1.0:
        raise RatingsInvalid("thresholds must be common or by_item, confidence in (0, 1).", "Correct the request.")
    tables = _read(ratings, tuple(categories))
    codes = np.stack([table.codes for table in tables], axis=2)
    by_item = thresholds == "by_item"
    reason = _undefined_because(codes, tables[0])
    kept = None if reason else set_extremes_aside(codes)
    if kept is None:
        return _nothing(codes, reason or ONLY_EXTREMES, by_item, confidence)
    return _report(codes, tables[0], kept, fit(kept.data, by_item=by_item), by_item, confidence)


def _read(ratings: RatingsLike, categories: tuple[Any, ...]) -> list[RatingTable]:
    try:
        cells = np.asarray(ratings, dtype=object)
    except ValueError:
        cells = np.empty(0, dtype=object)
    if cells.ndim != 3:
        return [read_ratings(ratings, categories=categories)]
    found = []
    for item in range(cells.shape[2]):
        try:
            found.append(read_ratings(cells[:, :, item], categories=categories))
        except RatingsInvalid as wrong:
            raise RatingsInvalid(
                f"Item {item}: {wrong.fact}", wrong.remedy, row=wrong.row, column=wrong.column
            ) from wrong
    if not found:
        raise RatingsInvalid("The ratings have no items.", "Give at least one.")
    return found


def _undefined_because(codes: Codes, table: RatingTable) -> str | None:
    raters = (codes != MISSING).any(axis=2).sum(axis=1)
    if not (raters >= 2).any():
        return NOTHING_PAIRABLE
    if (raters >= 2).sum() == 1:
        return ONE_UNIT
    seen = np.unique(codes[codes != MISSING])
    if len(seen) == 1:
        return f"All ratings are {table.labels[int(seen[0])]}; with one value in use, severities cannot differ."
    return None


def _nothing(codes: Codes, reason: str, by_item: bool, confidence: float) -> Rasch:
    given = codes != MISSING
    return Rasch(
        raters=(), items=(), units=(), unit_mean=None, unit_sd=None, separation_reliability=None,
        homogeneity_chi2=None, homogeneity_df=None, homogeneity_p=None, log_likelihood=None, converged=False,
        estimator=ESTIMATOR[by_item], confidence=confidence, n_units=codes.shape[0],
        n_pairable=int((given.any(axis=2).sum(axis=1) >= 2).sum()), n_raters=codes.shape[1], n_items=codes.shape[2],
        n_missing=int((~given).sum()), n_subsets=0, reason=reason,
    )  # fmt: skip


def _report(codes: Codes, table: RatingTable, kept: Kept, found: Fit, by_item: bool, confidence: float) -> Rasch:
    groups = subsets(codes)
    raters = _raters(codes, kept, found, groups, confidence)
    settled = [one for one in raters if one.severity is not None and one.se and not one.extreme]
    severity = np.array([one.severity for one in settled], dtype=np.float64)
    weight = np.array([1.0 / (one.se or 1.0) ** 2 for one in settled])
    chi2 = float((weight * (severity - (weight @ severity) / weight.sum()) ** 2).sum())
    n_subsets = len(set(groups.tolist()) - {-1})
    spread = float(severity.var(ddof=1))
    given = codes != MISSING
    return Rasch(
        raters=raters,
        items=_items(codes, kept, found),
        units=_units(table, kept, found),
        unit_mean=found.parameters.mean,
        unit_sd=found.parameters.sd,
        separation_reliability=max(0.0, 1.0 - float((1.0 / weight).mean()) / spread) if spread > 0 else 0.0,
        homogeneity_chi2=chi2,
        homogeneity_df=len(settled) - 1,
        homogeneity_p=float(scipy.special.chdtrc(len(settled) - 1, chi2)),
        log_likelihood=found.log_likelihood,
        converged=found.converged,
        estimator=ESTIMATOR[by_item],
        confidence=confidence,
        n_units=codes.shape[0],
        n_pairable=int((given.any(axis=2).sum(axis=1) >= 2).sum()),
        n_raters=codes.shape[1],
        n_items=codes.shape[2],
        n_missing=int((~given).sum()),
        n_subsets=n_subsets,
        reason=None,
        notes=_notes(table, kept, n_subsets, found),
    )


def _raters(codes: Codes, kept: Kept, found: Fit, groups: Codes, confidence: float) -> tuple[RaterSeverity, ...]:
    normal = float(scipy.special.ndtri(0.5 + confidence / 2.0))
    reported = []
    for rater in range(codes.shape[1]):
        n = int((codes[:, rater] != MISSING).sum())
        if rater in kept.raters:
            place = kept.raters.index(rater)
            severity = float(found.parameters.severity[place])
            se = float(np.sqrt(max(found.severity_covariance[place, place], 0.0)))
            infit, outfit = float(found.infit_raters[place]), float(found.outfit_raters[place])
        elif n and (extreme := _extreme_severity(codes, kept, found, rater)) is not None:
            (severity, se), infit, outfit = extreme, None, None
        else:
            reported.append(_unheard(rater, n, int(groups[rater])))
            continue
        reported.append(
            RaterSeverity(
                rater=rater, severity=severity, se=se, low=severity - normal * se, high=severity + normal * se,
                points=_points(found, severity), infit=infit, outfit=outfit, n=n, extreme=rater not in kept.raters,
                subset=int(groups[rater]),
            )
        )  # fmt: skip
    return tuple(reported)


def _unheard(rater: int, n: int, subset: int) -> RaterSeverity:
    reason = "This rater rated only what was set aside as extreme." if n else "This rater rated nothing."
    return RaterSeverity(
        rater=rater, severity=None, se=None, low=None, high=None, points=None, infit=None, outfit=None, n=n,
        extreme=False, subset=subset, reason=reason,
    )  # fmt: skip


def _expected(found: Fit, severity: float, item: int) -> Floats:
    """Expected steps at every node from a rater of this severity, shape (nodes,)."""
    p = found.parameters
    steps = p.thresholds[item if len(p.thresholds) > 1 else 0]
    chances = probabilities(p.mean + p.sd * NODES - severity - p.difficulty[item], steps)
    return np.asarray(chances @ np.arange(chances.shape[-1]))


def _points(found: Fit, severity: float) -> float:
    """Mean difference in steps between an average rater and this one, over the posterior of all units and items."""
    weights = found.posterior.mean(axis=0)
    items = range(len(found.parameters.difficulty))
    gaps = [_expected(found, 0.0, item) - _expected(found, severity, item) for item in items]
    return float(np.mean(gaps, axis=0) @ weights)


def _extreme_severity(codes: Codes, kept: Kept, found: Fit, rater: int) -> tuple[float, float] | None:
    """Severity at which the expected total is 0.3 points from the extreme one, on units others placed."""
    unit, item = np.nonzero(codes[:, rater] != MISSING)
    usable = np.isin(item, kept.items)
    unit, item = unit[usable], item[usable]
    if not len(unit):
        return None
    prior = found.posterior.mean(axis=0)
    weights = np.array([found.posterior[kept.units.index(u)] if u in kept.units else prior for u in unit.tolist()])
    places = [kept.items.index(one) for one in item.tolist()]
    lowest = bool((codes[unit, rater, item] == kept.categories[0]).all())
    top = len(kept.categories) - 1
    goal = _SHORT_OF_EXTREME if lowest else len(unit) * top - _SHORT_OF_EXTREME

    def surplus(severity: float) -> float:
        by_item = {place: _expected(found, severity, place) for place in set(places)}
        return float(sum(weight @ by_item[place] for weight, place in zip(weights, places, strict=True))) - goal

    if not surplus(-_FURTHEST) > 0.0 > surplus(_FURTHEST):  # levels the others hardly used lie too far apart
        return None
    severity = float(scipy.optimize.brentq(surplus, -_FURTHEST, _FURTHEST))
    slope = (surplus(severity - 1e-4) - surplus(severity + 1e-4)) / 2e-4  # Σ V: minus the derivative of the total
    return severity, float(1.0 / np.sqrt(max(slope, 1e-12)))


def _items(codes: Codes, kept: Kept, found: Fit) -> tuple[ItemDifficulty, ...]:
    reported = []
    m = len(kept.categories) - 1
    for item in range(codes.shape[2]):
        n = int((codes[:, :, item] != MISSING).sum())
        if item not in kept.items:
            reported.append(
                ItemDifficulty(
                    item=item, difficulty=None, se=None, infit=None, outfit=None, n=n, thresholds=(), threshold_se=()
                )
            )
            continue
        place = kept.items.index(item)
        group = place if len(found.parameters.thresholds) > 1 else 0
        variance = np.diag(found.threshold_covariance)[group * m : (group + 1) * m]
        reported.append(
            ItemDifficulty(
                item=item,
                difficulty=float(found.parameters.difficulty[place]),
                se=float(np.sqrt(max(found.difficulty_covariance[place, place], 0.0))),
                infit=float(found.infit_items[place]),
                outfit=float(found.outfit_items[place]),
                n=n,
                thresholds=tuple(found.parameters.thresholds[group].tolist()),
                threshold_se=tuple(np.sqrt(np.maximum(variance, 0.0)).tolist()),
            )
        )
    return tuple(reported)


def _units(table: RatingTable, kept: Kept, found: Fit) -> tuple[UnitMeasure, ...]:
    p = found.parameters
    ability = p.mean + p.sd * NODES
    measure = found.posterior @ ability
    spread = np.sqrt(np.maximum(found.posterior @ ability**2 - measure**2, 0.0))
    values = table.values if table.values is not None else np.arange(table.n_categories, dtype=np.float64)
    scale = values[list(kept.categories)]
    fair = np.mean(
        [
            probabilities(measure - difficulty, p.thresholds[item if len(p.thresholds) > 1 else 0]) @ scale
            for item, difficulty in enumerate(p.difficulty)
        ],
        axis=0,
    )
    counts = np.bincount(kept.data.unit, minlength=len(kept.units))
    return tuple(
        UnitMeasure(unit=unit, measure=float(measure[place]), se=float(spread[place]), fair_average=float(fair[place]),
                    n=int(counts[place]))
        for place, unit in enumerate(kept.units)
    )  # fmt: skip


def _notes(table: RatingTable, kept: Kept, n_subsets: int, found: Fit) -> tuple[str, ...]:
    notes = []
    if len(kept.categories) < table.n_categories:
        unused = [str(label) for place, label in enumerate(table.labels) if place not in kept.categories]
        notes.append(f"Nobody used {', '.join(unused)} (extreme raters aside); the other levels were closed up.")
    if n_subsets > 1:
        notes.append(
            f"The raters fall into {n_subsets} subsets that share no unit; between subsets severities compare only if "
            "units were assigned at random."
        )
    if kept.extreme_raters:
        named = ", ".join(str(rater) for rater in kept.extreme_raters)
        notes.append(f"Set aside as extreme, estimated afterwards: raters {named}.")
    if kept.extreme_items:
        named = ", ".join(str(item) for item in kept.extreme_items)
        notes.append(f"Set aside as extreme, without an estimate: items {named}.")
    if not found.converged:
        notes.append("The fit did not settle; treat the figures with caution.")
    return tuple(notes)
