"""Scenes whose words, speakers and roles are known, and other recordings cut from them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from scipy.signal import resample_poly

from inference.audio import RATE, Audio, cut
from model.transcript import Role

_EDGE_S = 0.1  # kept around a line that is cut out
_GAP_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    start: float  # seconds
    end: float  # seconds
    speaker: str
    role: Role
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenScene:
    name: str
    audio: Audio
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def read_scene(reference: Path, *, sound: Path | None = None) -> SpokenScene:
    """A scene from its reference (`*.json`) and the medium it names beside it, or another recording of the same."""
    document = json.loads(reference.read_text(encoding="utf-8"))
    medium = sound or reference.parent / str(document.get("media") or document["audio"])
    lines = tuple(
        Line(
            start=one["start"],
            end=one["end"],
            speaker=one["speaker"],
            role=Role.YOUTH if one["role"] == "youth" else Role.FACILITATOR,
            text=one["text"],
        )
        for one in document.get("utterances") or document["segments"]
    )
    return SpokenScene(name=medium.stem, audio=read_sound(medium), lines=lines)


def read_sound(path: Path) -> Audio:
    """The first sound track as 16 kHz mono. For our own files only: strangers' files go through inference.media."""
    resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float32)


def higher(scene: SpokenScene, factor: Fraction = Fraction(11, 10)) -> SpokenScene:
    """The scene played faster: pitch and formants rise by `factor` (down, for one below 1)."""
    audio = resample_poly(scene.audio, factor.denominator, factor.numerator).astype(np.float32)
    scale = float(1 / factor)
    lines = tuple(replace(line, start=line.start * scale, end=line.end * scale) for line in scene.lines)
    return SpokenScene(name=f"{scene.name} ×{float(factor):g}", audio=audio, lines=lines)


def youth_led(scene: SpokenScene, *, every: int = 4) -> SpokenScene:
    """The scene with every youth line and only every fourth of the facilitator's: youths talk most."""
    count = 0

    def stays(line: Line) -> bool:
        nonlocal count
        count += line.role is Role.FACILITATOR
        return line.role is Role.YOUTH or count % every == 1

    return recut(scene, stays, name=f"{scene.name}, youth-led")


def recut(scene: SpokenScene, stays: Callable[[Line], bool], *, name: str) -> SpokenScene:
    """The lines that stay, one after the other half a second apart, on the scene's quietest room sound."""
    kept = [line for line in scene.lines if stays(line)]
    room = _room(scene)
    parts, lines, at = [room], [], _GAP_S
    for line in kept:
        piece = cut(scene.audio, line.start - _EDGE_S, line.end + _EDGE_S)
        lines.append(replace(line, start=at + _EDGE_S, end=at + _EDGE_S + line.end - line.start))
        parts += [piece, room]
        at += piece.size / RATE + _GAP_S
    return SpokenScene(name=name, audio=np.concatenate(parts), lines=tuple(lines))


def _room(scene: SpokenScene) -> Audio:
    """The quietest half second: a pause cut from pure zeros would be heard as a cut."""
    size = round(_GAP_S * RATE)
    blocks = scene.audio[: scene.audio.size // size * size].reshape(-1, size)
    quietest: Audio = blocks[np.square(blocks).mean(axis=1).argmin()]
    return quietest
