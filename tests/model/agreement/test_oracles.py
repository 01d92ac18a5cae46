"""Other people's libraries on the same ratings. (irrCAC for Python pins an old scipy and cannot be installed.)"""

from typing import Any

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from model.agreement import cohen_kappa, conger_kappa, fleiss_kappa, krippendorff_alpha
from model.agreement.ratings import Floats

LEVELS = [1, 2, 3, 4]


def some_ratings(seed: int, n: int = 40, raters: int = 4, missing: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=(n, 1)) + rng.normal(scale=0.7, size=(n, raters))
    ratings = np.digitize(truth, [-0.9, 0.2, 1.0]) + 1.0
    ratings[rng.random(ratings.shape) < missing] = np.nan
    return np.asarray(ratings, dtype=np.float64)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("level", ["nominal", "ordinal", "interval", "ratio"])
def test_krippendorff_package(seed: int, level: Any) -> None:
    ratings = some_ratings(seed, missing=0.4)
    theirs = krippendorff.alpha(reliability_data=ratings.T, value_domain=LEVELS, level_of_measurement=level)
    assert krippendorff_alpha(ratings, categories=LEVELS, level=level).value == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weights", ["identity", "linear", "quadratic"])
def test_scikit_learn(seed: int, weights: Any) -> None:
    a, b = some_ratings(seed)[:, :2].T
    theirs = cohen_kappa_score(a, b, labels=LEVELS, weights=None if weights == "identity" else weights)
    ours = cohen_kappa(np.column_stack([a, b]), categories=LEVELS, weights=weights)
    assert ours.value == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("weights", ["identity", "linear", "quadratic"])
def test_statsmodels_cohen_with_standard_error(seed: int, weights: Any) -> None:
    a, b = (some_ratings(seed)[:, :2].T - 1).astype(int)
    table = np.zeros((4, 4))
    np.add.at(table, (a, b), 1)
    theirs = cohens_kappa(table, wt=None if weights == "identity" else weights)
    ours = cohen_kappa(np.column_stack([a, b]), categories=range(4), weights=weights, interval="analytic")
    assert ours.value == pytest.approx(theirs.kappa, abs=1e-12)
    # Fleiss, Cohen & Everitt (1969) divide by n; n / (n - 1) is ours
    assert ours.se == pytest.approx(np.sqrt(theirs.var_kappa * 40 / 39), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_statsmodels_fleiss(seed: int) -> None:
    ratings = some_ratings(seed)
    theirs = statsmodels_fleiss(aggregate_raters(ratings.astype(int))[0], method="fleiss")
    assert fleiss_kappa(ratings, categories=LEVELS).value == pytest.approx(theirs, abs=1e-12)


def test_conger_averages_the_pairs_when_complete() -> None:
    # with complete data Conger's chance agreement is the mean of the pairwise Cohen chance agreements (Conger 1980)
    ratings = some_ratings(1, raters=3)
    pairs = [cohen_kappa(ratings, categories=LEVELS, raters=pair) for pair in ((0, 1), (0, 2), (1, 2))]
    observed = np.mean([pair.observed_disagreement for pair in pairs])
    expected = np.mean([pair.expected_disagreement for pair in pairs])
    assert conger_kappa(ratings, categories=LEVELS).value == pytest.approx(1 - observed / expected)
