"""Spans and the gate before recognition, on sound made here."""

from itertools import pairwise

import numpy as np
import pytest

from inference.audio import RATE, Audio
from inference.voice import difference, find_voice, intersection, total, union, windows


def test_arithmetic_of_spans() -> None:
    left, right = ((0.0, 2.0), (3.0, 5.0)), ((1.0, 4.0),)
    assert intersection(left, right) == ((1.0, 2.0), (3.0, 4.0))
    assert difference(left, right) == ((0.0, 1.0), (4.0, 5.0))
    assert union([(3.0, 5.0), (0.0, 1.0), (0.5, 2.0)]) == ((0.0, 2.0), (3.0, 5.0))
    assert union(left, bridge=1.0) == ((0.0, 5.0),)
    assert total(left) == 4.0
    assert difference((), right) == ()
    assert difference(left, ()) == left


def test_windows_hold_every_voice_and_stay_short() -> None:
    voice = [(float(at), at + 2.5) for at in range(0, 120, 3)]  # a voice with half a second of pause, two minutes
    found = windows(voice, duration=120.0)
    assert all(end - start <= 30.0 for start, end in found)
    assert total(intersection(union(found), voice)) == pytest.approx(total(voice))
    assert all(first[1] <= second[0] for first, second in pairwise(found))


def test_a_window_does_not_run_across_a_long_silence() -> None:
    assert len(windows([(1.0, 2.0), (12.0, 13.0)], duration=20.0)) == 2


def tones(seconds: float) -> Audio:
    """A chord that changes every half second: music, to a voice detector."""
    time = np.arange(int(seconds * RATE)) / RATE
    steps = 220.0 * 2 ** (np.array([0, 4, 7, 12, 7, 4])[(time * 2).astype(int) % 6] / 12)
    phase = 2 * np.pi * np.cumsum(steps) / RATE
    return (0.2 * np.sin(phase) + 0.1 * np.sin(1.5 * phase)).astype(np.float32)


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(RATE // 100, np.float32),
        np.zeros(20 * RATE, np.float32),
        np.random.default_rng(0).normal(0, 0.05, 20 * RATE).astype(np.float32),
        tones(20.0),
    ],
    ids=["empty", "10 ms", "silence", "noise", "music"],
)
def test_no_voice_is_found_where_nobody_speaks(sound: Audio) -> None:
    assert find_voice(sound) == ()
