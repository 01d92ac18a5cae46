"""Session-level measures, each with what it was computed on.

A measure without enough to stand on has `value=None` and a `reason`; it is never a guess and never zero
because nothing was heard.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """`low` and `high` bound a 95 % interval; `coverage` is speech recognised over speech heard, in [0, 1]."""

    id: str
    label: str
    unit: str  # "share", "seconds", "count", "per_10_min"
    value: float | None
    low: float | None
    high: float | None
    coverage: float | None
    n: int  # utterances, waits or turns it rests on
    reason: str | None = None  # why value is None
