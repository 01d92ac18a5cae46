"""The one form of sound every model here takes."""

import numpy as np
from numpy.typing import NDArray

RATE = 16_000  # samples a second

Audio = NDArray[np.float32]  # shape (n_samples,), mono, in [-1, 1]


def seconds(audio: Audio) -> float:
    return audio.size / RATE


def cut(audio: Audio, start: float, end: float) -> Audio:
    """The samples of [start, end) seconds, as far as they exist."""
    return audio[max(0, round(start * RATE)) : max(0, round(end * RATE))]
