"""Scores on a numeric scale, as intraclass correlation and generalizability theory read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model.agreement.chance.assess import NOTHING_PAIRABLE
from model.agreement.ratings import Codes, Floats, RatingsInvalid, RatingsLike, is_missing, read_clusters, read_ratings

ONE_UNIT = "Only one unit has two scores; variance between units needs two."


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreTable:
    """scores: shape (n_units, n_raters), NaN where missing; clusters: shape (n_units,)."""

    scores: Floats
    clusters: Codes

    @property
    def rated(self) -> Codes:
        """Scores per unit."""
        return np.asarray((~np.isnan(self.scores)).sum(axis=1), dtype=np.int64)

    @property
    def complete(self) -> bool:
        return not bool(np.isnan(self.scores).any())

    def undefined_because(self) -> str | None:
        """The same four cases as for the chance-corrected coefficients."""
        pairable = self.rated >= 2
        if not pairable.any():
            return NOTHING_PAIRABLE
        if pairable.sum() == 1:
            return ONE_UNIT
        seen = self.scores[pairable]
        seen = seen[~np.isnan(seen)]
        if np.ptp(seen) == 0.0:
            return f"All scores that can be compared are {seen[0]:g}; nothing varies, so nothing can be apportioned."
        return None

    def percent_agreement(self) -> float | None:
        """Share of exactly equal pairs of scores, averaged over units with two or more."""
        pairable = self.scores[self.rated >= 2]
        if not len(pairable):
            return None
        ordered = np.sort(pairable, axis=1)  # NaN last, and never equal to anything
        counts = (~np.isnan(ordered)).sum(axis=1)
        equal = np.zeros(len(ordered))
        for gap in range(1, ordered.shape[1]):
            equal += (ordered[:, gap:] == ordered[:, :-gap]).sum(axis=1)
        return float((equal / (counts * (counts - 1) / 2)).mean())


def read_scores(
    ratings: RatingsLike,
    *,
    categories: Iterable[Any] | None = None,
    clusters: Sequence[Any] | Any | None = None,
) -> ScoreTable:
    """Scores of shape (n_units, n_raters); None and NaN are missing. `categories`, when given, are enforced.

    Raises:
        RatingsInvalid: as `read_ratings`; names in place of numbers; an infinite score, naming row and column.
    """
    if categories is not None:
        table = read_ratings(ratings, categories=categories, clusters=clusters)
        if table.values is None:
            raise RatingsInvalid("The categories are names, and scores must be numbers.", "Give numeric categories.")
        scores = np.append(table.values, np.nan)[table.codes]  # code -1 reads the NaN at the end
        return ScoreTable(scores=scores, clusters=table.clusters)
    scores = numeric_array(ratings, dimensions=2)
    return ScoreTable(scores=scores, clusters=read_clusters(clusters, len(scores)))


def numeric_array(ratings: RatingsLike, *, dimensions: int) -> Floats:
    """Any nesting of lists or arrays as floats, NaN for missing.

    Raises:
        RatingsInvalid: ragged rows, another number of dimensions, a value that is not a finite number.
    """
    try:
        cells = np.asarray(ratings, dtype=object)
    except ValueError as ragged:
        raise RatingsInvalid("The rows are not all of the same length.", "Fill the gaps with None.") from ragged
    if cells.size == 0 and cells.ndim < dimensions:
        cells = cells.reshape((len(cells) if cells.ndim else 0,) + (0,) * (dimensions - 1))
    if cells.ndim != dimensions:
        raise RatingsInvalid(
            f"Scores have {cells.ndim} dimension(s), not {dimensions}.", "Put units first, then raters, then items."
        )
    found = np.full(cells.shape, np.nan)
    for place, value in np.ndenumerate(cells):
        if is_missing(value):
            continue
        try:
            found[place] = float(value)
        except (TypeError, ValueError) as wrong:
            raise _not_a_number(value, place) from wrong
        if not np.isfinite(found[place]):
            raise _not_a_number(value, place)
    return found


def _not_a_number(value: Any, place: tuple[int, ...]) -> RatingsInvalid:
    names = ("row", "column", "item")
    where = ", ".join(f"{name} {index}" for name, index in zip(names, place, strict=False))
    return RatingsInvalid(
        f"The score {value!r} in {where} (counted from 0) is not a finite number.",
        "Correct the score.",
        row=place[0],
        column=place[1] if len(place) > 1 else None,
    )
