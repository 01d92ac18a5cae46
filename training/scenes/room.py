"""A room around dry voices: when each line falls, echo, distance, the hum of the place, water and gravel."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfilt

from training.scenes.script import Line, Script, Speaker

_TAIL_S = 3.5  # after the last word, while the table is put back as it was at the start
_AIR_DB = -54.0  # noise of a quiet room against full scale
_WET_DB = -11.0  # echo against the direct voice, at one to two metres
_QUIET_HZ = 1800.0  # a voice turned away loses its high part


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A line on the timeline, seconds."""

    line: Line
    start: float
    end: float


def place(script: Script, lengths: tuple[float, ...]) -> tuple[Placed, ...]:
    """Put the lines one after another; `lengths` are the spoken lines' seconds."""
    placed: list[Placed] = []
    free = 0.0
    for line, length in zip(script.lines, lengths, strict=True):
        start = max(0.0, free + line.pause)
        placed.append(Placed(line=line, start=start, end=start + length))
        free = max(free, start + length)
    return tuple(placed)


def length_of(placed: tuple[Placed, ...]) -> float:
    return max(each.end for each in placed) + _TAIL_S


def mix(
    script: Script, placed: tuple[Placed, ...], voices: tuple[NDArray[np.float32], ...], *, rate: int
) -> NDArray[np.float32]:
    """The whole scene as the table's microphone hears it. shape: (n_samples,), within [-1, 1]."""
    chance = np.random.default_rng(script.seed)
    sound = air(round(length_of(placed) * rate), rate, chance)
    sound += _water(placed, sound.size, rate, chance)
    for speaker in script.speakers:
        own = np.zeros(sound.size)
        for each, voice in zip(placed, voices, strict=True):
            if each.line.speaker == speaker.id:
                at = round(each.start * rate)
                own[at : at + voice.size] += _turned_away(voice, each.line, rate)[: own.size - at]
        sound += _in_the_room(own, speaker, rate, chance)
    return np.clip(sound, -0.99, 0.99).astype(np.float32)


def air(size: int, rate: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Noise that falls by 3 dB an octave, as ventilation and a distant street do, with a little mains hum."""
    spectrum = np.fft.rfft(chance.standard_normal(size))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(size, 1 / rate), 40.0))
    noise = np.fft.irfft(spectrum, size)
    noise *= 10 ** (_AIR_DB / 20) / noise.std()
    noise += 10 ** (-66 / 20) * np.sin(2 * np.pi * 120 * np.arange(size) / rate)
    return np.asarray(noise)


def _turned_away(voice: NDArray[np.float32], line: Line, rate: int) -> NDArray[np.float64]:
    dry = voice.astype(np.float64)
    if line.quiet_db == 0.0:
        return dry
    muffled = sosfilt(butter(2, _QUIET_HZ, fs=rate, output="sos"), dry)
    return np.asarray(muffled) * 10 ** (line.quiet_db / 20)


def _in_the_room(
    own: NDArray[np.float64], speaker: Speaker, rate: int, chance: np.random.Generator
) -> NDArray[np.float64]:
    """Add exponentially fading reflections (60 dB in `reverb_s`), starting 8 ms after the direct voice."""
    size = round(speaker.reverb_s * rate)
    echo = chance.standard_normal(size) * 10 ** (-3 * np.arange(size) / size)
    echo[: round(0.008 * rate)] = 0.0
    echo *= 10 ** (_WET_DB / 20) / np.sqrt((echo**2).sum())
    wet = fftconvolve(own, echo)[: own.size]
    return np.asarray((own + wet) * 10 ** (speaker.level_db / 20))


def _water(placed: tuple[Placed, ...], size: int, rate: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """Pouring while the jug is tilted, drops while the filters run."""
    sound = np.zeros(size)
    stages = [(each.start, each.line.stage) for each in placed if each.line.stage is not None]
    for (start, stage), (end, _) in pairwise([*stages, (size / rate, "jug")]):
        if stage == "pour":
            sound += _pouring(size, start - 2.2, start + 3.5, rate, chance)
        if stage in ("pour", "drip"):
            sound += _drops(size, start + 1.0, end, rate, chance)
    return sound


def _pouring(size: int, start: float, end: float, rate: int, chance: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(size) / rate
    swell = np.clip(np.minimum(time - start, end - time) / 0.6, 0, 1)
    noise = sosfilt(butter(2, (500, 3500), btype="bandpass", fs=rate, output="sos"), chance.standard_normal(size))
    bubble = 1 + 0.6 * np.sin(2 * np.pi * 7 * time + 2 * np.sin(2 * np.pi * 1.3 * time))
    return np.asarray(noise * swell * bubble * 10 ** (-40 / 20))


def _drops(size: int, start: float, end: float, rate: int, chance: np.random.Generator) -> NDArray[np.float64]:
    sound = np.zeros(size)
    at = start
    while at < end:
        span = np.arange(round(0.06 * rate)) / rate
        pitch = chance.uniform(1100, 1700)
        drop = np.sin(2 * np.pi * (pitch + 6000 * span) * span) * np.exp(-span / 0.012) * 10 ** (-36 / 20)
        i = round(at * rate)
        sound[i : i + drop.size] += drop[: max(0, size - i)]
        at += chance.uniform(0.5, 0.9)
    return sound
