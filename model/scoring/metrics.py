"""How good a distribution over ordered levels is, judged on scores it has not seen.

All functions take `p` of shape (n, n_levels), `level` of shape (n,) as positions, and `submission` of shape (n,) so
that intervals respect that scores of one submission belong together; `weight` of shape (n,) counts rows.
"""

import math
from dataclasses import dataclass

import numpy as np

from model.agreement import Agreement, cohen_kappa, fleiss_kappa
from model.scoring.estimate import Estimate, Floats, Ints, cluster_mean
from model.scoring.scores import ScoreTable

PLAIN_ECE_FROM = 1000
"""Plain calibration error is shown from here on. Ten bins of perfect forecasts give .21 at 20, .10 at 100, .03 at
1,000 scores although the truth is 0; see docs/scoring.md."""


def rps_of(p: Floats, level: Ints) -> Floats:
    """Ranked probability score of each row, shape (n,): Σ_k (F_k - 1[level ≤ k])² / (n_levels - 1).

    0 is certain and right, 1 certain and as wrong as the scale allows (Epstein 1969; Murphy 1971).
    """
    cumulative = np.cumsum(p, axis=1)[:, :-1]
    happened = level[:, None] <= np.arange(cumulative.shape[1])
    scores: Floats = ((cumulative - happened) ** 2).mean(axis=1)
    return scores


def rps(p: Floats, level: Ints, submission: Ints, weight: Floats | None = None) -> Estimate:
    """Mean ranked probability score; lower is better."""
    return cluster_mean(rps_of(p, level), submission, weight)


def brier(p: Floats, level: Ints, submission: Ints, weight: Floats | None = None) -> Estimate:
    """Mean Brier score over all levels, 0 to 2 (Brier 1950); ignores that levels have an order."""
    hit = np.eye(p.shape[1])[level]
    return cluster_mean(((p - hit) ** 2).sum(axis=1), submission, weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One point of the reliability curve: what was foretold and what happened. `low`, `high`: Wilson's interval."""

    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationError:
    """Distance between foretold and observed shares of "level k or above", over all k.

    debiased: squared, with the part that chance alone makes taken off; centred on 0 for perfect forecasts, so it can
    be negative (Kumar, Liang & Ma 2019, adapted to bins of equal counts). plain: usual expected calibration error,
    None below PLAIN_ECE_FROM scores.
    """

    debiased: float | None
    plain: float | None
    n: int
    bins: tuple[Bin, ...]
    reason: str | None = None


def calibration_error(p: Floats, level: Ints) -> CalibrationError:
    """From bins of equal counts: at least 10 forecasts each, at most 10 bins."""
    n = len(level)
    if n < 20:
        reason = f"{n} scores make fewer than two bins of ten; 20 are needed."
        return CalibrationError(debiased=None, plain=None, n=n, bins=(), reason=reason)
    above = 1.0 - np.cumsum(p, axis=1)[:, :-1]
    happened = (level[:, None] > np.arange(above.shape[1])).astype(np.float64)
    count = min(10, n // 10)
    per_threshold = [_binned(above[:, k], happened[:, k], count) for k in range(above.shape[1])]
    debiased = [
        sum(len(y) / n * ((f.mean() - y.mean()) ** 2 - y.mean() * (1 - y.mean()) / (len(y) - 1)) for f, y in bins)
        for bins in per_threshold
    ]
    plain = [sum(len(y) / n * abs(f.mean() - y.mean()) for f, y in bins) for bins in per_threshold]
    curve = _binned(above.ravel(), happened.ravel(), count)
    enough = n >= PLAIN_ECE_FROM
    return CalibrationError(
        debiased=float(np.mean(debiased)),
        plain=float(np.mean(plain)) if enough else None,
        n=n,
        bins=tuple(_bin(forecast, outcome) for forecast, outcome in curve),
        reason=None
        if enough
        else f"Plain calibration error is biased upwards with {n} scores; {PLAIN_ECE_FROM:,} are needed.",
    )


def _binned(forecast: Floats, outcome: Floats, count: int) -> list[tuple[Floats, Floats]]:
    order = np.argsort(forecast, kind="stable")
    return [(forecast[part], outcome[part]) for part in np.array_split(order, count)]


def _bin(forecast: Floats, outcome: Floats) -> Bin:
    low, high = wilson(float(outcome.sum()), len(outcome))
    return Bin(predicted=float(forecast.mean()), observed=float(outcome.mean()), low=low, high=high, n=len(outcome))


def wilson(successes: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's (1927) 95 % interval of a share."""
    if n == 0:
        return 0.0, 1.0
    share = successes / n
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def point_level(p: Floats, levels: tuple[float, ...]) -> Ints:
    """The level nearest to the expected value: what the machine would say if it had to name one, shape (n,)."""
    values = np.asarray(levels)
    expected = p @ values
    nearest: Ints = np.abs(expected[:, None] - values).argmin(axis=1)
    return nearest


def machine_qwk(p: Floats, table: ScoreTable) -> Agreement:
    """Quadratic weighted kappa between the machine's point level and each human score."""
    values = np.asarray(table.levels)
    pairs = np.column_stack([values[point_level(p, table.levels)], values[table.level]])
    return cohen_kappa(
        pairs, categories=table.levels, weights="quadratic", interval="recommended", clusters=table.submission
    )


def human_qwk(table: ScoreTable) -> Agreement:
    """Quadratically weighted agreement of human raters with each other, on what two or more scored blind.

    Fleiss' form, because pairs of raters differ from submission to submission.
    """
    values = np.asarray(table.levels)
    cell = table.submission * len(table.criteria) + table.criterion
    units, row, counts = np.unique(cell, return_inverse=True, return_counts=True)
    order = np.argsort(row, kind="stable")
    place = np.concatenate([np.arange(count) for count in counts]) if len(counts) else np.empty(0, dtype=np.int64)
    ratings = np.full((len(units), max(2, int(counts.max(initial=2)))), np.nan)
    ratings[row[order], place] = values[table.level[order]]
    return fleiss_kappa(
        ratings,
        categories=table.levels,
        weights="quadratic",
        interval="recommended",
        clusters=units // len(table.criteria),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskPoint:
    """If the machine answered only where it is surest: the share answered, and how often that would be wrong."""

    coverage: float
    wrong: float  # share whose point level is not the human's
    off_by: float  # mean distance in levels
    n: int


def risk_coverage(p: Floats, table: ScoreTable, points: int = 10) -> tuple[RiskPoint, ...]:
    """Risk at growing coverage, surest first; surest means the smallest spread of the distribution."""
    if len(p) == 0:
        return ()
    steps = np.arange(p.shape[1])
    mean = p @ steps
    spread = p @ steps**2 - mean**2
    off = np.abs(point_level(p, table.levels) - table.level)[np.argsort(spread, kind="stable")]
    sizes = np.unique(np.ceil(np.arange(1, points + 1) / points * len(p)).astype(np.int64))
    return tuple(
        RiskPoint(
            coverage=float(size / len(p)),
            wrong=float((off[:size] > 0).mean()),
            off_by=float(off[:size].mean()),
            n=int(size),
        )
        for size in sizes
    )
