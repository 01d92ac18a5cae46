"""A figure with its doubt, and means and slopes whose doubt respects that scores of one submission belong together."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.special

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """`low` and `high` bound a 95 % interval; without a value `reason` says why and what is needed."""

    value: float | None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    df: float | None = None  # of Student's t
    n: int = 0  # scores
    n_submissions: int = 0
    method: str | None = None
    reason: str | None = None

    @property
    def t(self) -> float | None:
        """value / se; None where either is missing or se is 0."""
        return self.value / self.se if self.value is not None and self.se else None


def cluster_mean(values: Floats, submissions: Ints, weights: Floats | None = None) -> Estimate:
    """Weighted mean with a linearised standard error over submissions and Student's t with n - 1 df.

    `values`, `submissions` (0..k-1, any gaps) and `weights` have shape (n,). With one submission there is no se.
    """
    weights = np.ones(len(values)) if weights is None else weights
    if len(values) == 0 or weights.sum() <= 0:
        return Estimate(value=None, reason="There is nothing to average.")
    mean = float(np.average(values, weights=weights))
    _, place = np.unique(submissions, return_inverse=True)
    n_submissions = int(place.max()) + 1
    if n_submissions < 2:
        return Estimate(
            value=mean, n=len(values), n_submissions=n_submissions, reason="One submission cannot show its own spread."
        )
    moved = np.bincount(place, weights=weights * (values - mean)) / weights.sum()
    se = math.sqrt(n_submissions / (n_submissions - 1) * float((moved**2).sum()))
    return with_t(
        mean,
        se,
        n_submissions - 1,
        n=len(values),
        n_submissions=n_submissions,
        method=f"mean, standard error over {n_submissions} submissions, t with {n_submissions - 1} df",
    )


def with_t(value: float, se: float, df: float, *, n: int, n_submissions: int, method: str) -> Estimate:
    """value ± t(.975, df) · se."""
    half = float(scipy.special.stdtrit(df, 0.975)) * se
    return Estimate(
        value=value,
        se=se,
        low=value - half,
        high=value + half,
        df=df,
        n=n,
        n_submissions=n_submissions,
        method=method,
    )
