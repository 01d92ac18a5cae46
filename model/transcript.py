"""Word < Utterance < Turn < Transcript.

`start` and `end` are float seconds, half-open. They are None together where a transcript came without
times; everything that needs time then says so instead of guessing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from model.errors import TranscriptInvalid


class Role(StrEnum):
    """Who speaks, as far as a review needs to know: never an identity."""

    FACILITATOR = "facilitator"
    YOUTH = "youth"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    text: str
    start: float  # seconds
    end: float  # seconds
    p: float  # recogniser's probability of this word


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One speaker's sentence."""

    id: str  # stable inside its transcript: "u1", "u2", …
    start: float | None
    end: float | None
    speaker: str | None  # cluster label such as "s1": not a name
    role: Role
    role_p: float  # probability that `role` is right; 1.0 where a person gave it
    text: str
    words: tuple[Word, ...] = ()

    def __post_init__(self) -> None:
        if (self.start is None) != (self.end is None):
            raise TranscriptInvalid(
                f"Utterance {self.id} has only one of start and end.",
                "Give both times or leave both out.",
            )
        if self.start is not None and self.end is not None and self.end < self.start:
            raise TranscriptInvalid(
                f"Utterance {self.id} ends at {self.end:g} s, before it starts at {self.start:g} s.",
                "Correct the times in the transcript.",
            )

    @property
    def p_youth(self) -> float:
        """Probability that a youth speaks, from the role and how sure it is."""
        match self.role:
            case Role.YOUTH:
                return self.role_p
            case Role.FACILITATOR:
                return 1.0 - self.role_p
            case Role.UNKNOWN:
                return 0.5

    @property
    def duration(self) -> float | None:
        """Seconds, or None where the transcript has no times."""
        if self.start is None or self.end is None:
            return None
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One speaker's unbroken run of utterances."""

    speaker: str | None
    role: Role
    utterances: tuple[Utterance, ...]

    @property
    def start(self) -> float | None:
        return self.utterances[0].start

    @property
    def end(self) -> float | None:
        return self.utterances[-1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechHeard:
    """Seconds in which a voice was heard, and how many of them became words.

    Their ratio is the coverage every measure carries: what was heard but not understood is not silence.
    """

    heard_s: float  # voice activity, both roles
    recognised_s: float  # voice activity under recognised words
    heard_by_role_s: tuple[tuple[Role, float], ...] = ()
    recognised_by_role_s: tuple[tuple[Role, float], ...] = ()

    @property
    def coverage(self) -> float | None:
        """Recognised over heard, in [0, 1]; None where nothing was heard."""
        if self.heard_s <= 0:
            return None
        return min(1.0, self.recognised_s / self.heard_s)

    def coverage_of(self, role: Role) -> float | None:
        heard = dict(self.heard_by_role_s).get(role, 0.0)
        if heard <= 0:
            return None
        return min(1.0, dict(self.recognised_by_role_s).get(role, 0.0) / heard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    utterances: tuple[Utterance, ...]
    language: str | None = None  # ISO 639-1
    speech: SpeechHeard | None = None  # None for a transcript that came without its sound

    def __post_init__(self) -> None:
        seen: set[str] = set()
        for utterance in self.utterances:
            if utterance.id in seen:
                raise TranscriptInvalid(
                    f"Two utterances share the id {utterance.id}.", "Give every utterance its own id."
                )
            seen.add(utterance.id)

    @property
    def timed(self) -> bool:
        return bool(self.utterances) and all(u.start is not None for u in self.utterances)

    def turns(self) -> Iterator[Turn]:
        """Maximal runs of one speaker and role, in order."""
        for (speaker, role), run in groupby(self.utterances, key=lambda u: (u.speaker, u.role)):
            yield Turn(speaker=speaker, role=role, utterances=tuple(run))

    def with_role(self, ids: frozenset[str], role: Role) -> "Transcript":
        """The transcript after a person said whose voice these utterances are."""
        return replace(
            self,
            utterances=tuple(replace(u, role=role, role_p=1.0) if u.id in ids else u for u in self.utterances),
        )
