"""Takes for the continuity check: a handheld camera over a real photograph, people moving, a room humming.

A take is unbroken by construction, whatever happens in it (flash, lights off, whip pan, a hand before the lens).
Cuts are made by joining takes, or by leaving seconds out of one.
"""

import subprocess
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, zoom
from sklearn.datasets import load_sample_image

FPS = 25
WIDTH, HEIGHT = 320, 180
RATE = 16_000

Frames = NDArray[np.uint8]  # shape: (n, HEIGHT, WIDTH)
Sound = NDArray[np.float64]  # shape: (n_samples,)
Event = Callable[[NDArray[np.float32], float], NDArray[np.float32]]  # (frame, time) -> frame, grey 0..255


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    frames: Frames
    sound: Sound

    def until(self, second: float) -> "Take":
        return Take(frames=self.frames[: round(second * FPS)], sound=self.sound[: round(second * RATE)])

    def since(self, second: float) -> "Take":
        return Take(frames=self.frames[round(second * FPS) :], sound=self.sound[round(second * RATE) :])

    def then(self, other: "Take") -> "Take":
        return Take(frames=np.concatenate((self.frames, other.frames)), sound=np.concatenate((self.sound, other.sound)))

    def write(self, path: Path) -> Path:
        """As a phone would: lossy H.264 with AAC."""
        wav = path.with_suffix(".wav")
        write_wav(wav, self.sound)
        subprocess.run(
            [
                imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error",
                "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "pipe:",
                "-i", str(wav), "-c:v", "libx264", "-preset", "ultrafast", "-crf", "26", "-pix_fmt", "yuv420p",
                "-c:a", "aac", "-b:a", "64k", str(path),
            ],
            input=self.frames.tobytes(),
            check=True,
        )  # fmt: skip
        wav.unlink()
        return path


def take(
    seconds: float,
    *,
    seed: int,
    photo: str = "china.jpg",
    events: tuple[Event, ...] = (),
    shake: float = 6.0,
    pan: Callable[[float], float] = lambda time: 0.0,
    tilt_db: float = 0.0,
    room_db: float = -50.0,
    room: Callable[[float], float] = lambda time: 0.0,
    pause: tuple[float, float] = (0.0, 0.0),
) -> Take:
    """An unbroken take. `shake` in pixels of 320; `pan(t)` moves the view by that many more; `room(t)` adds dB.

    `tilt_db` makes the room's noise duller or sharper, per octave: another place sounds otherwise. Nobody speaks
    during `pause`.
    """
    chance = np.random.default_rng(seed)
    count = round(seconds * FPS)
    scene = _scene(photo)
    wander = gaussian_filter1d(chance.standard_normal((count, 2)), FPS * 0.6, axis=0) * shake * np.sqrt(FPS * 0.6) * 1.9
    people = [_Walker(chance, count) for _ in range(4)]
    frames = np.empty((count, HEIGHT, WIDTH), dtype=np.uint8)
    for i in range(count):
        x = (scene.shape[1] - WIDTH) / 2 * 0.5 + wander[i, 0] + pan(i / FPS)
        y = (scene.shape[0] - HEIGHT) / 2 + wander[i, 1]
        left, top = (int(np.clip(v, 0, m)) for v, m in ((x, scene.shape[1] - WIDTH), (y, scene.shape[0] - HEIGHT)))
        frame = scene[top : top + HEIGHT, left : left + WIDTH].copy()
        for walker in people:
            walker.draw(frame, i, left)
        for event in events:
            frame = event(frame, i / FPS)
        frames[i] = np.clip(frame + chance.normal(0, 2.5, frame.shape), 0, 255)
    return Take(frames=frames, sound=_talk(seconds, chance, tilt_db, room_db, room, pause))


def room_noise(seconds: float, chance: np.random.Generator, *, tilt_db: float, level_db: float) -> Sound:
    """Noise that falls by 3 dB an octave, and by `-tilt_db` more."""
    size = round(seconds * RATE)
    spectrum = np.fft.rfft(chance.standard_normal(size))
    frequency = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 60)
    noise = np.fft.irfft(spectrum * (frequency / 1000) ** (-0.5 + tilt_db / 6.02), size)
    return np.asarray(noise * 10 ** (level_db / 20) / noise.std())


def write_wav(path: Path, sound: Sound) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())


def flash(at: float) -> Event:
    return lambda frame, time: np.full_like(frame, 250) if at <= time < at + 2 / FPS else frame


