"""Sets of neighbouring levels that hold the human's score with a stated chance.

Nonconformity of a level is the mass of the smallest run of levels, grown from the likeliest outwards by the larger
neighbour, that reaches it, its own mass counted half (adaptive sets, Romano, Sesia & Candès 2020, kept contiguous for
ordered levels). The threshold is a quantile over submissions, each weighing the same, as in conformal prediction for
grouped data (Lee, Barber & Willett 2023): coverage is for a random criterion of a new submission, averaged over
calibration sets. It is not a promise for each criterion, nor for one installation.
"""

import math
from dataclasses import dataclass

import numpy as np

from model.scoring.estimate import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSets:
    """How sets are cut. `threshold` None: too few submissions, every set is the whole scale; `reason` says so."""

    confidence: float
    threshold: float | None
    n_submissions: int
    reason: str | None = None


def needed(confidence: float) -> int:
    """Submissions below which only the whole scale can be promised: 1/(1 - confidence) - 1, 9 at 90 %."""
    return math.ceil(1.0 / (1.0 - confidence) - 1.0 - 1e-9)


def fit_sets(p: Floats, level: Ints, submission: Ints, weight: Floats, *, confidence: float = 0.9) -> LevelSets:
    """Threshold from distributions that have not seen these scores (cross-fitted), shape (n, n_levels)."""
    n = len(np.unique(submission))
    if n < needed(confidence):
        reason = (
            f"{n} submissions cannot back sets that hold {confidence:.0%} of scores; {needed(confidence)} are needed. "
            "Until then every set is the whole scale."
        )
        return LevelSets(confidence=confidence, threshold=None, n_submissions=n, reason=reason)
    scores = growth(p)[np.arange(len(level)), level]
    _, place = np.unique(submission, return_inverse=True)
    share = weight / np.bincount(place, weights=weight)[place] / (n + 1)
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(share[order])
    position = int(np.searchsorted(reached, confidence - 1e-12))
    threshold = float(scores[order][position]) if position < len(order) else 1.0
    return LevelSets(confidence=confidence, threshold=threshold, n_submissions=n)


def level_sets(sets: LevelSets, p: Floats) -> Ints:
    """First and last level of each set as positions, shape (n, 2); never empty."""
    n, n_levels = p.shape
    if sets.threshold is None:
        return np.tile(np.array([0, n_levels - 1], dtype=np.int64), (n, 1))
    inside = growth(p) <= sets.threshold + 1e-12
    inside[np.arange(n), p.argmax(axis=1)] = True
    first = inside.argmax(axis=1)
    last = n_levels - 1 - inside[:, ::-1].argmax(axis=1)
    return np.column_stack([first, last]).astype(np.int64)


def growth(p: Floats) -> Floats:
    """Mass of the run before each level joins it, and half of the level's own, shape (n, n_levels).

    Half: with the whole, the level that joins last would always be at 1, and one such score would make every set the
    whole scale.
    """
    n, n_levels = p.shape
    rows = np.arange(n)
    padded = np.pad(p, ((0, 0), (1, 1)), constant_values=-1.0)
    low = p.argmax(axis=1)
    high = low.copy()
    reached = np.empty_like(p)
    mass = p[rows, low]
    reached[rows, low] = mass / 2.0
    for _ in range(n_levels - 1):
        down, up = padded[rows, low], padded[rows, high + 2]  # padded by one: low - 1 and high + 1
        lower = down >= up
        low, high = low - lower, high + ~lower
        added = np.where(lower, down, up)
        reached[rows, np.where(lower, low, high)] = mass + added / 2.0
        mass = mass + added
    return reached
