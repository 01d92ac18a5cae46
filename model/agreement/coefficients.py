"""The chance-corrected coefficients, one function each.

All of them answer `None` with a reason, and the percent agreement beside it, in the same cases: nothing pairable
(no ratings, or one rater per unit), only one unit with two ratings, and all comparable ratings of one value.
Software disagrees on these (1, NaN or an error); one policy for all is easier to defend than seven.

Every function takes `ratings` of shape (n_units, n_raters), None or NaN where missing; `categories`, every value a
rater may give; and as keywords `interval`, `confidence`, `estimand`, `clusters`, `resamples` and `seed`, described
in `model.agreement.chance.intervals.Asked`. All raise `RatingsInvalid` for input that cannot be read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from model.agreement.chance.assess import NOTHING_PAIRABLE, ONE_UNIT, assess, assess_all, undefined_because
from model.agreement.chance.estimators import light, pair_agreement, total, value_of
from model.agreement.chance.intervals import Asked, read_wish
from model.agreement.chance.recipes import (
    alpha_recipe,
    brennan_prediger_recipe,
    cohen_recipe,
    conger_recipe,
    fleiss_recipe,
    gwet_recipe,
    light_recipe,
    percent_recipe,
)
from model.agreement.chance.weights import Weights, agreement_weights, check_level
from model.agreement.ratings import MISSING, Floats, RatingsInvalid, RatingsLike, RatingTable, read_ratings
from model.agreement.result import Agreement, CategoryKappa


def percent_agreement(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    within: int = 0,
    **asked: Unpack[Asked],
) -> Agreement:
    """Share of agreeing pairs of raters, averaged over units (Gwet 2014, ch. 2). Not corrected for chance.

    within: also count as agreeing what lies this many categories apart; 1 gives "exact or adjacent". With `weights`
    other than identity the share is of credit earned, and `within` must be 0.
    """
    table, matrix, name = _read(ratings, categories, weights, asked)
    if within:
        if name != "identity" or within < 0:
            raise RatingsInvalid("`within` was given together with weights, or is negative.", "Use one of the two.")
        steps = np.abs(np.subtract.outer(np.arange(table.n_categories), np.arange(table.n_categories)))
        matrix, name = (steps <= within).astype(np.float64), f"within {within}"
    wish = read_wish(asked)
    return assess(table, percent_recipe(matrix, name, wish.interval), wish)


def cohen_kappa(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    raters: tuple[int, int] = (0, 1),
    **asked: Unpack[Asked],
) -> Agreement:
    """Cohen's kappa of two raters (columns `raters`), on the units both rated (Cohen 1960, 1968).

    Weights "quadratic" give QWK. The analytic standard error is Fleiss, Cohen & Everitt's (1969) times n/(n-1).
    """
    table, matrix, name = _read(ratings, categories, weights, asked)
    table = _two_raters(table, raters)
    return assess(table, cohen_recipe(matrix, name), read_wish(asked))


def scott_pi(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    raters: tuple[int, int] = (0, 1),
    **asked: Unpack[Asked],
) -> Agreement:
    """Scott's pi of two raters, on the units both rated: chance from their pooled marginals (Scott 1955)."""
    table, matrix, name = _read(ratings, categories, weights, asked)
    table = _two_raters(table, raters)
    both = (table.codes != MISSING).all(axis=1, keepdims=True)
    recipe = replace(fleiss_recipe(matrix, name), coefficient="Scott's pi", keep="pairable")
    found = assess(replace(table, codes=np.where(both, table.codes, MISSING)), recipe, read_wish(asked))
    return replace(found, n_missing=int((table.codes == MISSING).sum()))


def fleiss_kappa(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    **asked: Unpack[Asked],
) -> Agreement:
    """Fleiss' kappa, any number of raters, missing allowed (Fleiss 1971; with missing ratings Gwet 2014, ch. 5).

    `per_category` holds the kappa of every category against the others.
    """
    table, matrix, name = _read(ratings, categories, weights, asked)
    found = assess(table, fleiss_recipe(matrix, name), read_wish(asked))
    return replace(found, per_category=_per_category(table))


def conger_kappa(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    **asked: Unpack[Asked],
) -> Agreement:
    """Conger's (exact) kappa: chance from every rater's own marginals (Conger 1980; missing: Gwet 2014)."""
    table, matrix, name = _read(ratings, categories, weights, asked)
    return assess(table, conger_recipe(matrix, name), read_wish(asked))


def light_kappa(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    **asked: Unpack[Asked],
) -> Agreement:
    """The mean of Cohen's kappa over all pairs of raters (Light 1971), each on the units both rated.

    Pairs without a kappa of their own (nothing shared, one value) are left out of the mean and named in `notes`.
    """
    table, matrix, name = _read(ratings, categories, weights, asked)
    recipe = light_recipe(matrix, name)
    notes = _pairs_left_out(table, matrix) if undefined_because(table, recipe) is None else ()
    return assess(table, recipe, read_wish(asked), notes=notes)


def brennan_prediger(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    **asked: Unpack[Asked],
) -> Agreement:
    """Chance as if every category were equally likely (Brennan & Prediger 1981); also S, G-index or PABAK."""
    table, matrix, name = _read(ratings, categories, weights, asked)
    return assess(table, brennan_prediger_recipe(matrix, name), read_wish(asked))


