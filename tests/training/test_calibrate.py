"""Calibration recovers known lines; thresholds by hand-counted flags."""

import numpy as np
import pytest
from scipy.special import expit

from model.indicators import CODE_IDS
from training.calibrate import Platt, calibrate, fit_platt, threshold_for, thresholds


def test_a_known_line_is_recovered_from_many_rows() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, 20_000)
    truth = rng.random(20_000) < expit(0.5 * logits - 1.0)
    found = fit_platt(logits, truth)
    assert found.slope == pytest.approx(0.5, abs=0.05)
    assert found.intercept == pytest.approx(-1.0, abs=0.1)


def test_few_rows_stay_near_the_centre() -> None:
    found = fit_platt(np.array([2.0, -2.0]), np.array([False, True]), centre=Platt(1.0, 0.0), ridge=50.0)
    assert found.slope == pytest.approx(1.0, abs=0.15)


def test_calibration_never_reverses_an_order() -> None:
    logits = np.linspace(-3, 3, 200)
    assert fit_platt(logits, logits < 0).slope > 0


def test_rows_whose_speaker_cannot_carry_a_code_are_left_out() -> None:
    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (4000, 2))
    truth = rng.random((4000, 2)) < expit(logits)
    usable = np.ones((4000, 2), dtype=bool)
    spoilt = truth.copy()
    usable[:2000, 1] = False
    spoilt[:2000, 1] = False  # a youth's lines: never a facilitator's code, and no reason to doubt the head
    assert calibrate(logits, spoilt, usable)[1].intercept == pytest.approx(0.0, abs=0.2)


def test_the_threshold_is_the_best_f1_among_those_precise_enough() -> None:
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    truth = np.array([True, True, True, False, True, False])
    # from .5 on: 4 right of 5, .8 >= .75; F1 = 2·4 / (5 + 4), the best
    assert threshold_for(p, truth, precision=0.75) == 0.5
    # at .95 only what is all right counts: from .7 on, 3 of 3
    assert threshold_for(p, truth, precision=0.95) == 0.7


def test_without_a_positive_the_threshold_is_a_half() -> None:
    assert threshold_for(np.array([0.9, 0.1]), np.array([False, False]), precision=0.7) == 0.5


def test_a_threshold_spares_the_rows_it_is_to_spare() -> None:
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    truth = np.array([True, False, True, True, True])
    # from .5 on all are shown: 4 right of 5; but the false one stands in a row to be spared, which leaves .9 alone
    sparing = np.array([False, True, False, False, False])
    assert threshold_for(p, truth, precision=0.5) == 0.5
    assert threshold_for(p, truth, precision=0.5, sparing=sparing, most_false=0) == 0.9
    assert threshold_for(p, truth, precision=0.5, sparing=sparing, most_false=1) == 0.5


def test_where_nothing_is_right_often_enough_rows_are_spared_all_the_same() -> None:
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    truth = np.array([False, True, False, True, True])
    sparing = np.array([False, False, True, False, False])
    # no threshold is right 19 times in 20; the best F1 is 2*3 / (5 + 3) from .5 on, but 2*1 / (2 + 3) from .8; either
    # way the flags are less right than asked: 3 of 5, and 1 of 2
    assert threshold_for(p, truth, precision=0.95) == 0.5
    assert threshold_for(p, truth, precision=0.95, sparing=sparing, most_false=0) == 0.8


def test_every_code_has_its_own_threshold() -> None:
    rng = np.random.default_rng(2)
    p = rng.random((500, len(CODE_IDS)))
    found = thresholds(p, rng.random(p.shape) < p, precision=0.7)
    assert tuple(found) == CODE_IDS
    assert found["open"] != found["press"]
