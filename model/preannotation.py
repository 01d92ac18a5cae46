"""What the machine hands to a review: format `lookfors.preannotation/1` (docs/formats/preannotation.md)."""

from dataclasses import dataclass
from typing import Literal

from model.evidence import Evidence
from model.measures import Measure
from model.transcript import Transcript

FORMAT = "lookfors.preannotation/1"
CODE_FLOOR = 0.05  # utterance code probabilities below this are left out of the document

WarningCode = Literal["too_short", "no_audio", "no_speech", "quiet", "edited", "no_video", "language", "low_coverage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaWarning:
    """Something a reviewer should know before watching. `at` are the places in seconds, where it has any."""

    code: WarningCode
    text: str  # one sentence for a person
    at: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    kind: Literal["video", "audio"]
    codec: str
    width: int | None = None
    height: int | None = None
    rotation: int | None = None  # degrees
    fps: float | None = None
    sample_rate: int | None = None
    channels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What was handed in. For a transcript without its sound, `streams` is empty."""

    name: str
    duration: float | None  # seconds
    sha256: str
    size: int  # bytes
    streams: tuple[Stream, ...]
    warnings: tuple[MediaWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One model or rubric that took part, so that old evidence keeps the version that made it."""

    part: str  # "transcriber", "speakers", "roles", "tagger", "rubric"
    name: str
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PreAnnotation:
    media: Media
    transcript: Transcript
    codes: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]  # (utterance id, ((code, p), …)), p >= CODE_FLOOR
    evidence: tuple[Evidence, ...]
    measures: tuple[Measure, ...]
    versions: tuple[Version, ...]
