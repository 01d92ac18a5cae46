"""G and D studies against Brennan's tables and the ANOVA they generalise."""

from typing import Any

import numpy as np
import pytest

from model.agreement import RatingsInvalid, d_study, g_study, icc
from tests.model.agreement.published import SHROUT_FLEISS, brennan_3_2

NAN = float("nan")


def test_brennan_table_3_2() -> None:
    # synthetic data set 4, p x (r:t): printed components .4731, .3252, .6475, .5596, 2.3803 for p, t, r:t, pt, pr:t
    found = g_study(brennan_3_2().transpose(0, 2, 1), design="p x (r:i)")
    assert [one.effect for one in found.components] == ["p", "i", "r:i", "pi", "pr:i,e"]
    assert [one.estimate for one in found.components] == pytest.approx(
        [0.4731, 0.3252, 0.6475, 0.5596, 2.3803], abs=6e-5
    )
    # Brennan (2001), p. 116: with 3 tasks and 4 raters each Eρ² = .55 and Φ = .46
    # σ²(δ) = .5596/3 + 2.3803/12 = .3849, σ²(Δ) = .3849 + .3252/3 + .6475/12 = .5472
    row = d_study(found, n_raters=[4], n_items=3).rows[0]
    assert (row.relative_error, row.absolute_error) == pytest.approx((0.3849, 0.5472), abs=6e-5)
    assert (row.generalizability, row.dependability) == pytest.approx((0.55, 0.46), abs=0.005)


def test_one_facet_is_the_intraclass_correlation() -> None:
    study = g_study(SHROUT_FLEISS)
    assert study.variance("p") == pytest.approx(2.5556, abs=1e-4)
    assert study.variance("pr") == study.variance("pr,e") == pytest.approx(1.0194, abs=1e-4)
    rows = {row.n_raters: row for row in d_study(study).rows}
    forms = {one.form: one.value for one in icc(SHROUT_FLEISS).forms}
    assert rows[1].dependability == pytest.approx(forms["ICC(2,1)"])
    assert rows[1].generalizability == pytest.approx(forms["ICC(3,1)"])
    assert rows[4].dependability == pytest.approx(forms["ICC(2,k)"])
    assert rows[4].generalizability == pytest.approx(forms["ICC(3,k)"])


def test_how_many_raters() -> None:
    # Φ(n) = 2.5556 / (2.5556 + 6.2639/n) >= .8 when n >= 4 · 6.2639/2.5556 = 9.80
    found = d_study(SHROUT_FLEISS)
    assert found.raters_for_dependability == 10
    # Eρ²: n >= 4 · 1.0194/2.5556 = 1.6
    assert found.raters_for_generalizability == 2
    assert found.reason is None
    assert d_study(SHROUT_FLEISS, target=0.9).raters_for_dependability == 23  # 9 · 2.4511 = 22.06


def test_two_crossed_facets_against_mean_squares() -> None:
    rng = np.random.default_rng(3)
    p, r, i = 12, 4, 3
    x = (
        rng.normal(size=(p, 1, 1))
        + rng.normal(size=(1, r, 1))
        + rng.normal(size=(1, 1, i))
        + rng.normal(size=(p, r, 1))
        + rng.normal(size=(p, 1, i))
        + rng.normal(size=(p, r, i))
    )
    mean = x.mean()
    main = [x.mean(axis=axes) - mean for axes in ((1, 2), (0, 2), (0, 1))]
    pr = x.mean(axis=2) - mean - main[0][:, None] - main[1]
    pi = x.mean(axis=1) - mean - main[0][:, None] - main[2]
    ri = x.mean(axis=0) - mean - main[1][:, None] - main[2]
    rest = x - mean - main[0][:, None, None] - main[1][:, None] - main[2] - pr[:, :, None] - pi[:, None] - ri
    ms = {
        "p": r * i * (main[0] ** 2).sum() / (p - 1),
        "r": p * i * (main[1] ** 2).sum() / (r - 1),
        "i": p * r * (main[2] ** 2).sum() / (i - 1),
        "pr": i * (pr**2).sum() / ((p - 1) * (r - 1)),
        "pi": r * (pi**2).sum() / ((p - 1) * (i - 1)),
        "ri": p * (ri**2).sum() / ((r - 1) * (i - 1)),
        "pri": (rest**2).sum() / ((p - 1) * (r - 1) * (i - 1)),
    }
    expected = [
        (ms["p"] - ms["pr"] - ms["pi"] + ms["pri"]) / (r * i),
        (ms["r"] - ms["pr"] - ms["ri"] + ms["pri"]) / (p * i),
        (ms["i"] - ms["pi"] - ms["ri"] + ms["pri"]) / (p * r),
        (ms["pr"] - ms["pri"]) / i,
        (ms["pi"] - ms["pri"]) / r,
        (ms["ri"] - ms["pri"]) / p,
        ms["pri"],
    ]
    assert [one.estimate for one in g_study(x).components] == pytest.approx(expected, abs=1e-10)


