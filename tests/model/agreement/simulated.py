"""Ratings with a known mechanism: quality plus noise plus the rater's severity, cut into levels."""

from collections.abc import Sequence

import numpy as np

from model.agreement.ratings import Floats

LEVELS = (1, 2, 3, 4)
BALANCED = (-0.9, 0.2, 1.0)
SKEWED = (-2.2, -1.6, -0.9)  # four in five ratings are a 4


def simulate(
    rng: np.random.Generator,
    *,
    n: int,
    severity: Sequence[float] | Floats,
    cuts: Sequence[float] = BALANCED,
    noise: float = 0.7,
    missing: float = 0.0,
) -> Floats:
    """Levels 1..4 of shape (n, n_raters); each cell is missing with the given chance."""
    raters = len(severity)
    latent = rng.normal(size=(n, 1)) + rng.normal(scale=noise, size=(n, raters)) - np.asarray(severity)
    ratings = np.digitize(latent, cuts) + 1.0
    ratings[rng.random(ratings.shape) < missing] = np.nan
    return np.asarray(ratings, dtype=np.float64)
