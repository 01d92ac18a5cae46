"""The cumulative map: identity by default, monotone always, drawn to the identity, right in the limit."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from model.scoring.platt import Platt, Ridge, apply_platt, fit_platt, identity

from .simulated import scored


def test_identity_changes_nothing() -> None:
    table = scored(30)

    assert apply_platt(identity(4, 4), table.raw, table.criterion) == pytest.approx(table.raw, abs=1e-3)


def test_one_threshold_by_hand() -> None:
    """Two levels, P(above) = .7: logit .8473; e^log2 · .8473 + .5 = 2.1946; expit = .8998."""
    raw = np.array([[0.3, 0.7]])
    found = apply_platt(Platt(slope=np.log(2.0), shift=0.5, criteria=(0.0,), gaps=()), raw, np.array([0]))

    assert found[0, 1] == pytest.approx(0.8998, abs=1e-4)


@given(
    parameters=st.lists(st.floats(-5, 5), min_size=7, max_size=7),
    masses=st.lists(st.floats(0, 1), min_size=4, max_size=4).filter(lambda m: sum(m) > 0.01),
)
@settings(max_examples=200, deadline=None)
def test_cumulative_chances_never_cross(parameters: list[float], masses: list[float]) -> None:
    raw = np.array([masses]) / sum(masses)
    slope, shift, *rest = parameters
    platt = Platt(slope=slope, shift=shift, criteria=tuple(rest[:3]), gaps=tuple(rest[3:5]))

    found = apply_platt(platt, raw, np.array([1]))

    assert (found >= 0).all()
    assert found.sum() == pytest.approx(1.0)


def test_no_scores_leave_the_centre_and_many_find_the_truth() -> None:
    """2 · logit + shift .8 planted on 4 levels; 20,000 draws find it, 0 draws change nothing."""
    rng = np.random.default_rng(0)
    raw = rng.dirichlet(np.full(4, 2.0), size=20_000)
    truth = Platt(slope=np.log(2.0), shift=0.8, criteria=(0.0,), gaps=(0.3, -0.2))
    zero = np.zeros(len(raw), dtype=np.int64)
    chances = apply_platt(truth, raw, zero)
    level = (rng.random((len(raw), 1)) > np.cumsum(chances, axis=1)).sum(axis=1)

    found = fit_platt(raw, level, zero, np.ones(len(raw)), centre=identity(1, 4), ridge=Ridge(criterion=1e-3))
    nothing = fit_platt(raw[:0], level[:0], zero[:0], np.ones(0), centre=truth)

    assert found.slope == pytest.approx(truth.slope, abs=0.05)
    assert found.shift == pytest.approx(truth.shift, abs=0.05)
    assert found.gaps == pytest.approx(truth.gaps, abs=0.08)
    assert nothing == truth


def test_a_tight_ridge_holds_on_and_a_wide_one_lets_go() -> None:
    table = scored(200)
    tight = Ridge(slope=1e-3, shift=1e-3, criterion=1e-3, gap=1e-3)
    where = (table.raw, table.level, table.criterion, table.weight)

    held = fit_platt(*where, centre=identity(4, 4), ridge=tight)
    free = fit_platt(*where, centre=identity(4, 4))

    assert abs(held.shift) < 0.01
    assert free.shift < -0.1  # the simulated machine is shifted up


def test_certain_and_wrong_raw_chances_stay_correctable() -> None:
    raw = np.tile(np.array([[0.0, 0.0, 0.0, 1.0]]), (200, 1))
    level = np.zeros(200, dtype=np.int64)
    zero = np.zeros(200, dtype=np.int64)

    platt = fit_platt(raw, level, zero, np.ones(200), centre=identity(1, 4), ridge=Ridge(shift=10.0))

    assert apply_platt(platt, raw, zero)[0, 0] > 0.8
    assert np.isfinite(scipy.special.logit(apply_platt(platt, raw, zero)[0, 0]))
