"""From cross-fitted logits to probabilities and thresholds.

Each code gets a slope and an intercept on its logit (Platt 1999, but on targets of plain 0 and 1), drawn towards the
slope and intercept all codes share: with few positives a code borrows from the others, and that draw keeps it from the
overfit Platt smooths his targets against.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from model.indicators import CODE_IDS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RIDGE = 4.0  # strength of the draw towards the shared line, in pseudo-observations on the loss


@dataclass(frozen=True, slots=True)
class Platt:
    slope: float
    intercept: float

    def __call__(self, logits: Floats) -> Floats:
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * (self.slope * logits + self.intercept))))


IDENTITY = Platt(1.0, 0.0)


def fit_platt(
    logits: Floats, truth: Bools, *, centre: Platt = IDENTITY, ridge: float = RIDGE, weight: Floats | None = None
) -> Platt:
    """The line on the logit that minimises log loss plus `ridge`·((slope−centre)² + (intercept−centre)²/4).

    `logits`, `truth` and `weight` have shape (n,). The slope is kept positive: calibration may not reverse an order.
    """
    y = truth.astype(np.float64)
    w = np.ones(len(y)) if weight is None else weight

    def loss(theta: Floats) -> tuple[float, Floats]:
        z = theta[0] * logits + theta[1]
        p = 0.5 * (1.0 + np.tanh(0.5 * z))
        away = theta - (centre.slope, centre.intercept)
        value = float(np.sum(w * (np.logaddexp(0.0, z) - y * z)) + ridge * (away[0] ** 2 + away[1] ** 2 / 4))
        return value, np.array(
            [np.sum(w * (p - y) * logits) + 2 * ridge * away[0], np.sum(w * (p - y)) + ridge * away[1] / 2]
        )

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


def threshold_for(
    p: Floats,
    truth: Bools,
    *,
    precision: float,
    floor: float = 0.25,
    sparing: Bools | None = None,
    most_false: float = math.inf,
) -> float:
    """The probability from which to show: best F1 on cross-fitted `p` (n,) among those that are right often enough.

    "Often enough" is a share of `precision` among the flags, and at most `most_false` false flags on the rows marked in
    `sparing`. Never below `floor`; 0.5 where there is nothing at all.

    No threshold may be right often enough. Then `precision` is given up, the rows to spare are still spared if they
    can be, and the flags are right less often than asked: the model card says where (`cards.held`).
    """
    order = np.argsort(-p, kind="stable")
    hits = np.cumsum(truth[order])
    shown = np.arange(1, len(p) + 1)
    last_of_tie = np.append(p[order][1:] != p[order][:-1], True)
    allowed = last_of_tie & (p[order] >= floor)
    if not allowed.any() or not truth.any():
        return 0.5
    precise = hits / shown >= precision
    spared = np.ones(len(p), dtype=bool) if sparing is None else np.cumsum((sparing & ~truth)[order]) <= most_false
    choices = (allowed & precise & spared, allowed & spared, allowed)
    f1 = np.where(next(some for some in choices if some.any()), 2 * hits / (shown + truth.sum()), -1.0)
    return float(p[order][int(np.argmax(f1))])


def thresholds(p: Floats, truth: Bools, *, precision: float) -> dict[str, float]:
    """The probability from which a code counts as given, `p` and `truth` (n, n_codes) in the order of CODE_IDS.

    For figures on codes; what a reviewer is shown is decided by indicator (`training.fit_showing`). Three places.
    """
    return {code: round(threshold_for(p[:, k], truth[:, k], precision=precision), 3) for k, code in enumerate(CODE_IDS)}
