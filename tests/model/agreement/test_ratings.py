"""Reading ratings: generous about form, exact about values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model.agreement import (
    Agreement,
    RatingsInvalid,
    cohen_kappa,
    gwet_ac,
    krippendorff_alpha,
    light_kappa,
    percent_agreement,
)
from model.agreement.ratings import read_ratings

pd = pytest.importorskip("pandas")

CODES = [[0, 1], [1, -1], [2, 2]]


@pytest.mark.parametrize(
    "ratings",
    [
        [[1, 2], [2, None], [4, 4]],
        ((1, 2), (2, float("nan")), (4, 4)),
        np.array([[1, 2], [2, np.nan], [4, 4]]),
        np.array([[1, 2], [2, None], [4, 4]], dtype=object),
        np.array([[1, 2], [2, np.nan], [4, 4]], dtype=np.float32),
        np.ma.masked_array([[1, 2], [2, 9], [4, 4]], mask=np.array([[False, False], [False, True], [False, False]])),
        pd.DataFrame({"a": [1, 2, 4], "b": [2, None, 4]}),
        pd.DataFrame({"a": pd.array([1, 2, 4], dtype="Int64"), "b": pd.array([2, None, 4], dtype="Int64")}),
    ],
)
def test_forms_that_are_read(ratings: Any) -> None:
    assert read_ratings(ratings, categories=[4, 1, 2]).codes.tolist() == CODES


def test_categories_are_sorted_values_or_names_in_order() -> None:
    assert read_ratings([[1, 2]], categories=[4, 1, 2]).labels == (1, 2, 4)
    assert read_ratings([["low", "high"]], categories=["low", "mid", "high"]).codes.tolist() == [[0, 2]]
    assert read_ratings([[True, False]], categories=[0, 1]).codes.tolist() == [[1, 0]]


def test_a_float_that_is_nearly_a_category_is_that_category() -> None:
    assert read_ratings([[0.1 + 0.2, 0.3]], categories=[0.1, 0.2, 0.3]).codes.tolist() == [[2, 2]]


@pytest.mark.parametrize(
    "ratings", [[[1, 2], [2, 7]], [[1, 2], [2, 1.5]], [[1, 2], [2, float("inf")]], [[1, 2], [None, "x"]]]
)
def test_a_value_outside_is_named_by_row_and_column(ratings: Any) -> None:
    with pytest.raises(RatingsInvalid, match="row 1, column 1") as refused:
        percent_agreement(ratings, categories=[1, 2, 3, 4])
    assert (refused.value.row, refused.value.column) == (1, 1)
    assert "1, 2, 3, 4" in refused.value.fact


@pytest.mark.parametrize(
    ("ratings", "categories", "words"),
    [
        ([[1, 2], [1]], [1, 2], "same length"),
        ([1, 2, 1], [1, 2], "1 dimension"),
        ([[1, 2]], [], "empty"),
        ([[1, 2]], [1, 1, 2], "twice"),
        ([[1, 2]], [1, float("nan")], "empty"),
        ([[1, 2]], [1, float("inf")], "infinite"),
        ([[1, 2]], [1, "b"], "mix"),
        ([[1, 2]], None, "No list"),
        ([["a", "z"]], ["a", "b"], "row 0, column 1"),
    ],
)
def test_what_is_refused(ratings: Any, categories: Any, words: str) -> None:
    with pytest.raises(RatingsInvalid, match=words):
        percent_agreement(ratings, categories=categories)


def test_asking_for_what_does_not_exist() -> None:
    ratings: list[list[Any]] = [[1, 2], [2, 2], [1, 1]]
    every_wrong: tuple[Callable[[], Agreement], ...] = (
        lambda: gwet_ac(ratings, categories=[1, 2], weights="cubic"),
        lambda: gwet_ac([["a", "b"], ["b", "b"]], categories=["a", "b"], weights="linear"),
        lambda: gwet_ac(ratings, categories=[1, 2], weights=[[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        lambda: gwet_ac(ratings, categories=[1, 2], weights=[[0, 1], [1, 0]]),
        lambda: gwet_ac(ratings, categories=[1, 2], interval="exact"),  # type: ignore[arg-type]
        lambda: gwet_ac(ratings, categories=[1, 2], estimand="anyone"),  # type: ignore[arg-type]
        lambda: gwet_ac(ratings, categories=[1, 2], confidence=95),
        lambda: gwet_ac(ratings, categories=[1, 2], clusters=[1]),
        lambda: krippendorff_alpha(ratings, categories=[1, 2], level="cardinal"),
        lambda: krippendorff_alpha(ratings, categories=[-1, 1, 2], level="ratio"),
        lambda: light_kappa(ratings, categories=[1, 2], interval="analytic"),
        lambda: cohen_kappa(ratings, categories=[1, 2], raters=(0, 2)),
        lambda: cohen_kappa(ratings, categories=[1, 2], raters=(1, 1)),
        lambda: percent_agreement(ratings, categories=[1, 2], weights="linear", within=1),
    )
    for wrong in every_wrong:
        with pytest.raises(RatingsInvalid):
            wrong()


def test_weights_use_values_not_positions() -> None:
    # values 0, 1, 5: linear weight of (0, 1) is 1 - 1/5 = .8, of (1, 5) it is 1 - 4/5 = .2
    found = percent_agreement([[0, 1], [1, 5]], categories=[0, 1, 5], weights="linear")
    assert found.value == pytest.approx((0.8 + 0.2) / 2)
    found = percent_agreement([[0, 1], [1, 5]], categories=[0, 1, 5], weights="quadratic")
    assert found.value == pytest.approx((1 - 1 / 25 + 1 - 16 / 25) / 2)
    # gwet_ordinal uses positions: 1 - C(2, 2)/C(3, 2) = 2/3 for neighbours
    found = percent_agreement([[0, 1], [1, 5]], categories=[0, 1, 5], weights="gwet_ordinal")
    assert found.value == pytest.approx(2 / 3)


def test_an_unused_category_counts() -> None:
    # sklearn without labels= re-indexes: .7391; on the declared scale 1..4 with 3 unused the answer is .7059
    a, b = [1, 1, 2, 2, 4, 4], [1, 2, 2, 2, 4, 2]
    declared = cohen_kappa(list(zip(a, b, strict=True)), categories=[1, 2, 3, 4], weights="quadratic").value
    squeezed = [[{1: 1, 2: 2, 4: 3}[x] for x in pair] for pair in zip(a, b, strict=True)]
    assert declared != cohen_kappa(squeezed, categories=[1, 2, 3], weights="quadratic").value


def test_within_one() -> None:
    # pairs: 0, 1, 2 and 3 steps apart -> exact 1/4, within one 2/4
    ratings = [[1, 1], [1, 2], [2, 4], [4, 1]]
    assert percent_agreement(ratings, categories=[1, 2, 3, 4]).value == 0.25
    assert percent_agreement(ratings, categories=[1, 2, 3, 4], within=1).value == 0.5
