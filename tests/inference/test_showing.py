"""The chance of an indicator from those of its codes."""

import numpy as np
import pytest
from scipy.special import expit, logit

from inference.showing import LEAST, Reading, plain_showing, showing_document, showing_from
from model.indicators import Indicator, codes_of

RELEVANCE = [code.id for code in codes_of(Indicator.STEM_RELEVANCE)]


def test_codes_taken_as_independent_add_up_to_their_union() -> None:
    reading = plain_showing(0.5)[Indicator.PURPOSEFUL_QUESTIONS]
    p = {"open": np.array([0.5, 0.2, 0.9]), "press": np.array([0.5, 0.0, 0.0])}
    # 1 - .5*.5, 1 - .8*1, 1 - .1*1
    assert reading.probability(p) == pytest.approx([0.75, 0.2, 0.9])


def test_weights_act_on_logits() -> None:
    reading = Reading(weights=(("open", 0.5), ("press", 0.25)), any_weight=1.0, intercept=-0.3, threshold=0.4)
    p = {"open": np.array([0.8]), "press": np.array([0.1])}
    expected = expit(0.5 * logit(0.8) + 0.25 * logit(0.1) + logit(1 - 0.2 * 0.9) - 0.3)
    assert reading.probability(p) == pytest.approx([expected])


def test_a_certainty_stays_finite() -> None:
    reading = plain_showing(0.5)[Indicator.STEM_RELEVANCE]
    p = {code: np.array([0.0, 1.0]) for code in RELEVANCE}
    assert reading.probability(p) == pytest.approx([LEAST, 1 - LEAST])


def test_a_showing_comes_back_from_its_document() -> None:
    showing = plain_showing(0.37)
    assert showing_from(showing_document(showing)) == showing
