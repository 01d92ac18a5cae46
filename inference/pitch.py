"""Voice pitch, coarse but steady: enough to tell a low voice from a high one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.audio import RATE, Audio, cut
from inference.voice import Span

_LOWEST_HZ, _HIGHEST_HZ = 70.0, 450.0
_FRAME = 640  # samples: 40 ms holds nearly three periods of the lowest voice
_HOP = 320
_VOICED = 0.55  # normalised autocorrelation of a voiced frame
_ENOUGH_FRAMES = 50  # one second of voiced sound
_MOST_FRAMES = 6_000  # two minutes are plenty for a median


def median_pitch(audio: Audio, spans: Sequence[Span]) -> float | None:
    """Median fundamental frequency in hertz over the voiced frames of `spans`; None under a second of them."""
    frames = [_frames(cut(audio, start, end)) for start, end in spans]
    stacked = np.concatenate(frames) if frames else np.empty((0, _FRAME), np.float32)
    if stacked.shape[0] > _MOST_FRAMES:
        stacked = stacked[:: stacked.shape[0] // _MOST_FRAMES + 1]
    pitches = frame_pitches(stacked)
    voiced = pitches[np.isfinite(pitches)]
    return float(np.median(voiced)) if voiced.size >= _ENOUGH_FRAMES else None


def _frames(piece: Audio) -> Audio:
    if piece.size < _FRAME:
        return np.empty((0, _FRAME), np.float32)
    return np.lib.stride_tricks.sliding_window_view(piece, _FRAME)[::_HOP]


def frame_pitches(frames: Audio) -> NDArray[np.float64]:
    """Fundamental frequency of each frame, shape (n,), NaN where it is not voiced.

    Autocorrelation divided by that of the window (Boersma 1993). Of the lags nearly as strong as the best the
    shortest wins, which avoids octave errors downwards.
    """
    if frames.shape[0] == 0:
        return np.empty(0)
    window = np.hanning(_FRAME)
    steady = (frames - frames.mean(axis=1, keepdims=True)) * window
    size = 2 * _FRAME
    correlation = np.fft.irfft(np.abs(np.fft.rfft(steady, size)) ** 2, axis=1)[:, : _FRAME // 1]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2)[:_FRAME]
    energy = correlation[:, :1]
    first, last = int(RATE / _HIGHEST_HZ), int(RATE / _LOWEST_HZ)
    with np.errstate(divide="ignore", invalid="ignore"):
        strength = (correlation / energy / (own / own[0]))[:, first : last + 1]
    strength = np.nan_to_num(strength, nan=0.0, posinf=0.0, neginf=0.0)
    best = strength.max(axis=1)
    peaks = np.zeros_like(strength, dtype=bool)
    peaks[:, 1:-1] = (strength[:, 1:-1] >= strength[:, :-2]) & (strength[:, 1:-1] >= strength[:, 2:])
    good = peaks & (strength >= 0.9 * best[:, None])
    lag = good.argmax(axis=1) + first
    loud = energy[:, 0] > 0.05 * np.median(energy[:, 0])
    voiced = (best >= _VOICED) & good.any(axis=1) & loud
    return np.where(voiced, RATE / lag, np.nan)
