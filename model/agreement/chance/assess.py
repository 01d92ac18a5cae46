"""From a table and a recipe to an answer: the undefined cases, the value, and the interval that was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from model.agreement.chance.estimators import Differentiable, Estimator, pair_agreement, total, value_of
from model.agreement.chance.intervals import (
    Method,
    Wish,
    all_or_none,
    analytic,
    bootstrap_many,
    bootstrap_t,
    jackknife,
    widen_for_raters,
)
from model.agreement.ratings import MISSING, Floats, RatingsInvalid, RatingTable
from model.agreement.result import Agreement, Interval

Preferred: TypeAlias = Literal["analytic", "jackknife", "bootstrap-t"]
# The bootstrap-t on log(1 - x) kept 95 % intervals nearest to 95 % in simulation at 15 to 100 submissions, balanced and
# skewed (docs/statistics.md). Beyond these sizes the linearised interval is as good and far cheaper.
_LARGE_N = 1000
_WIDE = 64  # features; their products grow with the square

NOTHING_PAIRABLE = "No unit has ratings from two raters, so there is nothing to compare."
ONE_UNIT = "Only one unit has ratings from two raters; one unit cannot tell agreement from chance."
NOTHING_BY_CHANCE = "No disagreement is to be expected by chance, so agreement beyond chance has no meaning."
ONE_CLUSTER = "All units belong to one submission, so nothing shows how agreement varies between submissions."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """How one coefficient is made from a table.

    keep: which units its standard error counts ("rated": one rating or more, "pairable": two or more).
    corrects_chance: False for percent agreement, which one unit or one value does not make undefined.
    """

    coefficient: str
    weights: str
    build: Callable[[RatingTable], Estimator]
    preferred: Preferred
    keep: Literal["rated", "pairable"] = "rated"
    corrects_chance: bool = True


def assess(table: RatingTable, recipe: Recipe, wish: Wish, *, notes: tuple[str, ...] = ()) -> Agreement:
    """The coefficient on this table, with the interval wished for."""
    return assess_all(table, (recipe,), wish, notes=notes)[0]


def assess_all(
    table: RatingTable, recipes: Sequence[Recipe], wish: Wish, *, notes: tuple[str, ...] = ()
) -> tuple[Agreement, ...]:
    """Several coefficients on one table; bootstraps of those that count the same units share their resamples."""
    estimators = [recipe.build(table) if undefined_because(table, recipe) is None else None for recipe in recipes]
    plain = [_without_interval(table, *pair, wish) for pair in zip(recipes, estimators, strict=True)]
    asked = [place for place, found in enumerate(plain) if found.value is not None and wish.interval is not None]
    intervals: dict[int, Interval] = {}
    for keep in ("rated", "pairable"):
        places = [place for place in asked if recipes[place].keep == keep]
        kept = table.rows(table.rated >= (1 if keep == "rated" else 2))
        found = _intervals(kept, [recipes[place] for place in places], wish)
        intervals.update(zip(places, found, strict=True))
    return tuple(_with_interval(found, intervals.get(place), notes) for place, found in enumerate(plain))


def undefined_because(table: RatingTable, recipe: Recipe) -> str | None:
    """Why no chance-corrected coefficient exists on these ratings; None when it does."""
    pairable = table.rated >= 2
    if not pairable.any():
        return NOTHING_PAIRABLE
    if not recipe.corrects_chance:
        return None
    if pairable.sum() == 1:
        return ONE_UNIT
    compared = table.codes[pairable]
    seen = np.unique(compared[compared != MISSING])
    if len(seen) == 1:
        return (
            f"All ratings that can be compared are {table.labels[int(seen[0])]}; with one value in use, agreement "
            "cannot be told from chance."
        )
    return None


def percent_of(table: RatingTable) -> float | None:
    """Share of exactly agreeing pairs of raters, averaged over units; None when nothing is pairable."""
    if not (table.rated >= 2).any():
        return None
    exact = pair_agreement(table, np.eye(table.n_categories), "percent")
    return float(value_of(exact.disagreement(total(exact.features))))


def _without_interval(table: RatingTable, recipe: Recipe, estimator: Estimator | None, wish: Wish) -> Agreement:
    value = observed = expected = None
    reason = undefined_because(table, recipe)
    if estimator is not None:
        sums = total(estimator.features)
        found = estimator.disagreement(sums)
        value = _number(value_of(found))
        observed, expected = _number(found.observed), _number(found.expected)
        reason = NOTHING_BY_CHANCE if value is None else None
    return Agreement(
        coefficient=recipe.coefficient,
        value=value,
        reason=reason,
        percent_agreement=percent_of(table),
        observed_disagreement=observed,
        expected_disagreement=expected,
        n_units=table.n_units,
        n_pairable=int((table.rated >= 2).sum()),
        n_raters=table.n_raters,
        n_missing=int((table.codes == MISSING).sum()),
        n_clusters=len(np.unique(table.clusters)),
        categories=table.labels,
        category_counts=tuple(np.bincount(table.codes[table.codes != MISSING], minlength=table.n_categories).tolist()),
        weights=recipe.weights,
        estimand=wish.estimand,
        confidence=wish.confidence,
    )


def _number(value: Floats) -> float | None:
    return None if np.isnan(value) else float(value)


def _intervals(table: RatingTable, recipes: Sequence[Recipe], wish: Wish) -> list[Interval]:
    if not recipes:
        return []
    if len(np.unique(table.clusters)) < 2:
        return [Interval(confidence=wish.confidence, reason=ONE_CLUSTER) for _ in recipes]
    estimators = [recipe.build(table) for recipe in recipes]
    if wish.interval == "bootstrap":
        found = bootstrap_many(estimators, table, wish)
    else:
        found = [_interval(*pair, table, wish) for pair in zip(recipes, estimators, strict=True)]
    if wish.estimand == "these raters":
        return found
    return [
        widen_for_raters(interval, table, recipe.build, wish) for interval, recipe in zip(found, recipes, strict=True)
    ]


def _interval(recipe: Recipe, estimator: Estimator, table: RatingTable, wish: Wish) -> Interval:
    method = _choose(recipe, estimator, table) if wish.interval == "recommended" else wish.interval
    if method == "jackknife":
        return jackknife(estimator, table, wish)
    if not isinstance(estimator, Differentiable):
        raise RatingsInvalid(
            f"{recipe.coefficient} has no closed form for its standard error, which {method} needs.",
            "Use jackknife or bootstrap.",
        )
    found = bootstrap_t(estimator, table, wish) if method == "bootstrap-t" else analytic(estimator, table, wish)
    return found if recipe.corrects_chance or found.se is not None else all_or_none(estimator, table, wish)


def _choose(recipe: Recipe, estimator: Estimator, table: RatingTable) -> Method:
    if recipe.preferred != "bootstrap-t":
        return recipe.preferred
    if int(estimator.features.shape[1]) > _WIDE:
        return "analytic"
    # at this size the t matters little; the published linearisation is too wide where many units have one rating
    return "jackknife" if len(np.unique(table.clusters)) >= _LARGE_N else "bootstrap-t"


def _with_interval(found: Agreement, interval: Interval | None, notes: tuple[str, ...]) -> Agreement:
    if interval is None:
        return replace(found, notes=notes)
    return replace(
        found,
        se=interval.se,
        low=interval.low,
        high=interval.high,
        method=interval.method,
        interval_reason=interval.reason,
        notes=notes + interval.notes,
    )
