"""What a reader of the agreement page asks for, and how it travels to the process that computes it."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from pydantic import TypeAdapter

from api.agreement.reads import Scored
from api.agreement.schemas import Arm, Choice

ARMS: tuple[tuple[Arm, str], ...] = (
    ("own", "Given without suggestions (unassisted and blind)"),
    ("unassisted", "Unassisted only"),
    ("blind", "Blind first scores only"),
    ("assisted", "Given with suggestions in view"),
    ("final", "As handed in, all protocols"),
)


def arm_choices() -> list[Choice]:
    return [Choice(id=arm, label=label) for arm, label in ARMS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to compute. `since` and `until` are days, both counted in."""

    arm: Arm = "own"
    since: date | None = None
    until: date | None = None
    estimand: Literal["these raters", "raters like these"] = "these raters"
    resamples: int = 2000
    seed: int = 0

    def holds(self, day: date) -> bool:
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)


_SCORED: TypeAdapter[Scored] = TypeAdapter(Scored)
_WANTED: TypeAdapter[Wanted] = TypeAdapter(Wanted)


def as_plain(scored: Scored, wanted: Wanted) -> dict[str, Any]:
    """Ready for JSON."""
    return {
        "scored": _SCORED.dump_python(scored, mode="json"),
        "wanted": _WANTED.dump_python(wanted, mode="json"),
    }


def from_plain(document: dict[str, Any]) -> tuple[Scored, Wanted]:
    """Back from `as_plain`."""
    return _SCORED.validate_python(document["scored"]), _WANTED.validate_python(document["wanted"])
