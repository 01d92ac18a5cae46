"""Figures against arithmetic done by hand."""

import math

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from training.scores import (
    auprc,
    ceiling_at,
    debiased_calibration_error,
    f1,
    kappa,
    mcc,
    precision,
    precision_at,
    recall,
    reliability,
    resampled,
)

TRUTH = np.array([True, True, True, False, False, False, False, False])
SHOWN = np.array([True, True, False, True, False, False, False, False])


def test_counts_by_hand() -> None:
    # 2 hits, 1 false flag, 1 missed, 4 rightly silent
    assert precision(TRUTH, SHOWN) == pytest.approx(2 / 3)
    assert recall(TRUTH, SHOWN) == pytest.approx(2 / 3)
    assert f1(TRUTH, SHOWN) == pytest.approx(4 / 6)
    assert mcc(TRUTH, SHOWN) == pytest.approx((2 * 4 - 1 * 1) / math.sqrt(3 * 3 * 5 * 5))
    # agreement 6/8; by chance (3·3 + 5·5)/64
    assert kappa(TRUTH, SHOWN) == pytest.approx((6 / 8 - 34 / 64) / (1 - 34 / 64))


def test_average_precision_is_the_librarys_ties_included() -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        p = rng.integers(0, 6, 40) / 5
        truth = rng.random(40) < 0.3
        if truth.any():
            assert auprc(truth, p) == pytest.approx(average_precision_score(truth, p))


def test_what_is_undefined_is_nan() -> None:
    nothing = np.zeros(4, dtype=bool)
    assert math.isnan(precision(nothing, nothing))
    assert math.isnan(recall(nothing, nothing))
    assert math.isnan(f1(nothing, nothing))
    assert math.isnan(mcc(nothing, nothing))


def test_precision_among_the_surest() -> None:
    truth = np.array([True, False, True, False, False, True])
    p = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.1])
    assert precision_at(5, truth, p) == pytest.approx(2 / 5)  # the third one is sixth in order
    assert ceiling_at(5, truth) == pytest.approx(3 / 5)  # three are there
    # of two utterances both are looked at, however few that is
    assert precision_at(5, truth[:2], p[:2]) == ceiling_at(5, truth[:2]) == 1 / 2
    # nothing to find: 0, not left out
    assert precision_at(5, ~truth[:1], p[:1]) == ceiling_at(5, ~truth[:1]) == 0.0
    # of equals the earlier counts first
    assert precision_at(1, truth, np.full(6, 0.5)) == 1.0


def test_perfect_forecasts_have_a_debiased_error_around_zero() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        p = rng.random(200)
        found.append(debiased_calibration_error(rng.random(200) < p, p))
    squares = [np.sign(error) * error**2 for error in found]
    assert abs(float(np.mean(squares))) < 0.002  # the plain squared error of 10 bins of 20 averages about .008


def test_a_shift_is_seen() -> None:
    rng = np.random.default_rng(1)
    p = rng.uniform(0.3, 0.7, 5000)
    assert debiased_calibration_error(rng.random(5000) < p - 0.2, p) == pytest.approx(0.2, abs=0.02)


def test_reliability_bins() -> None:
    p, truth = np.array([0.1, 0.15, 0.9]), np.array([False, True, True])
    assert reliability(truth, p, edges=(0.0, 0.5, 1.0)) == [(pytest.approx(0.125), 0.5, 2), (0.9, 1.0, 1)]


def test_resampling_keeps_dialogues_whole() -> None:
    values = np.array([0.0] * 50 + [1.0] * 50)
    groups = [np.arange(50), np.arange(50, 100)]
    found = resampled(lambda rows: float(values[rows].mean()), groups, draws=400, seed=1)
    alone = resampled(lambda rows: float(values[rows].mean()), groups[:1], draws=400, seed=1)
    assert math.isnan(alone.low)  # one group drawn again and again would look certain
    assert math.isnan(alone.high)
    # of two groups drawn with replacement the mean is 0, .5 or 1: the interval must reach both ends
    assert (found.value, found.low, found.high) == (0.5, 0.0, 1.0)
