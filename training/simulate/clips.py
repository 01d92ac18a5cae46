"""Short recordings for a simulated installation: lines of the made sample scene, joined anew.

A better simulated session gets more of the lines a careful reader would point to, so that what the real pipeline finds
in a clip goes with the quality its raters were simulated from. Nobody real is heard in them.
"""

import io
import json
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import scipy.special

from inference.media import extract_audio, load_audio, probe
from model.errors import InputRefused
from model.indicators import CODES

RATE = 16_000  # samples a second
GAP_S = 0.7  # of near silence between lines
_LINES = 9  # of one clip: about half a minute
_RICH = (0.15, 0.85)  # share of such lines in the poorest and the best session
REFERENCE = "muddy-water.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One utterance of the scene; `look_fors` it bears on, empty for plain talk."""

    start: float  # seconds
    end: float
    text: str
    role: str
    look_fors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """The scene's sound, shape (n_samples,) at 16 kHz, and its lines."""

    audio: npt.NDArray[np.float32]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A recording (WAV) or, where only words are wanted, a transcript; and where its moments truly are."""

    content: bytes
    filename: str
    duration_s: float
    moments: tuple[tuple[str, float, float], ...]  # look-for, start, end in seconds


def read_scene(folder: Path) -> Scene:
    """Raises InputRefused where the sample scene is not there."""
    reference = folder / REFERENCE
    if not reference.is_file():
        raise InputRefused(
            "simulate.scene",
            f"There is no sample scene in {folder}.",
            f"Name the folder that has {REFERENCE}: --scene.",
        )
    document = json.loads(reference.read_text(encoding="utf-8"))
    media = folder / document["media"]
    with tempfile.TemporaryDirectory(prefix="lookfors-") as made:
        extract_audio(media, Path(made) / "audio.wav", media=probe(media))
        audio = load_audio(Path(made) / "audio.wav")
    look_fors = {code.id: code.indicator.value for code in CODES if code.indicator is not None}
    lines = tuple(
        Line(
            start=float(one["start"]),
            end=float(one["end"]),
            text=str(one["text"]),
            role=str(one["role"]),
            look_fors=tuple(dict.fromkeys(look_fors[code] for code in one["codes"] if code in look_fors)),
        )
        for one in document["utterances"]
    )
    return Scene(audio=audio, lines=lines)


def make_clip(scene: Scene, *, quality: float, name: str, seed: int, words_only: bool = False) -> Clip:
    """quality: in standard deviations, 0 is a middling session."""
    rng = np.random.default_rng(seed)
    lines = _lines(scene, quality, rng)
    place, moments, cues, sound = GAP_S, [], [], [np.zeros(int(GAP_S * RATE), dtype=np.float32)]
    for line in lines:
        cut = scene.audio[int(line.start * RATE) : int(line.end * RATE)]
        end = place + len(cut) / RATE
        moments += [(look_for, place, end) for look_for in line.look_fors]
        cues.append({"speaker": line.role, "start": round(place, 3), "end": round(end, 3), "text": line.text})
        sound += [cut, np.zeros(int(GAP_S * RATE), dtype=np.float32)]
        place = end + GAP_S
    if words_only:
        content, ending = json.dumps({"language": "en", "utterances": cues}).encode(), "json"
    else:
        content, ending = _wav(np.concatenate(sound)), "wav"
    return Clip(content=content, filename=f"{name}.{ending}", duration_s=place, moments=tuple(moments))


def _lines(scene: Scene, quality: float, rng: np.random.Generator) -> list[Line]:
    """Some of either kind, in the order of the scene, so that the clip still makes some sense."""
    rich = [line for line in scene.lines if line.look_fors]
    plain = [line for line in scene.lines if not line.look_fors]
    share = _RICH[0] + (_RICH[1] - _RICH[0]) * float(scipy.special.expit(1.5 * quality))
    n_rich = min(len(rich), round(share * _LINES))
    n_plain = min(len(plain), _LINES - n_rich)
    chosen = [rich[i] for i in rng.choice(len(rich), n_rich, replace=False)]
    chosen += [plain[i] for i in rng.choice(len(plain), n_plain, replace=False)]
    return sorted(chosen, key=lambda line: line.start)


def _wav(audio: npt.NDArray[np.float32]) -> bytes:
    # A faint noise floor: digital silence between lines is what a cut sounds like.
    noise = np.random.default_rng(0).normal(0.0, 5e-4, len(audio))
    samples = np.clip((audio + noise) * 32767.0, -32768, 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return out.getvalue()
