"""From a script to the files that are shipped."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile

from training.scenes.film import FPS, encode, make_film
from training.scenes.reference import write_reference
from training.scenes.room import length_of, mix, place
from training.scenes.script import Script, read_script
from training.scenes.voices import RATE, speak

Progress = Callable[[str, float], None]  # what is being made, share done


def build(script_path: Path, folder: Path, *, progress: Progress) -> Path:
    """Make `<name>.mp4` and `<name>.json` in `folder`; returns the film's path. Minutes of work on two cores."""
    script = read_script(script_path)
    voices = _voices(script, progress)
    placed = place(script, tuple(voice.size / RATE for voice in voices))
    length = length_of(placed)
    film = make_film(placed, voices, rate=RATE)
    count = round(length * FPS)
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f"{script.name}.mp4"
    with tempfile.TemporaryDirectory(dir=folder) as making:
        wav = Path(making) / "scene.wav"
        wavfile.write(wav, RATE, (mix(script, placed, voices, rate=RATE) * 32767).astype(np.int16))
        made = Path(making) / out.name
        frames = (film.frame(i / FPS) for i in range(count))
        encode(frames, wav, made, count=count, progress=lambda share: progress("picture", share))
        os.replace(made, out)
    write_reference(folder / f"{script.name}.json", script, placed, media=out.name, duration=length)
    return out


def _voices(script: Script, progress: Progress) -> tuple[NDArray[np.float32], ...]:
    spoken = []
    for i, line in enumerate(script.lines):
        spoken.append(speak(line, script.speaker(line.speaker)))
        progress("voices", (i + 1) / len(script.lines))
    return tuple(spoken)
