"""The chance of an indicator is fitted to what is true of it, and its threshold to what a weak session bears."""

import numpy as np
import pytest

from model.indicators import CODE_IDS, Indicator
from training.fit_showing import fit_showing

N = 4000
IDEA, REASONING = CODE_IDS.index("idea"), CODE_IDS.index("reasoning")


def _either(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Half of the lines are surely youth voice, yet nobody can tell whether an idea or a reason: p = .5 for each."""
    rng = np.random.default_rng(seed)
    p, truth = np.full((N, len(CODE_IDS)), 0.01), np.zeros((N, len(CODE_IDS)), dtype=bool)
    youth, first = rng.random(N) < 0.5, rng.random(N) < 0.5
    p[youth, IDEA] = p[youth, REASONING] = 0.5
    truth[youth & first, IDEA] = truth[youth & ~first, REASONING] = True
    return p, truth


def test_what_is_surely_one_of_two_codes_is_surely_the_indicator() -> None:
    p, truth = _either(1)
    reading = fit_showing(p, truth, np.zeros(N, dtype=bool), weak_minutes=1.0, precision=0.75)[Indicator.YOUTH_VOICE]
    chance = reading.probability({code: p[:, CODE_IDS.index(code)] for code, _ in reading.weights})
    # the surest code says .5 and independent codes .75; the truth is 1
    assert chance[p[:, IDEA] == 0.5].min() > 0.95
    assert chance[p[:, IDEA] == 0.01].max() < 0.05


def test_an_indicator_nobody_saw_keeps_the_plain_reading() -> None:
    p, truth = _either(2)
    reading = fit_showing(p, truth, np.zeros(N, dtype=bool), weak_minutes=1.0, precision=0.75)[Indicator.STEM_RELEVANCE]
    assert (reading.any_weight, reading.intercept, reading.threshold) == (1.0, 0.0, 0.5)


def test_weak_sessions_raise_the_threshold() -> None:
    rng = np.random.default_rng(3)
    p, truth = np.full((N, len(CODE_IDS)), 0.001), np.zeros((N, len(CODE_IDS)), dtype=bool)
    p[:, IDEA] = rng.random(N)
    truth[:, IDEA] = rng.random(N) < p[:, IDEA]
    weak = np.arange(N) < N // 2
    short, long = (
        fit_showing(p, truth, weak, weak_minutes=minutes, precision=0.5)[Indicator.YOUTH_VOICE]
        for minutes in (200.0, 20_000.0)
    )
    assert short.threshold > long.threshold
    chance = short.probability({code: p[:, CODE_IDS.index(code)] for code, _ in short.weights})
    false = int(((chance >= short.threshold) & weak & ~truth[:, IDEA]).sum())
    assert false == pytest.approx(30, abs=3)  # 1.5 in ten minutes over 200 minutes, the threshold rounded


def test_more_of_a_code_never_makes_its_indicator_less_likely() -> None:
    p, truth = _either(4)
    truth[p[:, IDEA] < 0.5, IDEA] = True  # turned round: what the codes deny is the indicator
    truth[p[:, IDEA] == 0.5] = False
    reading = fit_showing(p, truth, np.zeros(N, dtype=bool), weak_minutes=1.0, precision=0.75)[Indicator.YOUTH_VOICE]
    assert {weight for _, weight in reading.weights} | {reading.any_weight} == {0.0}
    half = {code: np.array([0.5]) for code, _ in reading.weights}
    assert reading.probability(half)[0] == pytest.approx(0.5, abs=0.02)
