"""Intraclass correlations against the published table, pingouin, and mixed models fitted elsewhere."""

from typing import Any

import numpy as np
import pingouin
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from model.agreement import RatingsInvalid, icc
from model.agreement.ratings import Floats
from model.agreement.variance.components import reml
from model.agreement.variance.icc import FORMS
from tests.model.agreement.published import SHROUT_FLEISS

pd: Any = pytest.importorskip("pandas")
NAN = float("nan")


def scores(seed: int, n: int = 30, raters: int = 4, missing: float = 0.0) -> Floats:
    rng = np.random.default_rng(seed)
    found = rng.normal(size=(n, 1)) + rng.normal(scale=0.5, size=raters) + rng.normal(scale=0.8, size=(n, raters))
    found[rng.random(found.shape) < missing] = np.nan
    return np.asarray(found[(~np.isnan(found)).any(axis=1)])


def test_shrout_and_fleiss_table_4() -> None:
    # mean squares 11.24 (targets), 6.26 (within), 32.49 (judges), 1.02 (residual), n = 6, k = 4:
    # ICC(1,1) = (11.24 - 6.26)/(11.24 + 3 · 6.26) = .166; ICC(3,1) = (11.24 - 1.02)/(11.24 + 3 · 1.02) = .715
    # ICC(2,1) = (11.24 - 1.02)/(11.24 + 3 · 1.02 + 4 (32.49 - 1.02)/6) = .290
    found = {one.form: one.value for one in icc(SHROUT_FLEISS).forms}
    expected = [0.1657, 0.2898, 0.7148, 0.4428, 0.6201, 0.9093]
    assert [found[form] for form in FORMS] == pytest.approx(expected, abs=6e-5)


def test_intervals_of_the_published_table() -> None:
    # printed with these data in the documentation of R's psych package, two digits
    found = {one.form: (one.low, one.high) for one in icc(SHROUT_FLEISS).forms}
    assert found["ICC(1,1)"] == pytest.approx((-0.13, 0.72), abs=0.006)
    assert found["ICC(2,1)"] == pytest.approx((0.02, 0.76), abs=0.006)
    assert found["ICC(3,1)"] == pytest.approx((0.34, 0.95), abs=0.006)
    assert found["ICC(1,k)"] == pytest.approx((-0.88, 0.91), abs=0.006)
    assert found["ICC(2,k)"] == pytest.approx((0.07, 0.93), abs=0.006)
    assert found["ICC(3,k)"] == pytest.approx((0.68, 0.99), abs=0.006)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # pingouin's own
@pytest.mark.parametrize("seed", range(4))
def test_pingouin(seed: int) -> None:
    wide = scores(seed)
    unit, rater = np.indices(wide.shape)
    long = pd.DataFrame({"unit": unit.ravel(), "rater": rater.ravel(), "score": wide.ravel()})
    theirs = pingouin.intraclass_corr(long, targets="unit", raters="rater", ratings="score")
    ours = icc(wide)
    assert [one.value for one in ours.forms] == pytest.approx(theirs["ICC"].to_list(), abs=1e-9)
    bounds = theirs[next(name for name in theirs.columns if name.startswith("CI"))].to_list()
    for one, (low, high) in zip(ours.forms, bounds, strict=True):
        assert (one.low, one.high) == pytest.approx((low, high), abs=0.0051)


def test_balanced_components_by_reml_are_the_anova_ones() -> None:
    # units (11.24 - 1.02)/4, raters (32.49 - 1.02)/6, residual 1.02
    found = reml(np.array(SHROUT_FLEISS, dtype=np.float64), raters=True)
    assert found == pytest.approx((2.555556, 5.244444, 1.019444), abs=2e-6)


@pytest.mark.parametrize("seed", range(3))
def test_missing_scores_against_statsmodels(seed: int) -> None:
    wide = scores(seed, missing=0.3)
    unit, rater = np.nonzero(~np.isnan(wide))
    long = pd.DataFrame({"score": wide[unit, rater], "unit": unit, "rater": rater, "all": 1})
    crossed = MixedLM.from_formula(
        "score ~ 1", groups="all", re_formula="0", vc_formula={"u": "0 + C(unit)", "r": "0 + C(rater)"}, data=long
    ).fit(reml=True)
    raters, units = crossed.vcomp  # sorted by name
    assert reml(wide, raters=True) == pytest.approx((units, raters, crossed.scale), rel=2e-3, abs=1e-4)
    found = icc(wide)
    assert found.value == pytest.approx(units / (units + raters + crossed.scale), abs=1e-3)
    consistency = next(one for one in found.forms if one.form == "ICC(3,1)")
    assert consistency.value == pytest.approx(units / (units + crossed.scale), abs=1e-3)
    one_way = MixedLM.from_formula("score ~ 1", groups="unit", data=long).fit(reml=True)
    between = float(np.asarray(one_way.cov_re)[0, 0])
    first = next(one for one in found.forms if one.form == "ICC(1,1)")
    assert first.value == pytest.approx(between / (between + one_way.scale), abs=2e-3)
    assert found.estimator == "REML variance components"
    assert (found.n_missing, found.n_units) == (int(np.isnan(wide).sum()), len(wide))


