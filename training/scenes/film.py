"""Frame by frame from the timeline to an MP4."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.scenes.backdrop import paint_moving, paint_room, paint_table
from training.scenes.pen import HEIGHT, WIDTH, Pen, Point, shown
from training.scenes.people import FIGURES, Pose, draw_arms, draw_person
from training.scenes.room import Placed
from training.scenes.table import Table

FPS = 15

_LEAD_S = 0.25  # a speaker is lit a moment before the first word
_GAZE_TABLE: Point = (560.0, 470.0)


@dataclass(frozen=True, slots=True)
class Film:
    """A scene's picture at any time. `voices` are the loudness of each line by frame, in [0, 1]."""

    placed: tuple[Placed, ...]
    voices: tuple[NDArray[np.float64], ...]
    table: Table
    room: Image.Image

    def frame(self, time: float) -> Image.Image:
        image = self.room.copy()
        paint_moving(image, time)
        pen = Pen(image)
        hands = self.table.hands(time)
        levels = {name: self._level(name, time) for name in FIGURES}
        looks_at = self._listened_to(time)
        holding = []
        for i, (name, figure) in enumerate(FIGURES.items()):
            target = FIGURES[looks_at] if looks_at is not None and looks_at != name else None
            look = (target.x, target.head_y) if target is not None else _GAZE_TABLE
            voice, speaking = levels[name]
            pose = Pose(time=time, voice=voice, speaking=speaking, look=look, phase=i * 0.37)
            draw_person(pen, figure, pose)
            holding.append((figure, pose, hands.get(name)))
        paint_table(pen)
        self.table.draw(pen, time)
        for figure, pose, held in holding:
            draw_arms(pen, figure, pose, held or (None, None))
        return shown(image)

    def _level(self, name: str, time: float) -> tuple[float, float]:
        """How loud and how present a speaker is."""
        loud, present = 0.0, 0.0
        for each, voice in zip(self.placed, self.voices, strict=True):
            if each.line.speaker == name and each.start - 0.6 < time < each.end + 0.6:
                i = round((time - each.start) * FPS)
                loud = max(loud, float(voice[i]) if 0 <= i < voice.size else 0.0)
                edge = min(time - each.start + _LEAD_S, each.end + _LEAD_S - time)
                present = max(present, min(1.0, max(0.0, edge / _LEAD_S)))
        return loud, present

    def _listened_to(self, time: float) -> str | None:
        speaking = [each for each in self.placed if each.start - _LEAD_S <= time <= each.end + 0.8]
        return speaking[-1].line.speaker if speaking else None


def make_film(placed: tuple[Placed, ...], voices: tuple[NDArray[np.float32], ...], *, rate: int) -> Film:
    stages = tuple((each.start, each.line.stage) for each in placed if each.line.stage is not None)
    return Film(placed, tuple(_loudness(voice, rate) for voice in voices), Table(stages), paint_room())


def encode(
    frames: Iterator[Image.Image], wav: Path, out: Path, *, count: int, progress: Callable[[float], None]
) -> None:
    """Write H.264/AAC with the index first; flat colours and a still camera keep it to a few megabytes."""
    pictures = ffmpeg.input("pipe:", format="rawvideo", pix_fmt="rgb24", s=f"{WIDTH}x{HEIGHT}", r=FPS)
    sound = ffmpeg.input(str(wav))
    output = ffmpeg.output(
        pictures["v:0"], sound["a:0"], str(out), vcodec="libx264", preset="slow", crf=31, tune="animation",
        pix_fmt="yuv420p", g=FPS * 4, acodec="aac", ar=48_000, ac=1, movflags="+faststart", shortest=None,
        **{"b:a": "56k", "map_metadata": -1, "fflags": "+bitexact", "flags": "+bitexact"},
    )  # fmt: skip
    process = output.run_async(
        cmd=imageio_ffmpeg.get_ffmpeg_exe(), pipe_stdin=True, quiet=False, overwrite_output=True, pipe_stderr=True
    )
    for i, frame in enumerate(frames):
        process.stdin.write(frame.tobytes())
        progress((i + 1) / count)
    process.stdin.close()
    said = process.stderr.read().decode("utf-8", "replace")
    if process.wait() != 0:
        raise RuntimeError(f"ffmpeg could not write {out.name}: {said.strip().splitlines()[-1]}")


def _loudness(voice: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Mouth opening by frame: root mean square against the line's loud parts, in [0, 1]."""
    width = rate // FPS
    count = max(1, -(-voice.size // width))
    padded = np.zeros(count * width)
    padded[: voice.size] = voice
    level = np.sqrt((padded.reshape(count, width) ** 2).mean(axis=1))
    return np.asarray(np.clip(level / max(np.percentile(level, 95), 1e-6), 0, 1))
