"""Under which condition a score came about: what the rater could have seen of the machine when giving it.

The flat name that tables of ratings use for protocol and phase together; the only place where the two meet.
"""

from enum import StrEnum

from model.assessment import Given, Phase
from model.review import Protocol


class Condition(StrEnum):
    UNASSISTED = "unassisted"  # the rater never sees suggestions
    BLIND = "blind"  # first score under *blind then reveal*, given before anything was shown
    REVEALED = "revealed"  # a score given or changed after the reveal
    ASSISTED = "assisted"  # suggestions were in view from the start
    ADJUDICATED = "adjudicated"  # a settlement of differing scores


UNTOUCHED = frozenset({Condition.UNASSISTED, Condition.BLIND})
"""Scores no suggestion can have touched."""


def condition_of(given: Given) -> Condition:
    """The condition a record was made under."""
    match given.protocol:
        case Protocol.UNASSISTED:
            return Condition.UNASSISTED
        case Protocol.ASSISTED:
            return Condition.ASSISTED
        case Protocol.BLIND_THEN_REVEAL:
            return Condition.BLIND if given.phase is Phase.BLIND else Condition.REVEALED
