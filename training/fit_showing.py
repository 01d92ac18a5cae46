"""Fit the chance of each indicator from its codes' chances (`inference.showing`), and from where on it is shown."""

from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from inference.showing import Reading, inputs_of
from model.indicators import CODE_IDS, Indicator, codes_of
from training.calibrate import Bools, Floats, threshold_for

C = 0.1  # inverse ridge strength on one weight a code and one for their union
MOST_FALSE = 1.5  # false flags in ten minutes of a weak session; a reviewer is to meet no more than two


def fit_showing(
    p: Floats, truth: Bools, weak: Bools, *, weak_minutes: float, precision: float
) -> dict[Indicator, Reading]:
    """`p`, calibrated and cross-fitted, and `truth` have shape (n, n_codes) in the order of CODE_IDS.

    `weak` (n,) marks the lines of weak sessions, which last `weak_minutes` in all. An indicator never seen in `truth`
    is read as if its codes were independent and shown from a half.
    """
    found = {}
    for indicator in Indicator:
        codes = [code.id for code in codes_of(indicator)]
        columns = [CODE_IDS.index(code) for code in codes]
        there = np.asarray(truth[:, columns].any(1))
        weights, intercept = [0.0] * len(codes) + [1.0], 0.0
        if 0 < there.sum() < len(there):
            model = LogisticRegression(C=C, max_iter=1000).fit(inputs_of([p[:, k] for k in columns]), there)
            weights, intercept = [float(w) for w in model.coef_[0]], float(model.intercept_[0])
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
