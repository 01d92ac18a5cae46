"""Fit the chance of each indicator from its codes' chances (`inference.showing`), and from where on it is shown."""

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from inference.showing import Reading, inputs_of
from model.indicators import CODE_IDS, Indicator, codes_of
from training.calibrate import Bools, Floats, threshold_for

RIDGE = 10.0  # on one weight a code and one for their union, against the log-likelihood summed over lines
MOST_FALSE = 1.5  # false flags in ten minutes of a weak session; a reviewer is to meet no more than two


def fit_showing(
    p: Floats, truth: Bools, weak: Bools, *, weak_minutes: float, precision: float
) -> dict[Indicator, Reading]:
    """`p`, calibrated and cross-fitted, and `truth` have shape (n, n_codes) in the order of CODE_IDS.

    `weak` (n,) marks the lines of weak sessions, which last `weak_minutes` in all. An indicator never seen in `truth`
    is read as if its codes were independent and shown from a half. No weight is negative: more of a code never makes
    its indicator less likely.
    """
    found = {}
    for indicator in Indicator:
        codes = [code.id for code in codes_of(indicator)]
        columns = [CODE_IDS.index(code) for code in codes]
        there = np.asarray(truth[:, columns].any(1))
        weights, intercept = [0.0] * len(codes) + [1.0], 0.0
        if 0 < there.sum() < len(there):
            weights, intercept = _fit(inputs_of([p[:, k] for k in columns]), there)
        reading = Reading(
            weights=tuple(zip(codes, weights[:-1], strict=True)),
            any_weight=weights[-1],
            intercept=intercept,
            threshold=0.5,
        )
        chance = reading.probability({code: p[:, k] for code, k in zip(codes, columns, strict=True)})
        threshold = threshold_for(
            chance, there, precision=precision, sparing=weak, most_false=MOST_FALSE * weak_minutes / 10
        )
        found[indicator] = replace(reading, threshold=round(threshold, 3))
    return found


def _fit(x: Floats, there: Bools) -> tuple[list[float], float]:
    """Weights, none negative, and intercept of a ridge logistic regression; the intercept is not penalised."""
    sign = np.where(there, 1.0, -1.0)

    def loss(at: Floats) -> tuple[float, Floats]:
        margin = sign * (x @ at[:-1] + at[-1])
        pull = -sign * expit(-margin)
        slope = np.append(pull @ x + RIDGE * at[:-1], pull.sum())
        return float(np.logaddexp(0.0, -margin).sum() + RIDGE / 2 * at[:-1] @ at[:-1]), slope

    free, start = x.shape[1], np.zeros(x.shape[1] + 1)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * free + [(None, None)])
    return [float(w) for w in found.x[:-1]], float(found.x[-1])
