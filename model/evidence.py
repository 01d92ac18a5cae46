"""Evidence: one occurrence of an indicator on the timeline, with the true reasons it was pointed at."""

from dataclasses import dataclass
from typing import Literal

from model.indicators import Indicator
from model.transcript import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where something is: utterances always, seconds (half-open) where the transcript has times."""

    start: float | None
    end: float | None
    utterances: tuple[str, ...]  # utterance ids, in order


CueKind = Literal["words", "wait", "answer", "overlap", "context", "role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A reason a person can check: the words that carried it, a pause that was there, an overlap with …"""

    kind: CueKind
    text: str  # one short plain clause, e.g. "asks “what do you notice”" or "3.2 s of wait before the answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A pointer for a reviewer; never a verdict. `p` is the calibrated chance that a reviewer would agree."""

    id: str  # stable inside its pre-annotation: "e1", "e2", …
    indicator: Indicator
    code: str  # id in model.indicators.CODES
    span: Span
    p: float
    said_by: Role
    cues: tuple[Cue, ...]
