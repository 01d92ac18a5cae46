"""Facilitator or youth: from what a voice says and how, with a probability. Who speaks most decides nothing."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.preannotation import Version
from model.transcript import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One utterance, as far as roles need it. Times are None for a transcript that came without them."""

    speaker: str | None
    text: str
    start: float | None = None
    end: float | None = None


# Provisional weights of evidence in log odds for the facilitator, a sentence at a time.
_LEADS = re.compile(
    r"\b(what do you|why do you|how (could|might|would|do) (you|we)|can you|who can|tell me|let's|today we|everyone|"
    r"everybody|your (team|group|partner|table)|good (job|work)|nice|thank you|you (are|can|will) |raise your)\b",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(r"\b(i think|maybe|because|mine|ours|we should|it's like|i don't know|yeah|um)\b", re.IGNORECASE)


def roles_version() -> Version:
    return Version(part="roles", name="word cues (provisional)", sha256="", licence="Apache-2.0")


def name_roles(said: Sequence[Said], *, pitch: Mapping[str, float]) -> tuple[tuple[Role, float], ...]:
    """Role and probability of each utterance; all of one speaker share theirs."""
    odds: dict[str | None, float] = {}
    for one in said:
        weight = 1.2 * bool(_LEADS.search(one.text)) + 0.5 * one.text.endswith("?")
        weight -= 1.0 * bool(_FOLLOWS.search(one.text)) + 0.15
        odds[one.speaker] = odds.get(one.speaker, 0.0) + weight
    for speaker, hertz in pitch.items():
        odds[speaker] = odds.get(speaker, 0.0) + (1.0 if hertz < 180 else -0.5 if hertz > 260 else 0.0)
    return tuple(_role(odds[one.speaker] if one.speaker is not None else 0.0) for one in said)


def _role(odds: float) -> tuple[Role, float]:
    p = 1 / (1 + math.exp(-max(-4.0, min(4.0, odds))))
    return (Role.FACILITATOR, p) if p >= 0.5 else (Role.YOUTH, 1 - p)
