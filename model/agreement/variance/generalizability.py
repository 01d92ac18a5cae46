"""Generalizability theory: where the variance is (G study) and what to change about it (D study)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from model.agreement.ratings import Codes, Floats, RatingsInvalid, RatingsLike
from model.agreement.variance.components import henderson
from model.agreement.variance.scores import numeric_array

Design: TypeAlias = Literal["p x r", "p x r x i", "p x (r:i)"]
Items: TypeAlias = Literal["random", "fixed"]
ESTIMATOR = "Henderson's Method 1 (analogous ANOVA; ordinary ANOVA mean squares when no score is missing)"
_MOST = 1000  # raters beyond which a plan is not one


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A variance component. `estimate` may be negative (then `negative` is True) and is used as 0 in a D study."""

    effect: str
    estimate: float
    share: float  # of the total, negative estimates counted as 0
    negative: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GStudy:
    """Components of every effect of the design, or the reason there are none.

    p: units (persons, submissions), the objects of measurement; r: raters; i: items (criteria, segments).
    The last effect is the highest interaction with error, which one score per cell cannot tell apart.
    """

    design: Design
    components: tuple[Component, ...]
    reason: str | None
    estimator: str
    mean: float | None
    n_units: int
    n_raters: int
    n_items: int
    n_missing: int
    notes: tuple[str, ...] = ()

    def variance(self, effect: str) -> float:
        """The component of `effect` ("pr" and "pr,e" are the same), 0 if negative or not in the design."""
        wanted = effect.removesuffix(",e")
        found = (one.estimate for one in self.components if one.effect.removesuffix(",e") == wanted)
        return max(0.0, next(found, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class DStudyRow:
    """One plan. generalizability (Eρ²): for ranking units. dependability (Φ): for judging them against a standard."""

    n_raters: int
    n_items: int
    relative_error: float  # variance, σ²(δ)
    absolute_error: float  # variance, σ²(Δ)
    generalizability: float | None
    dependability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DStudy:
    """Reliability of every plan asked for, and the fewest raters that reach the target, or why none do."""

    design: Design
    items: Items
    universe_variance: float | None
    rows: tuple[DStudyRow, ...]
    target: float
    n_items: int
    raters_for_dependability: int | None
    raters_for_generalizability: int | None
    reason: str | None


def g_study(ratings: RatingsLike, *, design: Design | None = None) -> GStudy:
    """Variance components of a study in which every facet is random (Cronbach et al. 1972; Brennan 2001).

    ratings: shape (n_units, n_raters) for "p x r"; (n_units, n_raters, n_items) for "p x r x i", raters and items
    crossed with units and each other, and for "p x (r:i)", where raters[j] of different items are different people.
    None and NaN are missing. `design` defaults to the crossed one of that shape.

    Raises:
        RatingsInvalid: unreadable scores, or a design that does not fit their shape.
    """
    cells = _read(ratings, design)
    chosen: Design = design or ("p x r" if cells.ndim == 2 else "p x r x i")
    shape = (*cells.shape, 1) if cells.ndim == 2 else cells.shape
    present = ~np.isnan(cells)
    reason, found = _components(cells, present, chosen)
    positive = sum(max(0.0, value) for value in found.values())
    parts = tuple(
        Component(effect=name, estimate=value, share=max(0.0, value) / positive, negative=value < 0.0)
        for name, value in found.items()
    )
    below = [one.effect for one in parts if one.negative]
    return GStudy(
        design=chosen,
        components=parts,
        reason=reason,
        estimator=ESTIMATOR,
        mean=float(cells[present].mean()) if present.any() else None,
        n_units=shape[0],
        n_raters=shape[1],
        n_items=shape[2],
        n_missing=int((~present).sum()),
        notes=(f"Negative estimates, used as 0: {', '.join(below)}.",) if below else (),
    )


def d_study(
    study: GStudy | RatingsLike,
    *,
    n_raters: Iterable[int] = range(1, 11),
    n_items: int | None = None,
    items: Items = "random",
    target: float = 0.8,
) -> DStudy:
    """What other numbers of raters (and items) would give.

    n_items: items per plan, default those of the study. items: "random" (criteria like these) or "fixed" (these very
    criteria, whose share of the interaction with units then counts as true variance).
    target: wanted Φ and Eρ²; `raters_for_…` is None with a reason where no number of raters reaches it.

    Raises:
        RatingsInvalid: a target outside (0, 1), numbers below 1, or fixed items in a nested design.
    """
    found = study if isinstance(study, GStudy) else g_study(study)
    plans = [int(number) for number in n_raters]
    per_plan = n_items or found.n_items
    if not 0.0 < target < 1.0 or min([*plans, per_plan]) < 1:
        raise RatingsInvalid("A D study needs a target between 0 and 1 and at least one rater and item.", "Correct it.")
    if items == "fixed" and found.design != "p x r x i":
        raise RatingsInvalid(f"Items cannot be fixed in the design {found.design}.", "Use the design p x r x i.")
    if found.reason is not None:
        return DStudy(
            design=found.design, items=items, universe_variance=None, rows=(), target=target, n_items=per_plan,
            raters_for_dependability=None, raters_for_generalizability=None, reason=found.reason,
        )  # fmt: skip
    universe = found.variance("p") + (found.variance("pi") / per_plan if items == "fixed" else 0.0)
    dependable = _fewest(found, per_plan, items, universe, target, absolute=True)
    return DStudy(
        design=found.design,
        items=items,
        universe_variance=universe,
        rows=tuple(_row(found, number, per_plan, items, universe) for number in plans),
        target=target,
        n_items=per_plan,
        raters_for_dependability=dependable,
        raters_for_generalizability=_fewest(found, per_plan, items, universe, target, absolute=False),
        reason=None if dependable else _why_never(found, per_plan, items, universe, target),
    )


def _read(ratings: RatingsLike, design: str | None) -> Floats:
    dimensions = {None: 0, "p x r": 2, "p x r x i": 3, "p x (r:i)": 3}.get(design)
    if dimensions is None:
        raise RatingsInvalid(f"There is no design called {design!r}.", "Use p x r, p x r x i or p x (r:i).")
    if not dimensions:
        try:
            dimensions = min(3, max(2, np.asarray(ratings, dtype=object).ndim))
        except ValueError:
            dimensions = 2  # ragged: numeric_array says so
    return numeric_array(ratings, dimensions=dimensions)


def _components(cells: Floats, present: np.ndarray, design: Design) -> tuple[str | None, dict[str, float]]:
    per_unit = present.reshape(len(cells), -1).sum(axis=1) if cells.size else np.zeros(0)
    if (per_unit >= 2).sum() < 2:
        return "Fewer than two units have two scores, so no variance between units can be told from error.", {}
    scores = cells[present]
    if np.ptp(scores) == 0.0:
        return f"All scores are {scores[0]:g}; nothing varies, so nothing can be apportioned.", {}
    try:
        found = henderson(scores, _effects(present, design))
        dust = 1e-12 * float(scores.var())  # rounding must not turn an exact zero into a negative component
        return None, {name: 0.0 if abs(value) < dust else value for name, value in found.items()}
    except np.linalg.LinAlgError:
        return "The pattern of scores cannot tell the effects apart: every facet needs two levels that overlap.", {}


def _effects(present: np.ndarray, design: Design) -> dict[str, Codes]:
    """Levels of every effect, one entry per observation, in the order `cells[present]` reads them."""
    places = [np.asarray(axis, dtype=np.int64) for axis in np.nonzero(present)]
    p, r = places[0], places[1]
    if design == "p x r":
        return {"p": p, "r": r, "pr,e": _joint(p, r)}
    i = places[2]
    if design == "p x (r:i)":
        return {"p": p, "i": i, "r:i": _joint(r, i), "pi": _joint(p, i), "pr:i,e": _joint(p, r, i)}
    return {
        "p": p, "r": r, "i": i, "pr": _joint(p, r), "pi": _joint(p, i), "ri": _joint(r, i), "pri,e": _joint(p, r, i),
    }  # fmt: skip


def _joint(*labels: Codes) -> Codes:
    joined = labels[0]
    for other in labels[1:]:
        joined = joined * (int(other.max()) + 1) + other
    return np.asarray(np.unique(joined, return_inverse=True)[1], dtype=np.int64)


def _errors(study: GStudy, n_raters: float, n_items: int, items: Items) -> tuple[float, float]:
    """σ²(δ) and σ²(Δ) of means over n_raters and n_items (Brennan 2001, ch. 4)."""
    v = study.variance
    if study.design == "p x r":
        relative = v("pr,e") / n_raters
        return relative, relative + v("r") / n_raters
    if study.design == "p x (r:i)":
        relative = v("pi") / n_items + v("pr:i,e") / (n_raters * n_items)
        return relative, relative + v("i") / n_items + v("r:i") / (n_raters * n_items)
    relative = v("pr") / n_raters + v("pri,e") / (n_raters * n_items)
    absolute = relative + v("r") / n_raters + v("ri") / (n_raters * n_items)
    if items == "random":
        relative, absolute = relative + v("pi") / n_items, absolute + (v("pi") + v("i")) / n_items
    return relative, absolute


def _row(study: GStudy, n_raters: int, n_items: int, items: Items, universe: float) -> DStudyRow:
    relative, absolute = _errors(study, n_raters, n_items, items)
    return DStudyRow(
        n_raters=n_raters,
        n_items=n_items,
        relative_error=relative,
        absolute_error=absolute,
        generalizability=_reliability(universe, relative),
        dependability=_reliability(universe, absolute),
    )


def _reliability(universe: float, error: float) -> float | None:
    return universe / (universe + error) if universe + error > 0.0 else None


def _fewest(study: GStudy, n_items: int, items: Items, universe: float, target: float, *, absolute: bool) -> int | None:
    for number in range(1, _MOST + 1):
        reached = _reliability(universe, _errors(study, number, n_items, items)[1 if absolute else 0])
        if reached is not None and reached >= target:
            return number
    return None


def _why_never(study: GStudy, n_items: int, items: Items, universe: float, target: float) -> str:
    if universe <= 0.0:
        return "The units do not differ beyond error, so no number of raters makes scores dependable."
    limit = _reliability(universe, _errors(study, float("inf"), n_items, items)[1])
    return (
        f"Even with any number of raters dependability stays at or below {limit or 0.0:.2f}, short of {target:g} (or "
        f"needs more than {_MOST} raters); more items would be needed."
    )
