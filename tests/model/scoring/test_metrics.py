"""Scores of distributions, with the arithmetic shown."""

import numpy as np
import pytest

from model.scoring.metrics import (
    brier,
    calibration_error,
    human_qwk,
    machine_qwk,
    point_level,
    risk_coverage,
    rps,
    rps_of,
    wilson,
)

from .simulated import scored


def test_rps_by_hand() -> None:
    """p = (.1, .2, .7), level 1 of 0..2: F = .1, .3; happened = 0, 1; (.01 + .49) / 2 = .25."""
    assert rps_of(np.array([[0.1, 0.2, 0.7]]), np.array([1])) == pytest.approx([0.25])


def test_rps_of_certain_answers() -> None:
    """Certain of level 0: right 0, one off 1/3, as wrong as can be 1 (4 levels)."""
    p = np.tile([1.0, 0, 0, 0], (3, 1))
    assert rps_of(p, np.array([0, 1, 3])) == pytest.approx([0.0, 1 / 3, 1.0])


def test_brier_by_hand_and_interval_over_submissions() -> None:
    """(.1² + .8² + .7²) = 1.14 and (.9² + .2² + .7²) = 1.34 in two submissions: mean 1.24, se |1.34 - 1.14| / 2."""
    p = np.tile([0.1, 0.2, 0.7], (2, 1))
    found = brier(p, np.array([1, 0]), np.array([0, 1]))

    assert found.value == pytest.approx((0.01 + 0.64 + 0.49 + 0.81 + 0.04 + 0.49) / 2)
    assert found.se == pytest.approx(0.1)
    assert found.df == 1


def test_one_submission_has_a_value_and_no_interval() -> None:
    found = rps(np.array([[0.5, 0.5]]), np.array([0]), np.array([7]))

    assert found.value == pytest.approx(0.25)
    assert found.se is None
    assert found.reason is not None


def test_debiased_error_of_perfect_forecasts_is_centred_on_zero_where_plain_is_not() -> None:
    """300 sets of 100 draws from the forecasts themselves: the truth is 0."""
    rng = np.random.default_rng(1)
    debiased = []
    for _ in range(300):
        p = rng.dirichlet(np.ones(4), size=100)
        level = (rng.random((100, 1)) > np.cumsum(p, axis=1)).sum(axis=1)
        debiased.append(calibration_error(p, level).debiased)

    assert np.mean([x for x in debiased if x is not None]) == pytest.approx(0.0, abs=0.002)


def test_plain_calibration_error_only_from_a_thousand_scores() -> None:
    rng = np.random.default_rng(2)
    p = rng.dirichlet(np.ones(4), size=1000)
    level = (rng.random((1000, 1)) > np.cumsum(p, axis=1)).sum(axis=1)

    few, many, none = (
        calibration_error(p[:999], level[:999]),
        calibration_error(p, level),
        calibration_error(p[:19], level[:19]),
    )

    assert few.plain is None
    assert "1,000" in (few.reason or "")
    assert many.plain is not None
    assert none.debiased is None
    assert none.bins == ()
    assert sum(one.n for one in many.bins) == 3000  # three thresholds


def test_wilson_against_a_published_value() -> None:
    """81 of 263: [.2553, .3662] (Newcombe 1998, table I, method 3)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_point_level_is_nearest_to_the_expected_value() -> None:
    """.45·1 + .1·2 + .45·4 = 2.45 -> level 2, although 2 is the least likely."""
    assert point_level(np.array([[0.45, 0.1, 0.0, 0.45]]), (1.0, 2.0, 3.0, 4.0)).tolist() == [1]


def test_surer_answers_are_wrong_less_often() -> None:
    table = scored(800, machine="near-calibrated")
    points = risk_coverage(table.raw, table)

    assert [round(point.coverage, 1) for point in points] == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
    assert points[0].wrong < points[-1].wrong
    assert points[-1].n == len(table.level)


def test_human_agreement_needs_double_reads_and_machine_agreement_does_not() -> None:
    once, twice = scored(40), scored(40, reads=(0.0, 1.0))

    assert human_qwk(once).value is None
    human, machine = human_qwk(twice), machine_qwk(twice.raw, twice)
    assert human.value is not None
    assert machine.value is not None
    assert human.low is not None
    assert human.n_clusters == 40