@pytest.mark.parametrize("written", ["ICC(2,1)", "ICC2", "icc(a,1)", "ICC(A,1)", "ICC 2", "ICC(2, 1)", "icc_2_1"])
def test_names_of_the_same_form(written: str) -> None:
    assert icc(SHROUT_FLEISS, form=written).form == "ICC(2,1)"


def test_names_of_the_others() -> None:
    for written, form in {
        "ICC3k": "ICC(3,k)",
        "ICC(C,1)": "ICC(3,1)",
        "ICC(1)": "ICC(1,1)",
        "ICC1k": "ICC(1,k)",
    }.items():
        assert icc(SHROUT_FLEISS, form=written).form == form
    with pytest.raises(RatingsInvalid, match="ICC"):
        icc(SHROUT_FLEISS, form="ICC(4,1)")


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ([[2, 2], [2, 2]], "nothing varies"),
        ([[1], [2], [3]], "nothing to compare"),
        ([[1, NAN], [NAN, 2]], "nothing to compare"),
        ([[1, 2]], "Only one unit"),
        ([], "nothing to compare"),
    ],
)
def test_undefined_like_the_others(ratings: Any, words: str) -> None:
    for form in FORMS:
        found = icc(ratings, form=form)
        assert found.value is None
        assert found.reason is not None
        assert words in found.reason
        assert found.low is None


def test_edges() -> None:
    # units agree perfectly: 1, and no F to divide by
    perfect = icc([[1, 1], [2, 2], [3, 3]])
    assert (perfect.value, perfect.low, perfect.percent_agreement) == (1.0, None, 1.0)
    assert perfect.interval_reason is not None
    # opposite raters: consistency of one rater is -1 and of their (equal) mean scores undefined, not -∞
    opposite = {one.form: one for one in icc([[1, 2], [2, 1]]).forms}
    assert opposite["ICC(3,1)"].value == pytest.approx(-1.0)
    assert opposite["ICC(3,k)"].value is None
    # raters differ by a constant: consistency would be 0/0 where units are equal
    constant = {one.form: one for one in icc([[1, 2], [1, 2], [1, 2]]).forms}
    assert constant["ICC(3,1)"].value is None
    with pytest.raises(RatingsInvalid, match="row 1, column 0"):
        icc(np.array([[1, 2], ["x", 3]], dtype=object))
    with pytest.raises(RatingsInvalid, match="row 0, column 1"):
        icc([[1, 9], [2, 3]], categories=[1, 2, 3, 4])


def test_percent_agreement_is_that_of_the_other_coefficients() -> None:
    # unit 0: pairs (1,1), (1,2), (1,2) -> 1/3; unit 1: 1; unit 2 has one score
    assert icc([[1, 1, 2], [3, 3, NAN], [2, NAN, NAN]]).percent_agreement == pytest.approx((1 / 3 + 1) / 2)


def test_clusters_bring_the_jackknife() -> None:
    wide = np.repeat(scores(3, n=20), 3, axis=0) + np.random.default_rng(0).normal(scale=0.1, size=(60, 4))
    alone = icc(wide)
    clustered = icc(wide, clusters=np.repeat(np.arange(20), 3))
    assert clustered.value == alone.value
    assert clustered.method is not None
    assert "20 clusters" in clustered.method
    assert clustered.low is not None
    assert clustered.high is not None
    assert alone.low is not None
    assert alone.high is not None
    third = icc(wide, form="ICC(3,1)"), icc(wide, form="ICC(3,1)", clusters=np.repeat(np.arange(20), 3))
    widths = [(one.high or 0) - (one.low or 0) for one in third]
    assert widths[1] > widths[0]  # 60 rows are not 60 independent units


def test_approximate_interval_with_missing_scores_covers() -> None:
    # truth 1 / (1 + .25 + .64) = .529 with random raters; 100 simulated studies, Monte Carlo error .022
    hits = 0
    for seed in range(100):
        found = icc(scores(500 + seed, n=40, raters=6, missing=0.4))
        assert found.low is not None
        assert found.high is not None
        hits += found.low <= 1 / 1.89 <= found.high
    assert hits / 100 >= 0.9
