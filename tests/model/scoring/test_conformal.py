"""Level sets: contiguous, refused where they cannot be had, and covering what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scoring.calibration import Calibrated, calibrate
from model.scoring.conformal import LevelSets, fit_sets, growth, level_sets, needed

from .simulated import scored, split


def test_growth_by_hand() -> None:
    """(.1, .2, .4, .3): half of .4; .4 + half of .3; .7 + half of .2; .9 + half of .1."""
    assert growth(np.array([[0.1, 0.2, 0.4, 0.3]])) == pytest.approx(np.array([[0.95, 0.8, 0.2, 0.55]]))


@given(masses=st.lists(st.floats(0.001, 1), min_size=2, max_size=7), threshold=st.floats(0, 1))
@settings(max_examples=200, deadline=None)
def test_sets_are_never_empty_and_hold_the_likeliest_level(masses: list[float], threshold: float) -> None:
    p = np.array([masses]) / sum(masses)
    sets = LevelSets(confidence=0.9, threshold=threshold, n_submissions=50)

    first, last = level_sets(sets, p)[0]

    assert first <= p[0].argmax() <= last


def test_nine_submissions_are_needed_for_ninety_per_cent() -> None:
    """1 / (1 - .9) - 1 = 9; 1 / (1 - .95) - 1 = 19."""
    assert (needed(0.9), needed(0.95)) == (9, 19)
    p, level = np.tile([0.7, 0.2, 0.1], (9, 1)), np.zeros(9, dtype=np.int64)

    eight = fit_sets(p[:8], level[:8], np.arange(8), np.ones(8))
    nine = fit_sets(p, level, np.arange(9), np.ones(9))

    assert eight.threshold is None
    assert "9 are needed" in (eight.reason or "")
    assert level_sets(eight, p[:1]).tolist() == [[0, 2]]
    assert nine.threshold == pytest.approx(0.35)
    assert level_sets(nine, p[:1]).tolist() == [[0, 0]]


@pytest.mark.parametrize(("n", "runs"), [(20, 24), (100, 8)])
def test_sets_cover_nine_in_ten_on_average(n: int, runs: int) -> None:
    """Cross-fitted calibration, new submissions; one run's coverage varies, the mean over runs must not fall short.

    The sd of one run's coverage at n = 20 is about .07: over 24 runs the mean is known to .014.
    """
    covered, size = [], []
    for seed in range(runs):
        seen, new = split(scored(n + 300, seed=seed), n)
        found = calibrate(seen, seed=seed)
        assert isinstance(found, Calibrated)
        names = [new.criteria[c] for c in new.criterion]
        cut = level_sets(found.model.sets, found.model.predict_proba(new.raw, names))
        covered.append(((cut[:, 0] <= new.level) & (new.level <= cut[:, 1])).mean())
        size.append((cut[:, 1] - cut[:, 0] + 1).mean())

    assert np.mean(covered) >= 0.9 - 0.02
    assert np.mean(size) < 3.5
