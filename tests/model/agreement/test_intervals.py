"""Standard errors and intervals against the slow way of computing the same thing."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from scipy import stats

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
)
from model.agreement.chance.estimators import Differentiable, alpha, cohen, conger, pair_agreement, total, value_of
from model.agreement.chance.intervals import resampled_totals
from model.agreement.chance.weights import agreement_weights
from model.agreement.ratings import Floats, read_ratings
from tests.model.agreement.simulated import LEVELS, SKEWED, simulate

Coefficient: TypeAlias = Callable[..., Agreement]
MANY: list[Coefficient] = [
    fleiss_kappa,
    conger_kappa,
    light_kappa,
    brennan_prediger,
    gwet_ac,
    krippendorff_alpha,
    percent_agreement,
]
CLUSTERS = np.repeat(np.arange(12), 3)  # 12 submissions with three criteria each


def some(missing: float = 0.2) -> Floats:
    return simulate(np.random.default_rng(5), n=36, severity=(-0.3, 0, 0.3, 0.1), missing=missing)


def estimators(ratings: Floats) -> dict[str, Differentiable]:
    table = read_ratings(ratings, categories=LEVELS)
    quadratic = agreement_weights(table, "quadratic")[0]
    pairable = table.rows(table.rated >= 2)
    found: dict[str, Differentiable] = {
        f"alpha {level}": alpha(table, level) for level in ("nominal", "ordinal", "interval", "ratio")
    }
    for kind in ("percent", "fleiss", "gwet", "brennan_prediger"):
        found[kind] = pair_agreement(pairable, quadratic, kind)
    return found | {"conger": conger(pairable, quadratic), "cohen": cohen(table.columns((0, 1)), quadratic)}


@pytest.mark.parametrize("name", list(estimators(some())))
def test_gradients_against_finite_differences(name: str) -> None:
    # where every unit is pairable Gwet's linearisation is the plain derivative
    estimator = estimators(some())[name]
    sums, step = total(estimator.features), 1e-5
    slopes = np.zeros_like(sums)
    for place in range(len(sums)):
        up, down = sums.copy(), sums.copy()
        up[place] += step
        down[place] -= step
        slopes[place] = (value_of(estimator.disagreement(up)) - value_of(estimator.disagreement(down))) / (2 * step)
    assert estimator.features @ estimator.gradient(sums) == pytest.approx(estimator.features @ slopes, abs=1e-8)


@pytest.mark.parametrize("coefficient", MANY)
def test_jackknife_by_leaving_out(coefficient: Coefficient) -> None:
    ratings = some()
    left = [coefficient(ratings[cluster != CLUSTERS], categories=LEVELS).value for cluster in range(12)]
    values = np.array(left, dtype=np.float64)
    found = coefficient(ratings, categories=LEVELS, interval="jackknife", clusters=CLUSTERS)
    expected = np.sqrt(11 / 12 * ((values - values.mean()) ** 2).sum())
    assert found.se == pytest.approx(expected, abs=1e-10)
    assert found.value is not None
    assert found.low == pytest.approx(found.value - stats.t.ppf(0.975, 11) * expected)


@pytest.mark.parametrize("coefficient", MANY)
def test_clustered_bootstrap_by_repeating_rows(coefficient: Coefficient) -> None:
    ratings, resamples = some(), 100
    found = coefficient(
        ratings, categories=LEVELS, interval="bootstrap", clusters=CLUSTERS, resamples=resamples, seed=7
    )
    drawn = np.random.default_rng(7).integers(0, 12, size=(resamples, 12))
    values = []
    for clusters in drawn:
        rows = np.concatenate([ratings[cluster == CLUSTERS] for cluster in clusters])
        values.append(coefficient(rows, categories=LEVELS).value)
    direct = np.array(values, dtype=np.float64)
    low, high = np.quantile(direct, [0.025, 0.975])
    assert (found.se, found.low, found.high) == pytest.approx((direct.std(ddof=1), low, high), abs=1e-10)


@pytest.mark.parametrize("coefficient", [gwet_ac, krippendorff_alpha])
def test_bootstrap_t_by_hand(coefficient: Coefficient) -> None:
    ratings = simulate(np.random.default_rng(8), n=25, severity=(0, 0.2, -0.2))
    found = coefficient(ratings, categories=LEVELS, interval="bootstrap-t", resamples=200, seed=3)
    plain = coefficient(ratings, categories=LEVELS, interval="analytic")
    assert plain.value is not None
    assert plain.se is not None
    statistics = []
    for rows in np.random.default_rng(3).integers(0, 25, size=(200, 25)):
        again = coefficient(ratings[rows], categories=LEVELS, interval="analytic")
        assert again.value is not None
        assert again.se is not None
        statistics.append((np.log(1 - again.value) - np.log(1 - plain.value)) / (again.se / (1 - again.value)))
    scale = plain.se / (1 - plain.value)
    lower, upper = np.quantile(statistics, [0.025, 0.975], method="nearest")
    assert found.low == pytest.approx(1 - np.exp(np.log(1 - plain.value) - lower * scale), abs=1e-9)
    assert found.high == pytest.approx(1 - np.exp(np.log(1 - plain.value) - upper * scale), abs=1e-9)


def test_draws_do_not_depend_on_how_many_fit_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    features = np.random.default_rng(0).normal(size=(30, 4))
    whole = np.concatenate([chunk[0] for chunk in resampled_totals([features], 30, 500, 1)])
    monkeypatch.setattr("model.agreement.chance.intervals._CHUNK_CELLS", 30 * 7)
    parts = list(resampled_totals([features], 30, 500, 1))
    assert len(parts) == 72
    assert np.concatenate([chunk[0] for chunk in parts]) == pytest.approx(whole)


def test_the_same_seed_gives_the_same_interval_and_another_one_another() -> None:
    asked = {"categories": LEVELS, "interval": "bootstrap", "resamples": 300}
    first, second, third = (gwet_ac(some(), **asked, seed=seed) for seed in (1, 1, 2))  # type: ignore[arg-type]
    assert (first.low, first.high) == (second.low, second.high)
    assert (first.low, first.high) != (third.low, third.high)


def test_the_table_equals_the_single_functions() -> None:
    ratings = some()
    for interval in ("bootstrap", "jackknife", "recommended"):
        asked = {"categories": LEVELS, "interval": interval, "clusters": CLUSTERS, "resamples": 200}
        table = {found.coefficient: found for found in agreement_table(ratings, weights="quadratic", **asked)}  # type: ignore[arg-type]
        for coefficient in (fleiss_kappa, conger_kappa, light_kappa, brennan_prediger, gwet_ac):
            single = coefficient(ratings, weights="quadratic", **asked)  # type: ignore[arg-type]
            assert table[single.coefficient] == (single if not single.per_category else table[single.coefficient])
            assert table[single.coefficient].low == single.low
        single = krippendorff_alpha(ratings, **asked)  # type: ignore[arg-type]
        assert table[single.coefficient] == single


@pytest.mark.parametrize("interval", ["analytic", "jackknife", "bootstrap", "recommended"])
def test_many_categories_give_the_same_interval(interval: str) -> None:
    # 40 declared levels of which 4 are used: coincidences are stored sparsely, figures stay
    asked = {"interval": interval, "resamples": 200}
    few = krippendorff_alpha(some(), categories=LEVELS, **asked)  # type: ignore[arg-type]
    many = krippendorff_alpha(some(), categories=range(1, 41), **asked)  # type: ignore[arg-type]
    assert many.value == pytest.approx(few.value)
    if interval != "recommended":  # which turns to the analytic interval when features are many
        assert (many.se, many.low, many.high) == pytest.approx((few.se, few.low, few.high))
    wide = krippendorff_alpha(some(), categories=range(1, 41), interval="bootstrap-t")
    assert wide.interval_reason is not None
    assert "too many categories" in wide.interval_reason


def test_many_raters_give_the_same_light_kappa() -> None:
    # seven raters make 21 pairs, stored sparsely; two of them rated nothing and change nothing
    five = simulate(np.random.default_rng(3), n=30, severity=(0, 0.1, -0.1, 0.2, -0.2), missing=0.2)
    seven = np.column_stack([five, np.full((30, 2), np.nan)])
    one, two = (light_kappa(table, categories=LEVELS, interval="jackknife") for table in (five, seven))
    assert (one.value, one.se) == pytest.approx((two.value, two.se))
    assert len(two.notes) == 1


def test_clustering_matters() -> None:
    ratings = np.repeat(simulate(np.random.default_rng(2), n=20, severity=(0, 0)), 4, axis=0)
    naive = cohen_kappa(ratings, categories=LEVELS, weights="quadratic", interval="analytic")
    honest = cohen_kappa(
        ratings, categories=LEVELS, weights="quadratic", interval="analytic", clusters=np.repeat(np.arange(20), 4)
    )
    assert naive.se is not None
    # with S the sum of the 20 squared contributions: naive² = 80/79 · 4 S, honest² = 20/19 · 16 S
    assert honest.se == pytest.approx(naive.se * np.sqrt(79 / 19))


def test_raters_like_these_adds_the_spread_between_raters() -> None:
    ratings = simulate(np.random.default_rng(4), n=60, severity=(-1.2, 0, 0, 0, 1.2))
    values = [
        gwet_ac(np.delete(ratings, rater, axis=1), categories=LEVELS, weights="quadratic").value for rater in range(5)
    ]
    spread = np.array(values, dtype=np.float64)
    these = gwet_ac(ratings, categories=LEVELS, weights="quadratic", interval="analytic")
    like = gwet_ac(ratings, categories=LEVELS, weights="quadratic", interval="analytic", estimand="raters like these")
    assert these.se is not None
    assert like.se == pytest.approx(np.sqrt(these.se**2 + 4 / 5 * ((spread - spread.mean()) ** 2).sum()))
    assert like.estimand == "raters like these"
    assert like.method is not None
    assert "5 raters" in like.method


def test_all_submissions_agree() -> None:
    # Clopper-Pearson with 20 of 20: lower bound .025^(1/20) = .8316
    found = percent_agreement([[1, 1], [2, 2]] * 10, categories=LEVELS, interval="recommended")
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(stats.beta.ppf(0.025, 20, 1))
    # a kappa of exactly 1 has no such form
    assert cohen_kappa([[1, 1], [2, 2]] * 10, categories=LEVELS, interval="recommended").interval_reason is not None


@pytest.mark.slow
@pytest.mark.parametrize("n", [30, 100])
def test_intervals_cover(n: int) -> None:
    """95 % intervals as recommended hold the true value in 92 to 98 % of 600 simulated studies.

    The truth is the coefficient of 200,000 units with the same raters; Monte Carlo error of a share near .95 is
    √(.95 · .05 / 600) = .009. Three coefficients, balanced and skewed ratings.
    """
    severity = (-0.4, 0.0, 0.4, 0.1, -0.1)
    measures: dict[str, Coefficient] = {
        "alpha": lambda x, **asked: krippendorff_alpha(x, categories=LEVELS, **asked),
        "AC2": lambda x, **asked: gwet_ac(x, categories=LEVELS, weights="quadratic", **asked),
        "QWK": lambda x, **asked: cohen_kappa(x, categories=LEVELS, weights="quadratic", **asked),
    }
    many = simulate(np.random.default_rng(99), n=200_000, severity=severity)
    truth = {name: float(measure(many).value or np.nan) for name, measure in measures.items()}
    covered = dict.fromkeys(measures, 0)
    for seed in range(600):
        ratings = simulate(np.random.default_rng(1000 + seed), n=n, severity=severity)
        for name, measure in measures.items():
            found = measure(ratings, interval="recommended", resamples=600, seed=seed)
            assert found.low is not None
            assert found.high is not None
            covered[name] += found.low <= truth[name] <= found.high
    shares = {name: hits / 600 for name, hits in covered.items()}
    assert all(0.92 <= share <= 0.98 for share in shares.values()), shares


def test_skewed_ratings_keep_a_usable_interval() -> None:
    # most resamples of skewed ratings agree nearly perfectly; the interval must stay finite and hold the value
    for seed in range(30):
        ratings = simulate(np.random.default_rng(seed), n=15, severity=(0, 0, 0), cuts=SKEWED)
        found = gwet_ac(ratings, categories=LEVELS, weights="quadratic", interval="recommended", seed=seed)
        if found.value is None or found.low is None or found.high is None:
            assert found.reason or found.interval_reason
            continue
        assert -1.5 <= found.low <= found.value <= found.high <= 1.0


def test_units_with_one_rating_do_not_widen_percent_agreement() -> None:
    # 12 of 20 agree: p = .6, se = √(.6 · .4 / 19) = .1124, whether or not 80 further units have a single rating
    twice = [[1, 1]] * 12 + [[1, 2]] * 8
    alone = percent_agreement(twice, categories=LEVELS, interval="recommended")
    among = percent_agreement(twice + [[1, None]] * 80, categories=LEVELS, interval="recommended")
    assert alone.se == pytest.approx(np.sqrt(0.6 * 0.4 / 19))
    assert (among.se, among.low, among.high) == pytest.approx((alone.se, alone.low, alone.high))
    agreeing = percent_agreement([[1, 1]] * 20 + [[1, None]] * 80, categories=LEVELS, interval="recommended")
    assert agreeing.low == pytest.approx(stats.beta.ppf(0.025, 20, 1))


def test_a_large_study_with_few_second_reads_keeps_its_precision() -> None:
    # 1,200 units, 240 of them rated twice: the published linearisation counts the other 960 as total disagreement
    ratings = simulate(np.random.default_rng(4), n=1200, severity=(0, 0))
    ratings[240:, 1] = np.nan
    asked = {"categories": LEVELS, "weights": "quadratic", "resamples": 1000}
    recommended, published, resampled = (
        gwet_ac(ratings, interval=interval, **asked)  # type: ignore[arg-type]
        for interval in ("recommended", "analytic", "bootstrap")
    )
    assert recommended.se is not None
    assert published.se is not None
    assert resampled.se is not None
    assert recommended.se == pytest.approx(resampled.se, rel=0.1)
    assert published.se > 1.5 * recommended.se
