"""Severity over time: found where planted, quiet where not, humble where there is little to go on."""

import datetime
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from model.agreement import RatingsInvalid, drift
from model.agreement.ratings import Floats
from model.agreement.severity.drift import ABSOLUTE, RELATIVE, _holm
from model.agreement.severity.regression import ClusteredRegression

NAN = float("nan")


def simulate(
    seed: int, *, n: int, slopes: Sequence[float], missing: float = 0.4, levels: bool = True
) -> tuple[Floats, Floats]:
    """Levels 1..4 over 12 months; a positive slope makes the rater harsher, in points a month."""
    rng = np.random.default_rng(seed)
    months = rng.uniform(0, 12, size=n)
    latent = rng.normal(size=(n, 1)) + rng.normal(scale=0.4, size=len(slopes))
    latent = latent - np.outer(months, slopes) + rng.normal(scale=0.6, size=(n, len(slopes)))
    found = np.clip(np.round(latent + 2.5), 1, 4) if levels else latent
    found[rng.random(found.shape) < missing] = np.nan
    return found, months


def test_slope_by_hand() -> None:
    # two raters, eight units at times 0..7; rater 1 minus rater 0 falls by about half a point per unit of time, so
    # relative to their mean rater 1 grows a quarter harsher and rater 0 a quarter milder
    differences = np.array([0.1, -0.4, -1.2, -1.4, -2.1, -2.4, -3.1, -3.5])
    found = drift(np.column_stack([np.full(8, 4.0), 4.0 + differences]), times=range(8))
    slope = np.polyfit(range(8), differences, 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.03)
    assert found.raters[1].slope == pytest.approx(-slope / 2)
    assert found.raters[0].slope == pytest.approx(slope / 2)
    assert found.raters[1].severity == pytest.approx(-differences.mean() / 2)


def test_cr2_is_exact_under_equal_independent_errors() -> None:
    # each observation its own cluster: CR2 is HC2 (MacKinnon & White 1985), which statsmodels also computes
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(25), rng.normal(size=25)])
    y = x @ [1.0, 0.5] + rng.normal(size=25)
    found = ClusteredRegression(x, y, np.arange(25)).contrast(np.array([0.0, 1.0]), confidence=0.95)
    theirs = OLS(y, x).fit(cov_type="HC2")
    assert found is not None
    assert (found.value, found.se) == pytest.approx((theirs.params[1], theirs.bse[1]))
    assert found.df < 23  # Satterthwaite charges for leverage


def test_degrees_of_freedom_by_the_full_matrix() -> None:
    rng = np.random.default_rng(2)
    clusters = np.repeat(np.arange(8), [2, 3, 4, 2, 3, 4, 2, 5])
    x = np.column_stack([np.ones(25), rng.normal(size=25)])
    y = rng.normal(size=25)
    regression = ClusteredRegression(x, y, clusters)
    weights = np.array([0.0, 1.0])
    found = regression.contrast(weights, confidence=0.95)
    residual_maker = np.eye(25) - x @ np.linalg.inv(x.T @ x) @ x.T
    parts = []
    for cluster in range(8):
        inside = clusters == cluster
        values, vectors = np.linalg.eigh(residual_maker[np.ix_(inside, inside)])
        adjust = vectors @ np.diag(values**-0.5) @ vectors.T
        parts.append(residual_maker[:, inside] @ adjust @ x[inside] @ np.linalg.inv(x.T @ x) @ weights)
    gram = np.array(parts) @ np.array(parts).T
    assert found is not None
    assert found.df == pytest.approx(np.trace(gram) ** 2 / (gram**2).sum())


def test_a_planted_drift_is_found_and_the_sign_is_harsher() -> None:
    scores, months = simulate(1, n=250, slopes=(0, 0, 0, 0.1), levels=False)
    found = drift(scores, times=months)
    harsh = found.raters[3]
    assert harsh.slope is not None
    assert harsh.p_adjusted is not None
    # relative to the mean of four the planted .1 is .075
    assert harsh.slope == pytest.approx(0.075, abs=0.03)
    assert harsh.p_adjusted < 0.001
    # on four levels, where scores pile up at the ends, the slope shrinks but is still found
    coarse = drift(simulate(1, n=250, slopes=(0, 0, 0, 0.1))[0], times=months).raters[3]
    assert coarse.slope is not None
    assert coarse.low is not None
    assert 0.0 < coarse.low < coarse.slope < harsh.slope
    assert found.against == RELATIVE
    by_period = [one.severity for one in found.periods if one.rater == 3]
    assert len(by_period) == 4
    assert by_period[0] is not None
    assert by_period[3] is not None
    assert by_period[3] > by_period[0] + 0.3


