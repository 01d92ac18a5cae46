"""Pitch of made voices, known exactly."""

import numpy as np
import pytest

from inference.audio import RATE, Audio
from inference.pitch import median_pitch


def voice(hertz: float, seconds: float = 4.0, *, noise: float = 0.02) -> Audio:
    """A buzz with formant-like weights on its harmonics, 5 % vibrato and a little noise."""
    time = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(hertz * (1 + 0.02 * np.sin(2 * np.pi * 5 * time))) / RATE
    harmonics = sum(
        np.sin(n * phase) * (1 / n + np.exp(-(((n * hertz - 700) / 300) ** 2))) for n in range(1, int(4000 / hertz))
    )
    noisy = 0.1 * harmonics + np.random.default_rng(0).normal(0, noise, time.size)
    return np.asarray(noisy, dtype=np.float32)


@pytest.mark.parametrize("hertz", [90.0, 120.0, 200.0, 260.0, 340.0])
def test_the_pitch_of_a_steady_voice(hertz: float) -> None:
    found = median_pitch(voice(hertz), [(0.0, 4.0)])
    assert found == pytest.approx(hertz, rel=0.04)


def test_only_the_given_spans_count() -> None:
    sound = np.concatenate([voice(120.0), voice(250.0)])
    assert median_pitch(sound, [(0.0, 4.0)]) == pytest.approx(120.0, rel=0.04)
    assert median_pitch(sound, [(4.0, 8.0)]) == pytest.approx(250.0, rel=0.04)


def test_too_little_or_no_voice_has_no_pitch() -> None:
    assert median_pitch(voice(120.0), [(0.0, 0.4)]) is None
    assert median_pitch(np.random.default_rng(1).normal(0, 0.1, 4 * RATE).astype(np.float32), [(0.0, 4.0)]) is None
    assert median_pitch(np.zeros(4 * RATE, np.float32), [(0.0, 4.0)]) is None
    assert median_pitch(voice(120.0), []) is None
