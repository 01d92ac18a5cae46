"""From cross-fitted logits to probabilities and thresholds.

Each code gets a slope and an intercept on its logit (Platt 1999, the targets smoothed as he proposes), drawn towards
the slope and intercept all codes share: with few positives a code borrows from the others (STATISTICS on small samples:
pooled and shrunken beats isotonic and unpooled fits below a thousand labels).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RIDGE = 4.0  # strength of the draw towards the shared line, in pseudo-observations on the loss


@dataclass(frozen=True, slots=True)
class Platt:
    slope: float
    intercept: float

    def __call__(self, logits: Floats) -> Floats:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (self.slope * logits + self.intercept))))


def fit_platt(logits: Floats, truth: Bools, *, centre: Platt = Platt(1.0, 0.0), ridge: float = RIDGE) -> Platt:
    """The line on the logit that minimises log loss plus `ridge`·((slope−centre)² + (intercept−centre)²/4).

    `logits` and `truth` have shape (n,). The slope is kept positive: calibration may not reverse an order.
    """
    y = truth.astype(np.float64)

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] * logits + theta[1]
        p = 0.5 * (1.0 + np.tanh(0.5 * z))
        away = theta - (centre.slope, centre.intercept)
        value = float(np.sum(np.logaddexp(0.0, z) - y * z) + ridge * (away[0] ** 2 + away[1] ** 2 / 4))
        return value, np.array([np.sum((p - y) * logits) + 2 * ridge * away[0], np.sum(p - y) + ridge * away[1] / 2])

    found = minimize(
        loss, np.array([centre.slope, centre.intercept]), jac=True, method="L-BFGS-B", bounds=[(0.05, 10.0), (-15, 15)]
    )
    return Platt(float(found.x[0]), float(found.x[1]))


def calibrate(logits: Floats, truth: Bools, usable: Bools) -> tuple[Platt, ...]:
    """One line per code. Shapes (n, n_codes); `usable` marks the rows whose speaker can carry the code."""
    shared = fit_platt(logits[usable], truth[usable])
    return tuple(
        fit_platt(logits[usable[:, k], k], truth[usable[:, k], k], centre=shared) for k in range(logits.shape[1])
    )


def threshold_for(p: Floats, truth: Bools, *, precision: float, floor: float) -> float:
    """The lowest probability from which the flags are right at least `precision` of the time, on cross-fitted `p`.

    Precision is smoothed by one right and one wrong flag at the wanted rate, so that three lucky flags do not set a
    threshold. Never below `floor`; where no threshold reaches `precision`, the one with the best F1 above `floor`.
    """
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(truth[order])
    shown = np.arange(1, len(p) + 1)
    smoothed = (hits + 2 * precision) / (shown + 2)
    last_of_tie = np.append(p[order][1:] != p[order][:-1], True)
    allowed = last_of_tie & (p[order] >= floor)
    good = np.flatnonzero(allowed & (smoothed >= precision))
    if len(good):
        return float(p[order][good[-1]])
    f1 = np.where(allowed, 2 * hits / (shown + max(1, truth.sum())), -1.0)
    best = int(np.argmax(f1))
    return float(p[order][best]) if allowed[best] else 0.5


def thresholds(
    p: Floats, truth: Bools, codes: Sequence[str], *, precision: float, floor: float = 0.3
) -> dict[str, float]:
    """`threshold_for` every code, rounded to three places so that the manifest reads well."""
    return {
        code: round(threshold_for(p[:, k], truth[:, k], precision=precision, floor=floor), 3)
        for k, code in enumerate(codes)
    }
