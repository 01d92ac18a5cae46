"""Ratings as every coefficient reads them: units in rows, raters in columns, categories declared by the caller."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from model.errors import InputRefused

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]
RatingsLike: TypeAlias = npt.ArrayLike | Sequence[Any]

MISSING = -1
_CLOSE = 1e-9  # a rating this near a declared value (relative) is that value: 0.1 + 0.2 is 0.3


class RatingsInvalid(InputRefused):
    """Ratings, categories or clusters that cannot be read; `row` and `column` count from 0 and name the cell."""

    def __init__(self, fact: str, remedy: str, *, row: int | None = None, column: int | None = None) -> None:
        super().__init__("agreement.ratings", fact, remedy)
        self.row = row
        self.column = column


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatingTable:
    """Ratings as positions in the declared categories.

    codes: shape (n_units, n_raters), position of the category, -1 where missing.
    labels: the categories in order; values: their numbers, or None when they are names.
    clusters: shape (n_units,), 0..n_clusters-1; units of one submission share a cluster.
    """

    codes: Codes
    labels: tuple[Any, ...]
    values: Floats | None
    clusters: Codes

    @property
    def n_units(self) -> int:
        return int(self.codes.shape[0])

    @property
    def n_raters(self) -> int:
        return int(self.codes.shape[1])

    @property
    def n_categories(self) -> int:
        return len(self.labels)

    @property
    def rated(self) -> Codes:
        """Ratings per unit, shape (n_units,)."""
        counts: Codes = (self.codes != MISSING).sum(axis=1)
        return counts

    @property
    def counts(self) -> Floats:
        """How many raters gave each category, shape (n_units, n_categories)."""
        found = np.zeros((self.n_units, self.n_categories))
        for column in self.codes.T:  # one rater at a time: never a units x raters x categories block
            given = np.flatnonzero(column != MISSING)
            found[given, column[given]] += 1.0
        return found

    def columns(self, raters: Iterable[int]) -> "RatingTable":
        """The same units with only these raters."""
        return RatingTable(
            codes=self.codes[:, list(raters)], labels=self.labels, values=self.values, clusters=self.clusters
        )

    def rows(self, keep: npt.NDArray[np.bool_]) -> "RatingTable":
        """Only the units where `keep` holds; clusters are renumbered without gaps."""
        clusters = np.unique(self.clusters[keep], return_inverse=True)[1].astype(np.int64)
        return RatingTable(codes=self.codes[keep], labels=self.labels, values=self.values, clusters=clusters)


def read_ratings(
    ratings: RatingsLike, *, categories: Iterable[Any], clusters: Sequence[Any] | npt.ArrayLike | None = None
) -> RatingTable:
    """Check and encode ratings.

    Args:
        ratings: shape (n_units, n_raters); lists, integers, floats, None, NaN and object arrays are all read;
            None and NaN mean "not rated".
        categories: every value a rater may give, also those nobody gave. Numbers are put in ascending order; names
            keep the order given. Never inferred: an unused level changes chance agreement.
        clusters: shape (n_units,), e.g. the submission each unit belongs to; default: every unit its own cluster.

    Raises:
        RatingsInvalid: not a two-dimensional table, a rating that is not a declared category (naming row and
            column, counted from 0), repeated or mixed categories, or clusters of another length.
    """
    labels, values = _read_categories(categories)
    cells = _as_table(ratings)
    codes = _encode_numbers(cells, values) if values is not None else _encode_names(cells, labels)
    return RatingTable(codes=codes, labels=labels, values=values, clusters=read_clusters(clusters, codes.shape[0]))


def read_clusters(clusters: Sequence[Any] | npt.ArrayLike | None, n_units: int) -> Codes:
    """Cluster numbers 0..k-1 of shape (n_units,); without clusters every unit is its own."""
    if clusters is None:
        return np.arange(n_units, dtype=np.int64)
    keys = list(np.asarray(clusters, dtype=object).ravel())
    if len(keys) != n_units:
        raise RatingsInvalid(
            f"There are {len(keys)} cluster labels for {n_units} units.", "Give one cluster label for each row."
        )
    order: dict[Any, int] = {}
    return np.array([order.setdefault(key, len(order)) for key in keys], dtype=np.int64)


def _read_categories(categories: Iterable[Any]) -> tuple[tuple[Any, ...], Floats | None]:
    if categories is None or isinstance(categories, (str, bytes)):
        raise RatingsInvalid("No list of categories was given.", "Declare every value a rater may give.")
    given = [item.item() if isinstance(item, np.generic) else item for item in categories]
    if not given:
        raise RatingsInvalid("The list of categories is empty.", "Declare every value a rater may give.")
    numbers = [isinstance(item, Real) for item in given]
    if any(numbers) and not all(numbers):
        raise RatingsInvalid("The categories mix numbers and names.", "Declare all of them as numbers or all as names.")
    if any(is_missing(item) for item in given):
        raise RatingsInvalid("A category is empty (None or NaN).", "Leave missing out: it is never a category.")
    if len(set(given)) != len(given):
        raise RatingsInvalid("A category is declared twice.", "Declare every value once.")
    if not all(numbers):
        return tuple(given), None
    values = np.sort(np.array(given, dtype=np.float64))
    if not np.isfinite(values).all():
        raise RatingsInvalid("A category is infinite.", "Declare finite values.")
    return tuple(sorted(given)), values


def is_missing(value: Any) -> bool:
    """None, NaN of any kind and pandas' NA mean "not rated"."""
    if value is None or type(value).__name__ in {"NAType", "NaTType", "MaskedConstant"}:
        return True
    return isinstance(value, Real) and bool(np.isnan(float(value)))


