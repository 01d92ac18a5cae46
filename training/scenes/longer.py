"""A submission of full length out of a short scene: its exchanges in ever new order, its picture over and over.

For trying the whole flow and for benchmarks. No voices are needed: the lines are cut from the scene itself.
"""

import json
import math
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from inference.media import extract_audio, load_audio, probe
from inference.media.sound import SAMPLE_RATE
from training.scenes.reference import FORMAT, moments
from training.scenes.room import air

_BEFORE_S, _AFTER_S = 0.12, 0.3  # around a line: its first breath and the room's echo
_BREAK_S = 1.2  # between two exchanges


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What the facilitator opens and the youths answer, kept together with its pauses."""

    sound: NDArray[np.float32]
    utterances: tuple[dict[str, Any], ...]  # times from the exchange's own beginning


def lengthen(reference: Path, out: Path, *, minutes: float, seed: int = 0) -> None:
    """Write `out` (.mp4) and, beside it, its reference (.json), from a scene's reference and the media it names.

    The same seed gives the same order.
    """
    scene = json.loads(reference.read_text())
    media = reference.parent / scene["media"]
    length = minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "scene.wav"
        extract_audio(media, wav, media=probe(media))
        exchanges = _exchanges(load_audio(wav), scene["utterances"])
        sound = Path(folder) / "long.wav"
        utterances = _write_sound(sound, exchanges, length, np.random.default_rng(seed))
        _join(media, sound, out, length, scene["duration"])
    document = {
        "format": FORMAT,
        "title": f"{scene['title']}, {minutes:g} minutes",
        "media": out.name,
        "language": scene["language"],
        "duration": length,
        "utterances": utterances,
        "moments": moments(utterances),
    }
    out.with_suffix(".json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _exchanges(audio: NDArray[np.float32], utterances: list[dict[str, Any]]) -> tuple[_Exchange, ...]:
    groups: list[list[dict[str, Any]]] = []
    for i, utterance in enumerate(utterances):
        opens = i == 0 or (utterance["role"] == "facilitator" and utterances[i - 1]["role"] == "youth")
        if opens and (i == 0 or utterance["start"] - utterances[i - 1]["end"] > _BEFORE_S + _AFTER_S):
            groups.append([])
        groups[-1].append(utterance)
    found = []
    for group in groups:
        start = max(0.0, group[0]["start"] - _BEFORE_S)
        end = max(each["end"] for each in group) + _AFTER_S
        sound = audio[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)].copy()
        edge = round(0.05 * SAMPLE_RATE)
        sound[:edge] *= np.linspace(0, 1, edge, dtype=np.float32)
        sound[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
        moved = tuple({**each, "start": each["start"] - start, "end": each["end"] - start} for each in group)
        found.append(_Exchange(sound, moved))
    return tuple(found)


def _write_sound(
    path: Path, exchanges: tuple[_Exchange, ...], length: float, chance: np.random.Generator
) -> list[dict[str, Any]]:
    """Exchange after exchange over one room's noise, piece by piece, so that hours fit into memory."""
    utterances: list[dict[str, Any]] = []
    at = 0.0
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        while at < length:
            for i in chance.permutation(len(exchanges)):
                exchange = exchanges[i]
                span = exchange.sound.size / SAMPLE_RATE + _BREAK_S
                if at + span > length:
                    rest = math.ceil((length - at) * SAMPLE_RATE)
                    file.writeframes(_pcm(air(rest, SAMPLE_RATE, chance)))
                    return utterances
                piece = air(exchange.sound.size + round(_BREAK_S * SAMPLE_RATE), SAMPLE_RATE, chance)
                piece[: exchange.sound.size] += exchange.sound
                file.writeframes(_pcm(piece))
                for each in exchange.utterances:
                    shifted = {"start": round(at + each["start"], 3), "end": round(at + each["end"], 3)}
                    utterances.append({**each, **shifted, "id": f"u{len(utterances) + 1}"})
                at += piece.size / SAMPLE_RATE
    return utterances


def _pcm(sound: NDArray[np.float64]) -> bytes:
    return (np.clip(sound, -0.999, 0.999) * 32767).astype("<i2").tobytes()


def _join(media: Path, sound: Path, out: Path, length: float, scene_s: float) -> None:
    """The picture is repeated without coding it again: two hours take seconds."""
    pictures = ffmpeg.input(str(media), stream_loop=math.ceil(length / scene_s))
    heard = ffmpeg.input(str(sound))
    made = ffmpeg.output(
        pictures["v:0"], heard["a:0"], str(out), vcodec="copy", acodec="aac", ar=48_000, ac=1, t=length,
        movflags="+faststart", **{"b:a": "64k"},
    )  # fmt: skip
    made.run(cmd=imageio_ffmpeg.get_ffmpeg_exe(), quiet=True, overwrite_output=True)
