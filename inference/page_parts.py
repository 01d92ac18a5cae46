"""What the page is laid out from, and how its figures are put into words."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from model.preannotation import Version
from model.transcript import Role, Transcript

_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_LABELS = 12  # on the axis at most


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of one role's talk; `x` and `width` in percent of the map."""

    x: float
    width: float
    role: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A piece of evidence on the map; `height` in pixels grows with its probability."""

    id: str
    x: float  # percent
    height: int
    told: str  # for readers who hear the map


@dataclass(frozen=True, slots=True)
class Quote:
    role: str
    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    id: str
    first: str  # utterance it begins with
    when: str
    code: str
    confidence: str
    likely: str
    p: float
    quotes: tuple[Quote, ...]
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. `bar` is low, value and high in percent, for shares."""

    label: str
    value: str
    interval: str
    coverage: str
    n: int
    note: str
    reason: str
    bar: tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    words: tuple[tuple[str, bool], ...]
    marks: tuple[tuple[str, str, str], ...]  # evidence id, tone, what it is


@dataclass(frozen=True, slots=True)
class TurnShown:
    role: str
    who: str
    unsure: bool
    at: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    rows: tuple[Version, ...]

    @classmethod
    def of(cls, versions: Iterable[Version]) -> Self:
        return cls(tuple(versions))


def confidence(p: float) -> tuple[str, str]:
    """A calibrated probability in words, and as a count a person can picture."""
    if p >= 0.95:
        return "Very likely", "more than 19 of 20 like this should hold"
    tenths = max(1, round(10 * p))
    words = "Likely" if p >= 0.75 else "Rather likely" if p >= 0.55 else "Possible" if p >= 0.35 else "A faint sign"
    return words, f"about {tenths} of 10 like this should hold"


def figure(value: float | None, *, unit: str) -> str:
    """A measure's figure as a person writes it; a dash where there is none."""
    if value is None:
        return "–"
    match unit:
        case "share":
            return f"{value:.0%}"
        case "seconds":
            return f"{value:.1f} s"
        case "count":
            return f"{value:.0f}" if value >= 10 or float(value).is_integer() else f"{value:.1f}"
        case _:
            return f"{value:.1f}"


def plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def axis_step(length_s: float) -> int:
    """Seconds between labels: a round step that gives at most _LABELS of them."""
    for step in _STEPS_S:
        if length_s / step <= _LABELS:
            return step
    return math.ceil(length_s / _LABELS / 3600) * 3600


def voice_numbers(transcript: Transcript) -> dict[str, int]:
    """Voices numbered within their role in order of appearance, where a role has several: "youth s3" -> 2."""
    seen: dict[Role, list[str]] = {}
    for utterance in transcript.utterances:
        if utterance.speaker is not None and utterance.speaker not in seen.setdefault(utterance.role, []):
            seen[utterance.role].append(utterance.speaker)
    return {
        f"{role} {speaker}": number
        for role, speakers in seen.items()
        if len(speakers) > 1
        for number, speaker in enumerate(speakers, start=1)
    }
