"""What a coefficient answers: a number or a reason, always with what it was computed on."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Estimand: TypeAlias = Literal["these raters", "raters like these"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A standard error and interval, or the reason there is none.

    `high` never exceeds the largest value the coefficient can take.
    """

    se: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    method: str | None = None  # in words, e.g. "delete-one jackknife over 30 submissions, t with 29 df"
    reason: str | None = None  # why there is no interval
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryKappa:
    """Fleiss' kappa of one category against all others."""

    category: Any
    value: float | None
    reason: str | None
    share: float | None  # of all ratings, each unit weighing the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One agreement coefficient.

    value: 1 is perfect, 0 is what chance gives, below 0 is worse than chance; None when undefined, see `reason`.
    percent_agreement: share of exactly agreeing pairs of raters, in [0, 1], averaged over units; kept also when
        `value` is None; None only when no unit has two ratings.
    observed_disagreement, expected_disagreement: value = 1 - observed / expected, on the weights or metric in use.
    n_units: rows given; n_pairable: rows with two or more ratings; n_missing: empty cells in the columns used.
    se, low, high: with `method` and `estimand`; None unless asked for, or when `interval_reason` says why not.
    """

    coefficient: str
    value: float | None
    reason: str | None
    percent_agreement: float | None
    observed_disagreement: float | None
    expected_disagreement: float | None
    n_units: int
    n_pairable: int
    n_raters: int
    n_missing: int
    n_clusters: int
    categories: tuple[Any, ...]
    category_counts: tuple[int, ...]  # ratings given in each category
    weights: str
    estimand: Estimand = "these raters"
    se: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    method: str | None = None
    interval_reason: str | None = None
    per_category: tuple[CategoryKappa, ...] = ()
    notes: tuple[str, ...] = ()
