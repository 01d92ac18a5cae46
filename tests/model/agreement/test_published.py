"""Coefficients on published tables, to the digits printed."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest

from model.agreement import (
    Agreement,
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
from tests.model.agreement.published import (
    ABSTRACTORS,
    FLEISS_1971,
    GWET_12X4,
    GWET_15X5,
    KRIPPENDORFF_12X4,
    KRIPPENDORFF_BINARY,
    KRIPPENDORFF_NOMINAL,
    from_table,
)

Coefficient: TypeAlias = Callable[..., Agreement]
FIVE = range(1, 6)


def assert_printed(found: Agreement, value: float, se: float, low: float, high: float, digits: int = 5) -> None:
    assert found.value is not None
    assert found.se is not None
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(value, abs=0.6 * 10**-digits)
    assert found.se == pytest.approx(se, abs=0.6 * 10**-digits)
    assert found.low == pytest.approx(low, abs=0.0006)
    assert found.high == pytest.approx(high, abs=0.0006)


@pytest.mark.parametrize(
    ("coefficient", "value", "se", "low"),
    [
        (percent_agreement, 0.81818, 0.12561, 0.542),
        (gwet_ac, 0.77544, 0.14295, 0.461),
        (fleiss_kappa, 0.76117, 0.15302, 0.424),
        (conger_kappa, 0.76282, 0.14917, 0.435),
        (brennan_prediger, 0.77273, 0.14472, 0.454),
    ],
)
def test_gwet_12x4_with_standard_errors(coefficient: Coefficient, value: float, se: float, low: float) -> None:
    # printed in irrCAC's read-me; intervals are value ± t(11 df) · se = 2.20099 se, cut off at 1
    assert_printed(coefficient(GWET_12X4, categories=FIVE, interval="analytic"), value, se, low, 1.0)


def test_gwet_12x4_by_hand() -> None:
    # agreement within units 1..11 (unit 12 has one rating): 1, 1/2, 1, 1, 1, 0, 1, 1/2, 1, 1, 1 -> 9/11
    # π_k: mean over 12 units of the share of ratings; Σ π_k (1 - π_k) / (5 - 1) = .1903212
    found = gwet_ac(GWET_12X4, categories=FIVE)
    assert found.percent_agreement == pytest.approx(9 / 11)
    assert found.observed_disagreement == pytest.approx(2 / 11)
    assert found.expected_disagreement == pytest.approx(1 - 0.1903212, abs=1e-7)
    assert (found.n_units, found.n_pairable, found.n_raters, found.n_missing) == (12, 11, 4, 7)


@pytest.mark.parametrize(
    ("level", "value"), [("nominal", 0.74342), ("ordinal", 0.81539), ("interval", 0.84911), ("ratio", 0.79740)]
)
def test_krippendorff_12x4(level: str, value: float) -> None:
    # Krippendorff (2011) prints .743, .815, .849 and .797 for this table; Gwet's differs only in which rater rated
    # unit 12, which has a single rating and drops out
    for table in (KRIPPENDORFF_12X4, GWET_12X4):
        assert krippendorff_alpha(table, categories=FIVE, level=level).value == pytest.approx(value, abs=6e-6)


def test_krippendorff_binary_by_hand() -> None:
    # ten units, six in agreement: o_00 = 10, o_01 = o_10 = 4, o_11 = 2, so n_0 = 14, n_1 = 6, n = 20
    # D_o = 8/20, D_e = 2 · 14 · 6 / (20 · 19) = 168/380, alpha = 1 - (8/20)(380/168) = 1 - 76/84 = .095
    found = krippendorff_alpha(KRIPPENDORFF_BINARY, categories=[0, 1], level="nominal")
    assert found.observed_disagreement == pytest.approx(8 / 20)
    assert found.expected_disagreement == pytest.approx(168 / 380)
    assert found.value == pytest.approx(1 - 76 / 84)


def test_krippendorff_nominal_names() -> None:
    # Krippendorff (2011), section B: alpha = .692
    found = krippendorff_alpha(KRIPPENDORFF_NOMINAL, categories=["a", "b", "c", "d", "e"], level="nominal")
    assert found.value == pytest.approx(0.692, abs=0.0005)


@pytest.mark.parametrize(
    ("coefficient", "value", "se", "low", "high"),
    [
        (gwet_ac, 0.497, 0.122, 0.235, 0.758),
        (fleiss_kappa, 0.458, 0.120, 0.199, 0.716),
        (conger_kappa, 0.469, 0.117, 0.219, 0.719),
    ],
)
def test_gwet_15x5(coefficient: Coefficient, value: float, se: float, low: float, high: float) -> None:
    # three digits, as the test suite of the irrCAC package for Python prints them
    assert_printed(coefficient(GWET_15X5, categories=range(4), interval="analytic"), value, se, low, high, digits=3)


@pytest.mark.parametrize(
    ("coefficient", "weights", "value", "se"),
    [
        (gwet_ac, "linear", 0.859, 0.117),
        (gwet_ac, "quadratic", 0.914, 0.104),
        (gwet_ac, "gwet_ordinal", 0.899, 0.107),
        (fleiss_kappa, "linear", 0.818, 0.149),
        (fleiss_kappa, "quadratic", 0.865, 0.146),
        (fleiss_kappa, "gwet_ordinal", 0.850, 0.147),
        (conger_kappa, "linear", 0.814, 0.145),
        (conger_kappa, "quadratic", 0.858, 0.144),
        (conger_kappa, "gwet_ordinal", 0.844, 0.144),
    ],
)
def test_gwet_12x4_weighted(coefficient: Coefficient, weights: str, value: float, se: float) -> None:
    found = coefficient(GWET_12X4, categories=FIVE, weights=weights, interval="analytic")
    assert found.value == pytest.approx(value, abs=0.0006)
    assert found.se == pytest.approx(se, abs=0.0006)


def test_gwet_ordinal_weights_are_not_krippendorffs_ordinal_metric() -> None:
    # irrCAC's alpha with its "ordinal" weights is .834; Krippendorff's ordinal alpha is .815
    assert krippendorff_alpha(GWET_12X4, categories=FIVE, level="ordinal").value == pytest.approx(0.81539, abs=1e-5)


def test_fleiss_1971() -> None:
    found = fleiss_kappa(FLEISS_1971, categories=FIVE)
    assert found.value == pytest.approx(0.43024, abs=6e-6)
    # Fleiss prints .245, .245, .520, .471 and .566 for the five diagnoses
    assert [one.value for one in found.per_category] == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=6e-4)
    assert [one.share for one in found.per_category] == pytest.approx(
        [26 / 180, 26 / 180, 30 / 180, 55 / 180, 43 / 180]
    )
    assert conger_kappa(FLEISS_1971, categories=FIVE).value == pytest.approx(0.44181, abs=6e-6)
    assert light_kappa(FLEISS_1971, categories=FIVE).value == pytest.approx(0.459, abs=6e-4)


@pytest.mark.parametrize(
    ("coefficient", "value", "se", "low", "high"),
    [
        (gwet_ac, 0.4448007, 0.08418757, 0.264, 0.625),
        (fleiss_kappa, 0.4139265, 0.08119291, 0.24, 0.588),
        (brennan_prediger, 0.4388889, 0.08312142, 0.261, 0.617),
    ],
)
def test_fleiss_first_fifteen(coefficient: Coefficient, value: float, se: float, low: float, high: float) -> None:
    # irrCAC's distrib.6raters is the first half of Fleiss' table
    assert_printed(coefficient(FLEISS_1971[:15], categories=FIVE, interval="analytic"), value, se, low, high, digits=7)


@pytest.mark.parametrize(
    ("coefficient", "value", "se"),
    [
        (cohen_kappa, 0.7964094, 0.05891072),
        (scott_pi, 0.7962397, 0.05905473),
        (gwet_ac, 0.8493305, 0.04321747),
        (brennan_prediger, 0.835, 0.04693346),
        (percent_agreement, 0.89, 0.03128898),
    ],
)
def test_two_abstractors(coefficient: Coefficient, value: float, se: float) -> None:
    found = coefficient(from_table(ABSTRACTORS), categories=range(3), interval="analytic")
    assert found.value == pytest.approx(value, abs=6e-8)
    # irrCAC's functions for cross-tables divide by n where its functions for ratings, and ours, divide by n - 1
    assert found.se == pytest.approx(se * np.sqrt(100 / 99), abs=6e-8)
