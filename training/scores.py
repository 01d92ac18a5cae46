"""Figures that say how good flags are: plain functions of truth and probability, each with its edge case named."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
NAN = float("nan")


def precision(truth: Bools, shown: Bools) -> float:
    """Right flags over flags; NaN where nothing was flagged."""
    return float(truth[shown].mean()) if shown.any() else NAN


def recall(truth: Bools, shown: Bools) -> float:
    """Found over there; NaN where nothing is there."""
    return float(shown[truth].mean()) if truth.any() else NAN


def f1(truth: Bools, shown: Bools) -> float:
    """2·hits / (flags + positives); NaN where there is neither."""
    total = int(truth.sum() + shown.sum())
    return float(2 * (truth & shown).sum() / total) if total else NAN


def auprc(truth: Bools, p: Floats) -> float:
    """Average precision Σ (R_k − R_{k−1})·P_k over distinct probabilities, highest first; NaN without a positive."""
    if not truth.any():
        return NAN
    order = np.argsort(-p, kind="stable")
    last_of_tie = np.append(np.diff(p[order]) != 0, True)
    hits = np.cumsum(truth[order])[last_of_tie]
    shown = np.flatnonzero(last_of_tie) + 1
    return float(np.sum(np.diff(hits, prepend=0) / hits[-1] * hits / shown))


def precision_at(k: int, truth: Bools, p: Floats) -> float:
    """Share that is there among the `k` most probable of a session, or among all where it has fewer; NaN for none.

    Of equal probabilities the earlier counts first.
    """
    best = np.argsort(-p, kind="stable")[:k]
    return float(truth[best].mean()) if len(best) else NAN


def ceiling_at(k: int, truth: Bools) -> float:
    """What the best order gives `precision_at`: min(k, how many are there) / k, k being no more than all there is."""
    most = min(k, len(truth))
    return min(most, int(truth.sum())) / most if most else NAN


def _table(truth: Bools, shown: Bools) -> tuple[float, float, float, float]:
    """Hits, false flags, missed, rightly silent."""
    hits, flags, there = float((truth & shown).sum()), float(shown.sum()), float(truth.sum())
    return hits, flags - hits, there - hits, len(truth) - flags - there + hits


def mcc(truth: Bools, shown: Bools) -> float:
    """Matthews correlation (TP·TN − FP·FN) / √((TP+FP)(TP+FN)(TN+FP)(TN+FN)).

    NaN where truth is all alike; 0 where the flags are.
    """
    if not truth.any() or truth.all():
        return NAN
    tp, fp, fn, tn = _table(truth, shown)
    below = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    return (tp * tn - fp * fn) / below**0.5 if below else 0.0


def kappa(truth: Bools, shown: Bools) -> float:
    """Cohen's kappa (p_o − p_e) / (1 − p_e); NaN where truth is all alike."""
    if not truth.any() or truth.all():
        return NAN
    tp, fp, fn, tn = _table(truth, shown)
    n = tp + fp + fn + tn
    by_chance = ((tp + fp) * (tp + fn) + (tn + fp) * (tn + fn)) / n**2
    return ((tp + tn) / n - by_chance) / (1 - by_chance)


def debiased_calibration_error(truth: Bools, p: Floats, *, bins: int = 10) -> float:
    """Root of the debiased squared calibration error over equal-count bins (Bröcker 2012; Kumar et al. 2019).

    Σ n_b/n · [(ȳ_b − p̄_b)² − ȳ_b(1−ȳ_b)/(n_b−1)], then the signed square root: perfect forecasts average 0 where the
    usual error is positive by chance alone. NaN under 2 rows a bin.
    """
    n = len(p)
    if n < 2 * bins:
        return NAN
    total = 0.0
    for rows in np.array_split(np.argsort(p, kind="stable"), bins):
        rate, said, size = float(truth[rows].mean()), float(p[rows].mean()), len(rows)
        total += size / n * ((rate - said) ** 2 - rate * (1 - rate) / (size - 1))
    return float(np.sign(total) * np.sqrt(abs(total)))


def reliability(truth: Bools, p: Floats, *, edges: Sequence[float]) -> list[tuple[float, float, int]]:
    """Mean probability, observed rate and count for each bin between `edges` that holds anything."""
    found = []
    for low, high in pairwise(edges):
        rows = (p >= low) & ((p < high) | ((high == edges[-1]) & (p <= high)))
        if rows.any():
            found.append((float(p[rows].mean()), float(truth[rows].mean()), int(rows.sum())))
    return found


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval from resampling whole dialogues (percentiles; NaN where it cannot be had)."""

    value: float
    low: float
    high: float


def resampled(
    figure: Callable[[NDArray[np.int64]], float], groups: Sequence[NDArray[np.int64]], *, draws: int, seed: int
) -> Estimate:
    """`figure` of all rows, and of `draws` samples of groups with replacement.

    `groups` hold row numbers. Draws in which the figure is undefined are left out. One group alone has no interval:
    every draw of it is the same.
    """
    rng = np.random.default_rng(seed)
    value = figure(np.concatenate(groups))
    if len(groups) < 2:
        return Estimate(value, NAN, NAN)
    sampled = []
    for _ in range(draws):
        chosen = rng.integers(0, len(groups), len(groups))
        drawn = figure(np.concatenate([groups[i] for i in chosen]))
        if not np.isnan(drawn):
            sampled.append(drawn)
    if len(sampled) < 20:
        return Estimate(value, NAN, NAN)
    low, high = np.percentile(sampled, [2.5, 97.5])
    return Estimate(value, float(low), float(high))


Found = dict[str, float | None]  # an estimate in a report: value, low and high; None where undefined


def document(estimate: Estimate) -> Found:
    return {
        name: None if np.isnan(value) else round(value, 4)
        for name, value in (("value", estimate.value), ("low", estimate.low), ("high", estimate.high))
    }
