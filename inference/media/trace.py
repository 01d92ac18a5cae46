"""A small record of how picture and sound change, kept while a recording is decoded for another purpose.

Enough to look for cuts (continuity.py) without decoding again: 20 minutes take 7 MB.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 32, 18  # of a kept picture: what is where, and no face
PICTURES_S = 12  # pictures kept a second
FRAMES_S = 20  # sound frames a second
BANDS = 16
_RATE = 16_000  # Hz of the sound handed in
_HOP = _RATE // FRAMES_S
_FLOOR = 1e-10  # power; -100 dB, below any 16-bit sound
# Band edges equally wide in mel (2595 log10(1 + f/700)) from 60 Hz to 7.6 kHz.
_EDGES_HZ = (700 * (10 ** (np.linspace(90.3, 2786.0, BANDS + 1) / 2595) - 1)).tolist()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """`pictures`: (n, HEIGHT, WIDTH) grey levels, PICTURES_S a second. `sound`: (m, BANDS) dB, FRAMES_S a second.

    Either may be empty.
    """

    pictures: NDArray[np.uint8]
    sound: NDArray[np.float32]

    def save(self, path: Path) -> None:
        with path.open("wb") as file:
            np.savez_compressed(file, pictures=self.pictures, sound=self.sound.astype(np.float16))

    @classmethod
    def load(cls, path: Path) -> "Trace":
        with np.load(path, allow_pickle=False) as kept:
            return cls(pictures=kept["pictures"], sound=kept["sound"].astype(np.float32))


@dataclass(slots=True, eq=False)
class Tracer:
    """Sinks for raw grey pictures (WIDTH x HEIGHT, PICTURES_S) and raw 16 kHz mono 16-bit sound."""

    _pictures: bytearray = field(default_factory=bytearray)
    _pcm: bytearray = field(default_factory=bytearray)
    _sound: list[NDArray[np.float32]] = field(default_factory=list)

    def see(self, block: bytes) -> None:
        self._pictures += block

    def hear(self, block: bytes) -> None:
        self._pcm += block
        whole = len(self._pcm) // (2 * _HOP)
        if whole:
            samples = np.frombuffer(bytes(self._pcm[: whole * 2 * _HOP]), dtype="<i2")
            del self._pcm[: whole * 2 * _HOP]
            self._sound.append(band_levels(samples.astype(np.float32) / np.float32(32768)))

    def trace(self) -> Trace:
        size = WIDTH * HEIGHT
        count = len(self._pictures) // size
        pictures = np.frombuffer(bytes(self._pictures[: count * size]), dtype=np.uint8)
        sound = np.concatenate(self._sound) if self._sound else np.empty((0, BANDS), dtype=np.float32)
        return Trace(pictures=pictures.reshape(count, HEIGHT, WIDTH), sound=sound)


def band_levels(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Power in dB by mel band of each 50 ms frame: (n_frames, BANDS). samples: (n,), n a multiple of the frame."""
    frames = samples.reshape(-1, _HOP) * np.hanning(_HOP).astype(np.float32)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2 / _HOP**2
    bins = np.searchsorted(np.fft.rfftfreq(_HOP, 1 / _RATE), _EDGES_HZ)
    bands = np.add.reduceat(power, bins[:-1], axis=1)
    return (10 * np.log10(bands + _FLOOR)).astype(np.float32)