def test_no_drift_is_found_where_there_is_none() -> None:
    # 120 small studies, 4 raters: intervals hold 0 in 92 to 99 %, and some rater is flagged in at most 8 %
    inside, flagged = [], 0
    for seed in range(120):
        scores, months = simulate(seed, n=25, slopes=(0, 0, 0, 0))
        found = drift(scores, times=months)
        inside += [one.low <= 0 <= one.high for one in found.raters if one.low is not None and one.high is not None]
        flagged += any(one.p_adjusted is not None and one.p_adjusted < 0.05 for one in found.raters)
    assert 0.92 <= np.mean(inside) <= 0.99
    assert flagged <= 10


def test_shared_drift_needs_anchors() -> None:
    scores, months = simulate(3, n=200, slopes=(0.12, 0.12, 0.12), missing=0.2)
    relative = drift(scores, times=months)
    assert all(one.p_adjusted is not None and one.p_adjusted > 0.01 for one in relative.raters)
    rng = np.random.default_rng(3)
    rng.uniform(0, 12, size=200)
    anchors = np.clip(np.round(rng.normal(size=200) + 2.5), 1, 4)  # the units' own quality, without raters
    against = drift(scores, times=months, anchors=anchors.tolist())
    assert against.against == ABSOLUTE
    assert all(one.p_adjusted is not None and one.p_adjusted < 0.001 for one in against.raters)
    assert all(one.slope is not None and one.slope > 0.05 for one in against.raters)


def test_too_little_is_said_to_be_too_little() -> None:
    scores = [[3, 2, NAN], [4, 4, NAN], [2, NAN, 2], [1, 2, NAN]]
    found = drift(scores, times=[0, 1, 2, 3])
    assert found.raters[2].slope is None
    assert found.raters[2].reason == "This rater scored at one time only."
    assert all(one.reason for one in found.raters if one.slope is None)


@pytest.mark.parametrize(
    ("scores", "times", "words"),
    [
        ([[1, NAN], [NAN, 2]], [0, 1], "nothing to compare"),
        ([[1, 2], [3, 2]], [5, 5], "same time"),
        ([], [], "nothing to compare"),
    ],
)
def test_undefined(scores: Any, times: Any, words: str) -> None:
    found = drift(scores, times=times)
    assert found.reason is not None
    assert words in found.reason


def test_times_may_be_dates_and_differ_by_rater() -> None:
    scores, months = simulate(5, n=60, slopes=(0, 0.05, -0.05), missing=0.1)
    start = datetime.date(2026, 1, 1)
    dates = [start + datetime.timedelta(days=float(day)) for day in np.floor(months * 30)]
    by_date = drift(scores, times=dates)
    by_number = drift(scores, times=np.floor(months * 30))
    per_rating = drift(scores, times=np.repeat(np.floor(months * 30)[:, None], 3, axis=1))
    for one, two, three in zip(by_date.raters, by_number.raters, per_rating.raters, strict=True):
        assert one.slope == pytest.approx(two.slope)
        assert one.slope == pytest.approx(three.slope)


def test_refused() -> None:
    with pytest.raises(RatingsInvalid, match="row 1, column 0"):
        drift([[1, 2], [2, 3]], times=[[0, 1], [NAN, 2]])
    with pytest.raises(RatingsInvalid, match="Times have shape"):
        drift([[1, 2], [2, 3]], times=[0, 1, 2])
    with pytest.raises(RatingsInvalid, match="anchors"):
        drift([[1, 2], [2, 3]], times=[0, 1], anchors=[1])
    with pytest.raises(RatingsInvalid, match="periods"):
        drift([[1, 2], [2, 3]], times=[0, 1], periods=0)


def test_holm() -> None:
    # sorted .01, .02, .04 of 3: .03, .04, .04
    assert _holm([0.04, None, 0.01, 0.02]) == pytest.approx([0.04, None, 0.03, 0.04])