def _as_table(ratings: RatingsLike) -> npt.NDArray[Any]:
    if isinstance(ratings, np.ma.MaskedArray):
        hidden, ratings = np.ma.getmaskarray(ratings), np.asarray(ratings.data).astype(object)
        ratings[hidden] = None
    try:
        cells = np.asarray(ratings)
        if cells.dtype.kind in "USO":  # read strings as objects: numpy would turn a None among them into "None"
            cells = np.asarray(ratings, dtype=object)
    except ValueError as ragged:
        raise RatingsInvalid(
            "The rows of ratings are not all of the same length.", "Fill the gaps with None or NaN."
        ) from ragged
    if cells.size == 0:
        return cells.reshape(cells.shape if cells.ndim == 2 else (len(cells) if cells.ndim else 0, 0))
    if cells.ndim != 2:
        raise RatingsInvalid(
            f"Ratings have {cells.ndim} dimension(s), not 2.", "Put units in rows and raters in columns."
        )
    return cells


def _encode_numbers(cells: npt.NDArray[Any], values: Floats) -> Codes:
    if cells.dtype.kind == "O":
        cells = _numbers_from_objects(cells, values)
    if cells.dtype.kind not in "biuf":
        raise RatingsInvalid(f"Ratings of type {cells.dtype} are not numbers.", "Give numbers, as the categories are.")
    numbers = cells.astype(np.float64)
    above = np.clip(np.searchsorted(values, numbers), 0, len(values) - 1)  # NaN sorts last, so it is clipped too
    below = np.maximum(above - 1, 0)
    with np.errstate(invalid="ignore"):  # an infinite rating: inf - value is inf, and refused below
        nearest = np.where(np.abs(values[below] - numbers) < np.abs(values[above] - numbers), below, above)
        matches = np.isclose(values[nearest], numbers, rtol=_CLOSE, atol=_CLOSE)
    missing = np.isnan(numbers)
    _refuse_first(cells, ~matches & ~missing, values)
    return np.where(missing, MISSING, nearest).astype(np.int64)


def _numbers_from_objects(cells: npt.NDArray[Any], values: Floats) -> Floats:
    numbers = np.full(cells.shape, np.nan)
    for (row, column), value in np.ndenumerate(cells):
        if is_missing(value):
            continue
        if not isinstance(value, Real):
            raise _outside(value, row, column, values)
        numbers[row, column] = float(value)
    return numbers


def _encode_names(cells: npt.NDArray[Any], labels: tuple[Any, ...]) -> Codes:
    position = {label: index for index, label in enumerate(labels)}
    codes = np.full(cells.shape, MISSING, dtype=np.int64)
    for (row, column), value in np.ndenumerate(cells):
        if is_missing(value):
            continue
        if value not in position:
            raise _outside(value, row, column, labels)
        codes[row, column] = position[value]
    return codes


def _refuse_first(cells: npt.NDArray[Any], outside: npt.NDArray[np.bool_], declared: Floats) -> None:
    if outside.any():
        row, column = np.argwhere(outside)[0]
        raise _outside(cells[row, column], int(row), int(column), declared)


def _outside(value: Any, row: int, column: int, declared: Iterable[Any]) -> RatingsInvalid:
    shown = ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in declared)
    shown_value = value.item() if isinstance(value, np.generic) else value
    return RatingsInvalid(
        f"The rating {shown_value!r} in row {row}, column {column} (counted from 0) is not one of the declared "
        f"categories: {shown}.",
        "Correct the rating or declare its value as a category.",
        row=row,
        column=column,
    )
