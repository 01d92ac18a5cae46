"""What was missed: Horvitz-Thompson from audit windows, with intervals that behave at zero."""

import numpy as np
import pytest
from scipy import stats

from model.agreement import AuditWindow, RatingsInvalid, missed_moments
from model.agreement.timeline.missed import gamma_interval


def windows(found: list[int], p: float | list[float] = 0.2, *, length: float = 60.0) -> list[AuditWindow]:
    chances = p if isinstance(p, list) else [p] * len(found)
    return [
        AuditWindow(submission=f"s{place // 2}", start=0.0, end=length, p=chance, indicator="youth_voice", missed=count)
        for place, (count, chance) in enumerate(zip(found, chances, strict=True))
    ]


def test_by_hand() -> None:
    # 3 moments found at p = .2 and 1 at p = .5: 3/.2 + 1/.5 = 17 missed; with 51 flagged ones the share is 17/68 = .25
    # 2 h of unflagged time: 8.5 an hour
    found = missed_moments(windows([1, 2, 0, 1], [0.2, 0.2, 0.2, 0.5]), flagged={"youth_voice": 51}, unflagged_s=7200.0)
    one = found[0]
    assert (one.total, one.share, one.per_hour) == pytest.approx((17.0, 0.25, 8.5))
    assert (one.n_found, one.n_windows, one.seconds_watched) == (4, 4, 240.0)
    assert one.total_low is not None
    assert one.total_high is not None
    assert one.share_low == pytest.approx(one.total_low / (one.total_low + 51))
    assert one.share_high == pytest.approx(one.total_high / (one.total_high + 51))
    assert 4 <= one.total_low < 17 < one.total_high  # the four were seen, fewer there cannot be


def test_nothing_found_is_not_nothing_missed() -> None:
    # every window drawn with p = .1: N missed moments all stay unseen with chance .9^N >= .025 up to N = 35.01
    one = missed_moments(windows([0] * 20, 0.1), flagged={"youth_voice": 30}, unflagged_s=3600.0)[0]
    assert (one.total, one.total_low, one.share_low) == (0.0, 0.0, 0.0)
    assert one.total_high == pytest.approx(np.log(0.025) / np.log(0.9))
    assert one.total_high is not None
    assert one.share_high == pytest.approx(one.total_high / (one.total_high + 30))


def test_everything_watched_leaves_no_doubt() -> None:
    one = missed_moments(windows([1, 0, 2, 0], 1.0), flagged={"youth_voice": 7}, unflagged_s=240.0)[0]
    assert (one.total, one.total_low, one.total_high) == (3.0, 3.0, 3.0)
    assert (one.share, one.share_low, one.share_high) == pytest.approx((0.3, 0.3, 0.3))
    # … about these recordings; others like them would differ
    other = missed_moments(
        windows([1, 0, 2, 0], 1.0), flagged={"youth_voice": 7}, unflagged_s=240.0, target="recordings like these"
    )[0]
    assert other.total_low is not None
    assert other.total_high is not None
    assert other.total_low < 3.0 < other.total_high


def test_equal_weights_are_the_exact_poisson_interval() -> None:
    # Garwood's interval for 7 counts is (2.81, 14.42); Fay & Feuer's with all weights 1 is the same
    assert gamma_interval(7.0, 7.0, 1.0, 0.95) == pytest.approx(
        (stats.chi2.ppf(0.025, 14) / 2, stats.chi2.ppf(0.975, 16) / 2)
    )
    assert gamma_interval(0.0, 0.0, 1.0, 0.95) == pytest.approx((0.0, stats.chi2.ppf(0.975, 2) / 2))


@pytest.mark.parametrize(("n_moments", "p"), [(0, 0.2), (2, 0.1), (8, 0.1), (8, 0.3), (30, 0.2)])
def test_intervals_for_these_recordings_cover(n_moments: int, p: float) -> None:
    # 60 windows hold n moments, some windows two; each window is watched with chance p: 95 % intervals cover >= 93 %
    hits = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        held = np.bincount(rng.integers(0, 60, size=n_moments), minlength=60)
        drawn = rng.random(60) < p
        audited = windows(held[drawn].tolist(), p)
        if not audited:
            hits += 1
            continue
        one = missed_moments(audited, flagged={"youth_voice": 20}, unflagged_s=3600.0)[0]
        assert one.total_low is not None
        assert one.total_high is not None
        hits += one.total_low <= n_moments <= one.total_high
    assert hits / 400 >= 0.93


def test_intervals_for_recordings_like_these_cover_the_share() -> None:
    # 20 recordings, some richer than others; 2 missed and 4 flagged moments expected in each: true share 1/3
    hits = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        rich = rng.gamma(4.0, 0.25, size=20)
        flagged = int(rng.poisson(4.0 * rich).sum())
        audited = [
            AuditWindow(submission=f"s{k}", start=60.0 * w, end=60.0 * w + 60, p=0.3, indicator="x", missed=int(count))
            for k in range(20)
            for w, count in enumerate(rng.poisson(0.2 * rich[k], size=10))
            if rng.random() < 0.3
        ]
        one = missed_moments(audited, flagged={"x": flagged}, unflagged_s=12000.0, target="recordings like these")[0]
        assert one.share_low is not None
        assert one.share_high is not None
        hits += one.share_low <= 1 / 3 <= one.share_high
    assert 0.93 <= hits / 300 <= 1.0


def test_every_indicator_and_the_unaudited_one() -> None:
    mixed = [
        *windows([1, 0]),
        AuditWindow(submission="s0", start=0, end=60, p=0.5, indicator="career", missed=0),
    ]
    found = {one.indicator: one for one in missed_moments(mixed, flagged={"youth_voice": 3, "everyday": 9})}
    assert list(found) == ["youth_voice", "career", "everyday"]
    assert found["everyday"].total is None
    assert found["everyday"].reason is not None
    assert found["career"].share is None  # nothing flagged, nothing found
    assert found["career"].total == 0.0
    # without the unflagged seconds they are estimated: 60/.2 + 60/.2 = 600 s; 5 moments -> 30 an hour
    assert found["youth_voice"].per_hour == pytest.approx(30.0)
    assert found["youth_voice"].notes


def test_no_flags_and_something_found() -> None:
    for target in ("these recordings", "recordings like these"):
        one = missed_moments(windows([1, 1]), flagged={}, unflagged_s=600.0, target=target)[0]
        assert one.share == 1.0
        assert one.share_high == 1.0
        assert one.share_low is not None
        assert 0.0 <= one.share_low <= 1.0


@pytest.mark.parametrize(
    ("window", "words"),
    [
        (AuditWindow(submission="s", start=0, end=60, p=0.0, indicator="x", missed=0), "probability"),
        (AuditWindow(submission="s", start=0, end=60, p=1.2, indicator="x", missed=0), "probability"),
        (AuditWindow(submission="s", start=60, end=60, p=0.5, indicator="x", missed=0), "length"),
        (AuditWindow(submission="s", start=0, end=60, p=0.5, indicator="x", missed=-1), "negative"),
    ],
)
def test_refused(window: AuditWindow, words: str) -> None:
    with pytest.raises(RatingsInvalid, match=words):
        missed_moments([window], flagged={})
