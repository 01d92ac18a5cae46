"""Exact distributions of sums of uncertain things: shares by role, counts of codes, medians of few waits.

No simulation: the same input gives the same interval, always.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

GRID = 2000  # steps of a share's distribution: half a thousandth
LIKELY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of talk that is wholly a youth's with probability `p`; `p` None: divided nobody knows how."""

    weight: float  # seconds, words or turns
    p: float | None


@dataclass(frozen=True, slots=True)
class ShareDistribution:
    """Probability of each share 0, 1/GRID, …, 1."""

    mass: NDArray[np.float64]  # shape: (GRID + 1,)

    def quantiles(self, at: Sequence[float]) -> tuple[float, ...]:
        """Smallest shares whose cumulative probability reaches each of `at`."""
        cumulative = np.cumsum(self.mass)
        # 1e-12: a sum of many terms may end just under 1
        places = np.searchsorted(cumulative, np.array(at) * cumulative[-1] - 1e-12)
        return tuple(float(place) / GRID for place in np.minimum(places, GRID))


def share_distribution(parts: Sequence[Part], *, somebody_leads: bool) -> ShareDistribution:
    """Distribution of the youths' share of all weight, parts being independent.

    Each part shifts the distribution by its weight with probability p (a weighted Poisson-binomial, by convolution
    on a grid); what is of unknown division, together, spreads it evenly over all divisions. With `somebody_leads`
    the case that every voice is a youth's is taken out, because a session has a facilitator, unless that is the
    likely case.

    Raises ValueError where all weights are 0.
    """
    total = sum(part.weight for part in parts)
    if total <= 0:
        raise ValueError("no weight to share out")
    mass = np.zeros(GRID + 1)
    mass[0] = 1.0
    placed, before = 0, 0.0  # cumulative rounding: the steps of all parts add up to GRID exactly
    all_youth = 1.0
    for part in [part for part in parts if part.p is not None and part.weight > 0]:
        before += part.weight
        steps = round(before / total * GRID) - placed
        placed += steps
        shifted = np.zeros_like(mass)
        shifted[steps:] = mass[: GRID + 1 - steps]
        p = part.p or 0.0
        mass = (1.0 - p) * mass + p * shifted
        all_youth *= p
    if somebody_leads and before > 0 and all_youth < LIKELY:
        mass[placed] = max(0.0, mass[placed] - all_youth)
    mass = _spread(mass, GRID - placed)
    return ShareDistribution(mass / mass.sum())


def _spread(mass: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """Convolution with the even distribution over 0..steps."""
    out: NDArray[np.float64] = np.convolve(mass, np.full(steps + 1, 1.0 / (steps + 1)))[: GRID + 1]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Events that can only happen if one thing is so, of probability `condition`; `p` (n,) are theirs if it is."""

    condition: float
    p: NDArray[np.float64]


def count_interval(parts: Sequence[Together], *, level: float = 0.95) -> tuple[float, float]:
    """Equal-tailed interval for how many events happen, parts being independent of each other.

    A part counts none with 1 − condition, else a Poisson-binomial number; all by convolution, exact to rounding.
    """
    masses = []
    for part in parts:
        mass = part.condition * _summed([np.array([1.0 - chance, chance]) for chance in part.p[part.p > 0]])
        mass[0] += 1.0 - part.condition
        masses.append(mass)
    mass = _summed(masses)
    cumulative = np.cumsum(mass)
    tail = (1.0 - level) / 2
    low = int(np.searchsorted(cumulative, tail, side="right"))
    high = int(np.searchsorted(cumulative, 1.0 - tail - 1e-12))
    return float(low), float(min(high, len(mass) - 1))


def _summed(masses: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The distribution of a sum of independent counts, each given as probabilities of 0, 1, …"""
    left = list(masses) or [np.array([1.0])]
    while len(left) > 1:  # two by two: n log n convolutions of like length instead of n of growing length
        odd = left[-1:] if len(left) % 2 else []
        left = [np.convolve(a, b) for a, b in zip(left[::2], left[1::2], strict=False)] + odd
    return left[0]


def median_interval(values: Sequence[float], *, level: float = 0.95) -> tuple[float | None, float | None]:
    """Order-statistic interval for a median: the binomial(n, 1/2) argument, no assumption on the shape.

    (None, None) under 6 values, where even the lowest and highest cover less than 95 %:
    1 - 2 · (1/2)^5 = .9375.
    """
    ordered = sorted(values)
    n = len(ordered)
    # P(X_(k) < median < X_(n+1-k)) = 1 - 2 · P(B <= k - 1): the largest k that keeps the level
    k, below = 0, 1  # outcomes, of 2 ** n, with at most k heads: whole numbers, so that no n is too large
    while 1.0 - 2 * below / 2**n >= level:
        k += 1
        below += math.comb(n, k)
    if k == 0:
        return None, None
    return ordered[k - 1], ordered[n - k]
