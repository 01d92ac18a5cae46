"""What a Rasch model cannot place by itself: raters and items at the end of the scale, and groups that never met."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph

from model.agreement.ratings import MISSING, Codes
from model.agreement.severity.marginal import Observations


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Kept:
    """Observations without extreme raters and items, renumbered, and what their numbers mean.

    categories: positions, among those declared, of the categories still in use.
    """

    data: Observations
    units: tuple[int, ...]
    raters: tuple[int, ...]
    items: tuple[int, ...]
    categories: tuple[int, ...]
    extreme_raters: tuple[int, ...]
    extreme_items: tuple[int, ...]


def set_extremes_aside(codes: Codes) -> Kept | None:
    """Drop raters and items with nothing but the lowest or nothing but the highest level, until none is left.

    codes: shape (n_units, n_raters, n_items), -1 missing. None when fewer than two raters remain.
    """
    unit, rater, item = np.nonzero(codes != MISSING)
    value = codes[unit, rater, item]
    everyone, everything = set(rater.tolist()), set(item.tolist())
    while True:
        if len(np.unique(rater)) < 2 or len(np.unique(value)) < 2:
            return None
        ends = value.min(), value.max()
        lost = [
            np.isin(facet, [one for one in np.unique(facet) if _at_an_end(value[facet == one], ends)])
            for facet in (rater, item)
        ]
        keep = ~(lost[0] | lost[1])
        if keep.all():
            break
        unit, rater, item, value = unit[keep], rater[keep], item[keep], value[keep]
    units, unit_place = np.unique(unit, return_inverse=True)
    raters, rater_place = np.unique(rater, return_inverse=True)
    items, item_place = np.unique(item, return_inverse=True)
    categories, score = np.unique(value, return_inverse=True)
    data = Observations(
        unit=unit_place, rater=rater_place, item=item_place, score=score, n_units=len(units), n_raters=len(raters),
        n_items=len(items), n_steps=len(categories) - 1,
    )  # fmt: skip
    return Kept(
        data=data,
        units=tuple(units.tolist()),
        raters=tuple(raters.tolist()),
        items=tuple(items.tolist()),
        categories=tuple(categories.tolist()),
        extreme_raters=tuple(sorted(everyone - set(raters.tolist()))),
        extreme_items=tuple(sorted(everything - set(items.tolist()))),
    )


def _at_an_end(values: Codes, ends: tuple[int, int]) -> bool:
    return bool((values == ends[0]).all() or (values == ends[1]).all())


def subsets(codes: Codes) -> Codes:
    """For every rater the number of the group linked by shared units, -1 without ratings; shape (n_raters,)."""
    given = (codes != MISSING).any(axis=2)
    n_units, n_raters = given.shape
    unit, rater = np.nonzero(given)
    size = n_units + n_raters
    links = scipy.sparse.coo_array((np.ones(len(unit)), (unit, n_units + rater)), shape=(size, size))
    labels = scipy.sparse.csgraph.connected_components(links, directed=False)[1][n_units:]
    found = np.full(n_raters, -1, dtype=np.int64)
    heard = given.any(axis=0)
    found[heard] = np.unique(labels[heard], return_inverse=True)[1]
    return found
