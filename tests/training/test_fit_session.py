"""Weights of a session's own rates, recovered where they matter and left alone where they do not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.indicators import CODE_IDS
from training.calibrate import IDENTITY, Bools, Floats
from training.fit_session import fit_outlook, sessions_moved
from training.scores import auprc

Ints = NDArray[np.int64]
SESSIONS, LINES = 60, 60


def draw(spread: float, seed: int = 5) -> tuple[Floats, Bools, Ints]:
    """Sessions differ in how often a code is carried, log odds −3 ± `spread`; a signal is N(2, 1) where it is carried
    and N(0, 1) elsewhere. The logits know the signal and the usual rate: 2·x − 2 − 3."""
    rng = np.random.default_rng(seed)
    owner = np.repeat(np.arange(SESSIONS), LINES)
    rate = 1 / (1 + np.exp(3 - rng.normal(0, spread, SESSIONS)[owner][:, None]))
    truth = rng.random((len(owner), len(CODE_IDS))) < rate
    return 2 * rng.normal(2.0 * truth, 1.0) - 5, truth, owner


@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_rates_help_exactly_where_sessions_differ(spread: float) -> None:
    logits, truth, owner = draw(spread)
    able = np.ones(truth.shape, dtype=bool)
    found = fit_outlook([logits], [truth], [able], [np.ones(logits.shape)], owner, [IDENTITY] * len(CODE_IDS))
    new_logits, new_truth, new_owner = draw(spread, seed=6)
    moved = sessions_moved(found, new_logits, np.ones(new_logits.shape), new_owner)
    gained = np.mean(
        [auprc(new_truth[:, k], moved[:, k]) - auprc(new_truth[:, k], new_logits[:, k]) for k in range(14)]
    )
    if spread:
        assert gained > 0.03
    else:
        assert abs(gained) < 0.01


def test_sessions_never_cross_fitted_stay_out() -> None:
    logits, truth, owner = draw(1.0)
    logits[owner == 0] = np.nan
    able, share = np.ones(truth.shape, dtype=bool), np.ones(truth.shape)
    found = fit_outlook([logits], [truth], [able], [share], owner, [IDENTITY] * len(CODE_IDS))
    moved = sessions_moved(found, logits, share, owner)
    assert np.isnan(moved[owner == 0]).all()
    assert not np.isnan(moved[owner != 0]).any()
