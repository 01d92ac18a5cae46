"""From what is held of an utterance's codes to what is shown of it: for each indicator, the chance that it is there.

A reviewer is shown a moment of an indicator and asked whether it is one, so what counts is the chance that the
utterance bears *any* code of the indicator. That is more than the surest code's chance, since talk that is either an
idea or a reason is youth voice all the same. A logistic model over the codes' logits and over that of their union, were
they independent, says how much more; it is fitted on cross-fitted codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from model.indicators import Indicator, codes_of

Floats = NDArray[np.float64]
LEAST = 0.003  # probabilities are kept this far from 0 and 1: beyond it nothing was calibrated


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One indicator: P(it is there) = expit(Σ weight·logit(p_code) + any_weight·logit(p_any) + intercept).

    `threshold` is the probability from which it is shown.
    """

    weights: tuple[tuple[str, float], ...]  # code and weight, every code of the indicator
    any_weight: float
    intercept: float
    threshold: float

    def probability(self, p: Mapping[str, Floats]) -> Floats:
        """Shape (n,) from each code's probabilities (n,)."""
        z = inputs_of([p[code] for code, _ in self.weights])
        return np.asarray(expit(z @ np.array([*(w for _, w in self.weights), self.any_weight]) + self.intercept))


def inputs_of(p: Sequence[Floats]) -> Floats:
    """Logits of each code and of their union were they independent; (n, codes + 1) from columns of shape (n,)."""
    codes = np.stack(p, axis=1)
    either = 1.0 - np.prod(1.0 - codes, axis=1, keepdims=True)
    return np.asarray(logit(np.clip(np.hstack([codes, either]), LEAST, 1.0 - LEAST)))


Showing = Mapping[Indicator, Reading]


def plain_showing(threshold: float) -> dict[Indicator, Reading]:
    """The codes' union as if they were independent, shown from one threshold on: for codes nobody has fitted."""
    return {
        indicator: Reading(
            weights=tuple((code.id, 0.0) for code in codes_of(indicator)),
            any_weight=1.0,
            intercept=0.0,
            threshold=threshold,
        )
        for indicator in Indicator
    }


def showing_document(showing: Showing) -> dict[str, Any]:
    return {
        str(indicator): {
            "weights": dict(reading.weights),
            "any_weight": reading.any_weight,
            "intercept": reading.intercept,
            "threshold": reading.threshold,
        }
        for indicator, reading in showing.items()
    }


def showing_from(document: Mapping[str, Any]) -> dict[Indicator, Reading]:
    return {
        Indicator(name): Reading(
            weights=tuple((str(code), float(weight)) for code, weight in one["weights"].items()),
            any_weight=float(one["any_weight"]),
            intercept=float(one["intercept"]),
            threshold=float(one["threshold"]),
        )
        for name, one in document.items()
    }
