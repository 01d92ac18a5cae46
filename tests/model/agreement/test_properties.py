"""What must hold for any ratings at all."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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
from model.agreement.ratings import Floats
from tests.model.agreement import brute

Coefficient: TypeAlias = Callable[..., Agreement]
CATEGORIES = [0.0, 1.0, 2.0, 5.0]
ANY_RATERS: list[Coefficient] = [fleiss_kappa, conger_kappa, light_kappa, brennan_prediger, gwet_ac, krippendorff_alpha]
WEIGHTS = ["identity", "linear", "quadratic", "gwet_ordinal"]
quick = settings(max_examples=60, deadline=None)


@st.composite
def rating_arrays(draw: st.DrawFn, raters: int | None = None) -> Floats:
    shape = (draw(st.integers(2, 9)), raters or draw(st.integers(2, 5)))
    cell = st.sampled_from([*CATEGORIES, float("nan")])
    rows = draw(st.lists(st.lists(cell, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]))
    return np.array(rows)


def defined(ratings: Floats) -> bool:
    pairable = ratings[(~np.isnan(ratings)).sum(axis=1) >= 2]
    return len(pairable) >= 2 and len(np.unique(pairable[~np.isnan(pairable)])) > 1


@quick
@given(rating_arrays(), st.sampled_from(WEIGHTS))
def test_definitions(ratings: Floats, weights: Any) -> None:
    assume(defined(ratings))
    pairs: list[tuple[Coefficient, str]] = [
        (fleiss_kappa, "fleiss"),
        (gwet_ac, "gwet"),
        (conger_kappa, "conger"),
        (brennan_prediger, "brennan_prediger"),
    ]
    for coefficient, chance in pairs:
        found = coefficient(ratings, categories=CATEGORIES, weights=weights)
        assert found.value == pytest.approx(brute.kappa(ratings, weights, CATEGORIES, chance), abs=1e-9)
        assert found.percent_agreement == pytest.approx(brute.observed(ratings, "identity", CATEGORIES))


@quick
@given(rating_arrays(), st.sampled_from(["nominal", "ordinal", "interval", "ratio"]))
def test_alpha_definition(ratings: Floats, level: str) -> None:
    assume(defined(ratings))
    expected = brute.alpha(ratings, level)
    assert krippendorff_alpha(ratings, categories=CATEGORIES, level=level).value == pytest.approx(expected, abs=1e-9)
    many = [*CATEGORIES, *np.arange(6.0, 20.0)]  # enough categories for the sparse path
    assert krippendorff_alpha(ratings, categories=many, level=level).value == pytest.approx(expected, abs=1e-9)


@quick
@given(rating_arrays(raters=2), st.sampled_from(WEIGHTS))
def test_two_raters(ratings: Floats, weights: Any) -> None:
    assume(defined(ratings))
    cohens = cohen_kappa(ratings, categories=CATEGORIES, weights=weights)
    assert cohens.value == pytest.approx(brute.cohen(ratings, weights, CATEGORIES), abs=1e-9)
    complete = ratings[~np.isnan(ratings).any(axis=1)]
    assert conger_kappa(complete, categories=CATEGORIES, weights=weights).value == pytest.approx(cohens.value, abs=1e-9)
    assert light_kappa(ratings, categories=CATEGORIES, weights=weights).value == pytest.approx(cohens.value, abs=1e-9)
    assert scott_pi(ratings, categories=CATEGORIES, weights=weights).value == pytest.approx(
        fleiss_kappa(complete, categories=CATEGORIES, weights=weights).value, abs=1e-9
    )


def assert_same(first: Agreement, second: Agreement) -> None:
    for name in ("value", "percent_agreement", "se", "low", "high"):
        assert getattr(first, name) == (
            None if getattr(second, name) is None else pytest.approx(getattr(second, name), abs=1e-8)
        )
    assert first.reason == second.reason


@quick
@given(rating_arrays(), st.randoms(use_true_random=False))
@pytest.mark.parametrize("coefficient", ANY_RATERS)
def test_order_of_units_and_raters_is_nothing(coefficient: Coefficient, ratings: Floats, random: Any) -> None:
    rows = random.sample(range(ratings.shape[0]), ratings.shape[0])
    columns = random.sample(range(ratings.shape[1]), ratings.shape[1])
    shuffled = ratings[rows][:, columns]
    asked = {"categories": CATEGORIES, "interval": "jackknife"}
    assert_same(coefficient(ratings, **asked), coefficient(shuffled, **asked))


@quick
@given(rating_arrays(), st.permutations(range(4)))
def test_names_of_nominal_categories_are_nothing(ratings: Floats, order: list[int]) -> None:
    names = ["w", "x", "y", "z"]
    renamed = [[None if np.isnan(v) else names[order[CATEGORIES.index(v)]] for v in row] for row in ratings.tolist()]
    for coefficient in (fleiss_kappa, conger_kappa, light_kappa, brennan_prediger, gwet_ac, percent_agreement):
        numbers, words = (coefficient(ratings, categories=CATEGORIES), coefficient(renamed, categories=names))
        assert numbers.value == (None if words.value is None else pytest.approx(words.value, abs=1e-9))
    first = krippendorff_alpha(ratings, categories=CATEGORIES, level="nominal")
    second = krippendorff_alpha(renamed, categories=names, level="nominal")
    assert first.value == (None if second.value is None else pytest.approx(second.value, abs=1e-9))


@quick
@given(rating_arrays(), st.floats(0.5, 20), st.floats(-5, 5))
def test_a_linear_change_of_scale_is_nothing(ratings: Floats, slope: float, shift: float) -> None:
    moved, scale = ratings * slope + shift, [value * slope + shift for value in CATEGORIES]
    for weights in ("linear", "quadratic"):
        for coefficient in (fleiss_kappa, conger_kappa, brennan_prediger, gwet_ac):
            first = coefficient(ratings, categories=CATEGORIES, weights=weights)
            second = coefficient(moved, categories=scale, weights=weights)
            assert first.value == (None if second.value is None else pytest.approx(second.value, abs=1e-7))
    first = krippendorff_alpha(ratings, categories=CATEGORIES, level="interval")
    second = krippendorff_alpha(moved, categories=scale, level="interval")
    assert first.value == (None if second.value is None else pytest.approx(second.value, abs=1e-7))


@quick
@given(rating_arrays())
def test_every_unit_twice(ratings: Floats) -> None:
    """Doubling leaves every coefficient alone but alpha, whose small-sample term it moves towards 1 - D_o / Σ p²."""
    assume(defined(ratings))
    twice = np.concatenate([ratings, ratings])
    clusters = list(range(len(ratings))) * 2
    for coefficient in (fleiss_kappa, conger_kappa, light_kappa, brennan_prediger, gwet_ac):
        first = coefficient(ratings, categories=CATEGORIES, interval="jackknife")
        second = coefficient(twice, categories=CATEGORIES, interval="jackknife", clusters=clusters)
        assert first.value == pytest.approx(second.value, abs=1e-9)
        # the copies belong to the same submissions, so they add no certainty
        assert first.se == (None if second.se is None else pytest.approx(second.se, abs=1e-8))
    one, two = (krippendorff_alpha(table, categories=CATEGORIES) for table in (ratings, twice))
    assert one.observed_disagreement is not None
    assert two.observed_disagreement is not None
    n = int((~np.isnan(ratings[(~np.isnan(ratings)).sum(axis=1) >= 2])).sum())
    ratio = (n - 1) / n * (2 * n) / (2 * n - 1)  # D_e has n - 1 below, then 2n - 1
    assert two.value is not None
    assert one.value is not None
    assert 1 - two.value == pytest.approx((1 - one.value) / ratio, abs=1e-9)


@quick
@given(rating_arrays())
def test_never_above_one_and_always_explained(ratings: Floats) -> None:
    for found in agreement_table(ratings, categories=CATEGORIES, interval="jackknife"):
        assert (found.value is None) == (found.reason is not None)
        if found.value is not None:
            assert found.value <= 1 + 1e-12
            assert (found.se is None) == (found.interval_reason is not None)
        if found.low is not None and found.high is not None and found.value is not None:
            assert found.low <= found.value <= found.high + 1e-12
            assert found.high <= 1.0
        assert found.n_missing == int(np.isnan(ratings).sum())


@quick
@given(rating_arrays())
def test_agreeing_raters_score_one(ratings: Floats) -> None:
    agreed = np.where(np.isnan(ratings), np.nan, ratings[:, :1])
    assume(defined(agreed))
    for coefficient in ANY_RATERS:
        assert coefficient(agreed, categories=CATEGORIES).value == pytest.approx(1.0)