def lights(at: float, share: float) -> Event:
    """From one frame to the next the room has `share` of its light."""
    return lambda frame, time: frame * share if time >= at else frame


def hand_over_lens(at: float, span: float = 0.8) -> Event:
    return lambda frame, time: frame * 0.05 + 8 if at <= time < at + span else frame


def passer_by(at: float, span: float = 0.5) -> Event:
    """Someone close to the camera crosses the whole picture."""

    def walk(frame: NDArray[np.float32], time: float) -> NDArray[np.float32]:
        if at <= time < at + span:
            edge = round((time - at) / span * 2.0 * WIDTH) - WIDTH
            frame = frame.copy()
            frame[:, max(0, edge) : max(0, min(WIDTH, edge + WIDTH))] = 40
        return frame

    return walk


def slide_change(at: float) -> Event:
    """A projected slide, a fifth of the picture, is another one at once."""
    other = _scene("flower.jpg")[100 : 100 + HEIGHT // 2, 60 : 60 + round(WIDTH * 0.4)]

    def show(frame: NDArray[np.float32], time: float) -> NDArray[np.float32]:
        frame = frame.copy()
        frame[10 : 10 + other.shape[0], 20 : 20 + other.shape[1]] = other if time >= at else 235
        return frame

    return show


def whip(at: float, by: float = 170.0, span: float = 0.4) -> Callable[[float], float]:
    return lambda time: by * float(np.clip((time - at) / span, 0, 1))


def sweep(period: float = 9.0, by: float = 160.0) -> Callable[[float], float]:
    """Panning to and fro over the whole scene."""
    return lambda time: by * (1 - float(np.cos(2 * np.pi * time / period))) / 2


def _scene(photo: str) -> NDArray[np.float32]:
    grey = np.asarray(load_sample_image(photo), dtype=np.float32).mean(axis=2)
    return np.asarray(zoom(grey, 1.0, order=1), dtype=np.float32)


class _Walker:
    """A person-sized blob that stands, sways and now and then walks on."""

    def __init__(self, chance: np.random.Generator, count: int) -> None:
        steps = np.where(chance.random(count) < 0.01, chance.normal(0, 60, count), 0.0)
        self._x = gaussian_filter1d(np.cumsum(steps) + chance.uniform(0, 500), FPS * 0.5)
        self._sway = gaussian_filter1d(chance.standard_normal(count), 6) * 12
        self._shade = float(chance.uniform(30, 220))
        self._width = int(chance.uniform(24, 48))
        self._top = int(chance.uniform(40, 90))

    def draw(self, frame: NDArray[np.float32], i: int, left: int) -> None:
        x = int(self._x[i] % 560 + self._sway[i] - left)
        frame[self._top :, max(0, x) : max(0, x + self._width)] = self._shade
        head = max(0, x + self._width // 4)
        frame[max(0, self._top - 26) : self._top, head : max(0, x + self._width * 3 // 4)] = 255 - self._shade


def _talk(
    seconds: float,
    chance: np.random.Generator,
    tilt_db: float,
    room_db: float,
    room: Callable[[float], float],
    pause: tuple[float, float],
) -> Sound:
    """Bursts of voiced sound with pauses over the room's noise."""
    size = round(seconds * RATE)
    time = np.arange(size) / RATE
    gain = np.interp(time, np.arange(0, seconds + 0.02, 0.02), [room(t) for t in np.arange(0, seconds + 0.02, 0.02)])
    noise = room_noise(seconds, chance, tilt_db=tilt_db, level_db=room_db) * 10 ** (gain / 20)
    pitch = 180 + 40 * gaussian_filter1d(chance.standard_normal(size // 400 + 1), 8)
    phase = 2 * np.pi * np.cumsum(np.interp(time, np.arange(pitch.size) * 400 / RATE, pitch)) / RATE
    voice = sum(np.sin(k * phase) / k for k in range(1, 9))
    syllables = gaussian_filter1d((chance.random(size // 1600 + 1) < 0.62).astype(float), 0.6)
    talking = gaussian_filter1d((chance.random(size // RATE + 2) < 0.5).astype(float), 0.3)
    level = np.interp(time, np.arange(syllables.size) * 0.1, syllables) * np.interp(
        time, np.arange(talking.size) * 1.0, talking
    )
    level[(time >= pause[0]) & (time < pause[1])] = 0.0
    return np.asarray(noise + 0.06 * voice * level)
