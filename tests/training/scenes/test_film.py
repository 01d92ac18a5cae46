"""The picture moves, shows who speaks, and is written as a film with its sound."""

import wave
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.media import probe
from training.scenes.film import FPS, Film, encode, make_film
from training.scenes.people import FIGURES
from training.scenes.room import length_of, place
from training.scenes.script import Line, read_script

RATE = 8_000
SCRIPT = read_script(Path(__file__).parents[3] / "sample" / "scene.toml")


@pytest.fixture(scope="module")
def film() -> Film:
    """Leo speaks from second 1 to second 3."""
    voice = np.ones(2 * RATE, dtype=np.float32)
    script = replace(SCRIPT, lines=(Line(speaker="leo", text="x", pause=1.0),))
    return make_film(place(script, (2.0,)), (voice,), rate=RATE)


def head(image: Image.Image, name: str) -> NDArray[np.int16]:
    figure = FIGURES[name]
    box = (figure.x - 70, figure.head_y - 70, figure.x + 70, figure.head_y + 50)
    return np.asarray(image.crop(box), dtype=np.int16)


def test_whoever_speaks_is_lit(film: Film) -> None:
    silent, speaking = film.frame(0.2), film.frame(2.0)
    change = {name: float(np.abs(head(speaking, name) - head(silent, name)).mean()) for name in FIGURES}
    assert max(change, key=lambda name: change[name]) == "leo"


def test_nothing_jumps_from_frame_to_frame(film: Film) -> None:
    """A picture that jumped would itself look edited."""
    frames = [np.asarray(film.frame(i / FPS), dtype=np.int16) for i in range(30)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(frames)]
    assert 0 < max(steps) < 4


def test_frames_and_sound_become_a_film(tmp_path: Path, film: Film) -> None:
    wav = tmp_path / "s.wav"
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(2 * RATE * 2))
    shares: list[float] = []
    frames = (film.frame(i / FPS) for i in range(2 * FPS))
    encode(frames, wav, tmp_path / "f.mp4", count=2 * FPS, progress=shares.append)
    media = probe(tmp_path / "f.mp4")
    assert media.duration == pytest.approx(2.0, abs=0.15)
    assert (media.streams[0].width, media.streams[0].height) == (960, 540)
    assert shares[-1] == 1.0
    assert length_of(film.placed) > 3
