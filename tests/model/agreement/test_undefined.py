"""Where no number is honest: every coefficient answers alike, with the reason and the percent agreement."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model.agreement import (
    Agreement,
    agreement_table,
    brennan_prediger,
    cohen_kappa,
    conger_kappa,
    fleiss_kappa,
    gwet_ac,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
    scott_pi,
)

CORRECTED: list[Callable[..., Agreement]] = [
    cohen_kappa,
    scott_pi,
    fleiss_kappa,
    conger_kappa,
    light_kappa,
    brennan_prediger,
    gwet_ac,
    krippendorff_alpha,
]
LEVELS = [1, 2, 3, 4]
NAN = float("nan")


@pytest.mark.parametrize("coefficient", CORRECTED)
@pytest.mark.parametrize(
    ("ratings", "reason", "percent"),
    [
        ([[3, 3], [3, 3], [3, 3]], "one value in use", 1.0),
        ([[3, 3], [3, 3], [None, 2]], "one value in use", 1.0),  # the 2 has nothing to be compared with
        ([[1, NAN], [NAN, 2], [3, NAN]], "nothing to compare", None),
        ([[NAN, NAN], [NAN, NAN]], "nothing to compare", None),
        ([[1], [2], [3]], "nothing to compare", None),
        ([[1, 2]], "Only one unit", 0.0),
        ([[2, 2]], "Only one unit", 1.0),
        ([[1, 2], [3, NAN]], "Only one unit", 0.0),
        ([], "nothing to compare", None),
        (np.empty((0, 2)), "nothing to compare", None),
        (np.empty((3, 0)), "nothing to compare", None),
    ],
)
def test_undefined_alike(
    coefficient: Callable[..., Agreement], ratings: Any, reason: str, percent: float | None
) -> None:
    for interval in (None, "recommended", "bootstrap"):
        found = coefficient(ratings, categories=LEVELS, interval=interval)
        assert found.value is None
        assert found.reason is not None
        assert reason in found.reason
        assert found.percent_agreement == percent
        assert (found.se, found.low, found.high) == (None, None, None)


def test_percent_agreement_needs_only_a_pair() -> None:
    assert percent_agreement([[3, 3]], categories=LEVELS).value == 1.0
    assert percent_agreement([[3, 3], [3, 3]], categories=LEVELS).value == 1.0
    assert percent_agreement([[3, NAN]], categories=LEVELS).value is None
    alone = percent_agreement([[3, 3]], categories=LEVELS, interval="recommended")
    assert alone.se is None
    assert alone.interval_reason is not None


def test_the_table_answers_as_each_function_does() -> None:
    for found in agreement_table([[3, 3], [3, 3]], categories=LEVELS):
        assert (found.value is None) == (found.coefficient != "Percent agreement")


def test_one_cluster_has_a_value_but_no_interval() -> None:
    found = gwet_ac([[1, 1], [2, 3], [3, 3]], categories=LEVELS, clusters=["s1"] * 3, interval="recommended")
    assert found.value is not None
    assert found.se is None
    assert found.interval_reason is not None
    assert "one submission" in found.interval_reason


def test_a_jackknife_that_loses_all_variation_says_so() -> None:
    # only unit 0 differs; without it all ratings are 2
    found = krippendorff_alpha([[1, 2], [2, 2], [2, 2]], categories=LEVELS, interval="jackknife")
    assert found.value is not None
    assert found.se is None
    assert found.interval_reason is not None
    assert "Leaving out one submission" in found.interval_reason


def test_a_bootstrap_that_is_often_undefined_says_so() -> None:
    ratings = [[1, 2]] + [[2, 2]] * 9  # (9/10)^10 = 35 % of resamples never draw unit 0
    found = fleiss_kappa(ratings, categories=LEVELS, interval="bootstrap")
    assert found.low is None
    assert found.interval_reason is not None
    assert "resamples had no answer" in found.interval_reason


def test_perfect_agreement_has_no_bootstrap_t() -> None:
    found = gwet_ac([[1, 1], [2, 2], [3, 3]], categories=LEVELS, interval="bootstrap-t")
    assert found.value == 1.0
    assert found.low is None
    assert found.interval_reason is not None
    assert "agree perfectly" in found.interval_reason


def test_two_raters_say_nothing_about_raters_like_these() -> None:
    found = gwet_ac([[1, 1], [2, 3], [3, 3]], categories=LEVELS, interval="analytic", estimand="raters like these")
    assert found.se is None
    assert found.estimand == "raters like these"
    assert found.interval_reason is not None
    assert "needs three" in found.interval_reason


def test_light_names_the_pairs_it_left_out() -> None:
    # columns 0 and 2 share no unit
    ratings = [[1, 1, NAN], [2, 2, NAN], [3, 2, NAN], [NAN, 1, 1], [NAN, 2, 2], [NAN, 3, 3]]
    found = light_kappa(ratings, categories=LEVELS)
    first = cohen_kappa(ratings, categories=LEVELS, raters=(0, 1)).value
    second = cohen_kappa(ratings, categories=LEVELS, raters=(1, 2)).value
    assert first is not None
    assert second is not None
    assert found.value == pytest.approx((first + second) / 2)
    assert "0 and 2" in found.notes[0]