def test_missing_scores_stay_unbiased() -> None:
    # 200 studies with 30 % missing: the mean estimate of each component within 4 standard errors of the truth
    estimates = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(30, 1)) + 0.5 * rng.normal(size=5) + 0.8 * rng.normal(size=(30, 5))
        x[rng.random(x.shape) < 0.3] = np.nan
        estimates.append([one.estimate for one in g_study(x).components])
    found = np.array(estimates)
    error = found.std(axis=0) / np.sqrt(200)
    assert (np.abs(found.mean(axis=0) - [1.0, 0.25, 0.64]) < 4 * error).all()


def test_negative_components_are_said_and_count_as_zero() -> None:
    # the two raters mirror each other, so units differ less than error would make them
    study = g_study([[1, 4], [4, 1], [2, 3], [3, 2]])
    units = study.components[0]
    assert units.estimate < 0
    assert units.negative
    assert units.share == 0.0
    assert "p" in study.notes[0]
    plan = d_study(study)
    assert plan.rows[0].dependability == 0.0
    assert plan.raters_for_dependability is None
    assert plan.reason is not None
    assert "do not differ" in plan.reason


def test_items_fixed_or_random() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 1, 1)) + rng.normal(size=(40, 1, 4)) + rng.normal(scale=0.5, size=(40, 3, 4))
    study = g_study(x)
    random, fixed = d_study(study), d_study(study, items="fixed")
    assert fixed.universe_variance == pytest.approx(study.variance("p") + study.variance("pi") / 4)
    for a, b in zip(random.rows, fixed.rows, strict=True):
        assert a.generalizability is not None
        assert b.generalizability is not None
        assert b.generalizability > a.generalizability
    # with random items and an interaction of 1 over 4 items, no number of raters lifts Φ to .95
    assert d_study(study, target=0.95).raters_for_dependability is None
    assert d_study(study, items="fixed", target=0.95).raters_for_dependability is not None


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ([[1, 1], [1, 1]], "nothing varies"),
        ([[1, NAN], [NAN, 2]], "Fewer than two units"),
        ([[1, 2]], "Fewer than two units"),
        ([[1], [2]], "Fewer than two units"),
        ([], "Fewer than two units"),
    ],
)
def test_undefined(ratings: Any, words: str) -> None:
    study = g_study(ratings)
    assert study.reason is not None
    assert words in study.reason
    assert study.components == ()
    assert d_study(study).reason == study.reason


def test_refused() -> None:
    with pytest.raises(RatingsInvalid, match="design"):
        g_study([[1, 2], [2, 3]], design="p x q")  # type: ignore[arg-type]
    with pytest.raises(RatingsInvalid, match="dimension"):
        g_study([[1, 2], [2, 3]], design="p x r x i")
    with pytest.raises(RatingsInvalid, match="fixed"):
        d_study([[1, 2], [2, 3]], items="fixed")
    with pytest.raises(RatingsInvalid, match="target"):
        d_study([[1, 2], [2, 3]], target=1.5)