def gwet_ac(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    weights: Weights | None = "identity",
    **asked: Unpack[Asked],
) -> Agreement:
    """Gwet's AC1 (identity weights) or AC2 (any others), steady under skewed marginals (Gwet 2008, 2014)."""
    table, matrix, name = _read(ratings, categories, weights, asked)
    return assess(table, gwet_recipe(matrix, name), read_wish(asked))


def krippendorff_alpha(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    level: str = "ordinal",
    **asked: Unpack[Asked],
) -> Agreement:
    """Krippendorff's alpha for any number of raters and missing ratings (Krippendorff 2011).

    level: "nominal", "ordinal" (Krippendorff's own metric on ranks, which depends on how often each value was
    used), "interval" or "ratio" (on the declared values). `weights` of the result holds the level.
    """
    table = read_ratings(ratings, categories=categories, clusters=asked.get("clusters"))
    return assess(table, alpha_recipe(check_level(table, level)), read_wish(asked))


COEFFICIENTS = (
    "percent_agreement",
    "fleiss_kappa",
    "conger_kappa",
    "light_kappa",
    "brennan_prediger",
    "gwet_ac",
    "krippendorff_alpha",
)


def agreement_table(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any],
    coefficients: Sequence[str] = COEFFICIENTS,
    weights: Weights | None = "quadratic",
    level: str = "ordinal",
    **asked: Unpack[Asked],
) -> tuple[Agreement, ...]:
    """Several coefficients on the same ratings, in the order named.

    With interval="bootstrap" all of them share one set of resampled submissions, so their intervals can be compared
    and cost little more than one. `percent_agreement` is always exact agreement.

    Raises:
        RatingsInvalid: a name that is not in COEFFICIENTS.
    """
    table, matrix, name = _read(ratings, categories, weights, asked)
    wish = read_wish(asked)
    recipes = {
        "percent_agreement": percent_recipe(np.eye(table.n_categories), "identity", wish.interval),
        "fleiss_kappa": fleiss_recipe(matrix, name),
        "conger_kappa": conger_recipe(matrix, name),
        "light_kappa": light_recipe(matrix, name),
        "brennan_prediger": brennan_prediger_recipe(matrix, name),
        "gwet_ac": gwet_recipe(matrix, name),
        "krippendorff_alpha": alpha_recipe(check_level(table, level)),
    }
    for asked_for in coefficients:
        if asked_for not in recipes:
            raise RatingsInvalid(f"There is no coefficient called {asked_for!r}.", f"Use {', '.join(COEFFICIENTS)}.")
    return assess_all(table, [recipes[asked_for] for asked_for in coefficients], wish)


def _read(
    ratings: RatingsLike, categories: Iterable[Any], weights: Weights | None, asked: Asked
) -> tuple[RatingTable, Floats, str]:
    table = read_ratings(ratings, categories=categories, clusters=asked.get("clusters"))
    return table, *agreement_weights(table, weights)


def _two_raters(table: RatingTable, raters: tuple[int, int]) -> RatingTable:
    if table.n_raters == 1 and tuple(raters) == (0, 1):
        return table  # one rater: undefined with a reason, like every other coefficient
    first, second = raters
    for rater in raters:
        if not 0 <= rater < table.n_raters and table.n_raters:
            raise RatingsInvalid(
                f"There is no rater {rater}: the ratings have {table.n_raters} columns.", "Count columns from 0."
            )
    if first == second:
        raise RatingsInvalid("A rater cannot be compared with themselves.", "Name two different columns.")
    return table.columns(raters) if table.n_raters else table


def _per_category(table: RatingTable) -> tuple[CategoryKappa, ...]:
    found = []
    n_pairable = int((table.rated >= 2).sum())
    for index, label in enumerate(table.labels):
        codes = np.where(table.codes == MISSING, MISSING, table.codes == index)
        split = replace(table, codes=codes.astype(np.int64), labels=("others", label), values=None)
        one = pair_agreement(split, np.eye(2), "fleiss")
        sums = total(one.features)
        value = float(value_of(one.disagreement(sums)))
        found.append(
            CategoryKappa(
                category=label,
                value=None if np.isnan(value) or n_pairable < 2 else value,
                reason=_why_no_category(np.isnan(value), n_pairable),
                share=float(sums[4] / sums[2]) if sums[2] else None,
            )
        )
    return tuple(found)


def _why_no_category(undefined: bool, n_pairable: int) -> str | None:
    if n_pairable == 0:
        return NOTHING_PAIRABLE
    if n_pairable == 1:
        return ONE_UNIT
    return "Either nobody or everybody gave this category." if undefined else None


def _pairs_left_out(table: RatingTable, matrix: Floats) -> tuple[str, ...]:
    estimator = light(table, matrix)
    undefined = np.isnan(estimator.pair_values(total(estimator.features)))
    pairs = [(first, second) for first in range(table.n_raters) for second in range(first + 1, table.n_raters)]
    left_out = [f"{first} and {second}" for (first, second), gone in zip(pairs, undefined, strict=True) if gone]
    if not left_out:
        return ()
    return (
        f"{len(left_out)} of {len(pairs)} pairs of raters have no kappa (no shared units, or one value only) and are "
        f"left out of the mean: columns {', '.join(left_out)}.",
    )
