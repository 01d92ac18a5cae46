"""What a finished review says, without whose it was: scores by condition, moments, audit windows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from model.conditions import Condition
from model.review import SUBJECT_PREFIX, ActKind, Protocol
from model.rubric import CANNOT_TELL


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenScore:
    """The level that held under one condition. `day`: no finer, so that nobody is known by the hour they worked."""

    criterion: str
    level: str  # a level's id, or cannot_tell
    condition: Condition
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A stretch that a rater stands by. `unprompted`: marked by them before any suggestion of its kind was shown."""

    indicator: str
    start: float  # seconds
    end: float
    unprompted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """An audit window with the chance it was drawn with and what its rater marked in it."""

    start: float  # seconds
    end: float
    p: float
    found: tuple[tuple[str, int], ...]  # indicator -> moments that start in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One submission by one rater, both under codes."""

    submission: str
    rater: str
    protocol: Protocol
    submitted: date
    duration_s: float | None
    annotation: int  # which machine run of the submission it was opened on
    scores: tuple[GivenScore, ...]  # first the one that was given on one's own, where there is one
    final: tuple[tuple[str, str], ...]  # criterion -> the level that was handed in
    moments: tuple[Moment, ...]
    windows: tuple[Window, ...]
    supported: tuple[tuple[str, int], ...]  # indicator -> suggestions said to support
    decided: int  # suggestions decided on


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A difference settled by someone who looked again."""

    submission: str
    criterion: str
    level: str
    by: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The machine's measures of one submission."""

    submission: str
    duration_s: float | None
    values: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """All finished reviews under one rubric. Codes are stable here and mean nothing elsewhere."""

    rubric: Mapping[str, Any]
    reads: tuple[Read, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    signals: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedAct:
    """As much of an act as research needs."""

    kind: ActKind
    subject: str
    value: Mapping[str, Any] | None
    at: datetime
    revealed: frozenset[str]  # indicators open to the reviewer when it was done

    @property
    def target(self) -> str:
        return self.subject.removeprefix(SUBJECT_PREFIX[self.kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A suggestion: its look-for and where it stands."""

    indicator: str
    start: float | None  # seconds
    end: float | None


def scores_of(
    acts: Iterable[LoggedAct], *, protocol: Protocol, served: Mapping[str, frozenset[str]]
) -> tuple[tuple[GivenScore, ...], tuple[tuple[str, str], ...]]:
    """The scores by condition, and the levels handed in.

    Under *blind then reveal* a criterion's blind score is the last one given before any suggestion that bears on it
    was shown; one given later is a revealed score. served: criterion -> the look-fors that bear on it.
    """
    own: dict[str, GivenScore] = {}
    later: dict[str, GivenScore] = {}
    final: dict[str, str] = {}
    for act in acts:
        if act.kind is not ActKind.SCORE:
            continue
        criterion = act.target
        open_then = bool(served.get(criterion, frozenset()) & act.revealed)
        condition, kept = _condition(protocol, open_then), later if open_then else own
        if act.value is None:
            kept.pop(criterion, None)
            final.pop(criterion, None)
            continue
        final[criterion] = CANNOT_TELL if act.value.get("cannot_tell") else str(act.value["level"])
        kept[criterion] = GivenScore(
            criterion=criterion, level=final[criterion], condition=condition, day=act.at.date()
        )
    return (*own.values(), *later.values()), tuple(final.items())


def _condition(protocol: Protocol, open_then: bool) -> Condition:
    match protocol:
        case Protocol.UNASSISTED:
            return Condition.UNASSISTED
        case Protocol.ASSISTED:
            return Condition.ASSISTED
        case Protocol.BLIND_THEN_REVEAL:
            return Condition.REVEALED if open_then else Condition.BLIND


def moments_of(
    acts: Sequence[LoggedAct], *, protocol: Protocol, pieces: Mapping[str, Piece]
) -> tuple[tuple[Moment, ...], tuple[tuple[str, int], ...], int]:
    """The moments that hold at the end, how many suggestions were supported per look-for, and how many decided."""
    held = {act.subject: act for act in acts}
    first = {act.subject: act for act in reversed(acts)}
    moments: list[Moment] = []
    supported: dict[str, int] = {}
    decided = 0
    for subject, act in held.items():
        if act.value is None:
            continue
        if act.kind is ActKind.OWN_EVIDENCE:
            shown = first[subject].revealed
            unprompted = protocol is not Protocol.ASSISTED and act.value["indicator"] not in shown
            moments.append(_moment(act.value["indicator"], act.value["start"], act.value["end"], unprompted))
        elif act.kind is ActKind.DECISION and act.target in pieces:
            decided += 1
            if act.value.get("verdict") == "supports":
                edit = held.get(f"{SUBJECT_PREFIX[ActKind.EVIDENCE_EDIT]}{act.target}")
                piece = _edited(pieces[act.target], edit.value if edit else None)
                supported[piece.indicator] = supported.get(piece.indicator, 0) + 1
                if piece.start is not None and piece.end is not None:
                    moments.append(_moment(piece.indicator, piece.start, piece.end, False))
    ordered = sorted(moments, key=lambda moment: (moment.start, moment.end, moment.indicator))
    return tuple(ordered), tuple(sorted(supported.items())), decided


def _moment(indicator: str, start: float, end: float, unprompted: bool) -> Moment:
    return Moment(indicator=str(indicator), start=float(start), end=float(end), unprompted=unprompted)


def _edited(piece: Piece, edit: Mapping[str, Any] | None) -> Piece:
    edit = edit or {}
    return Piece(
        indicator=str(edit.get("indicator", piece.indicator)),
        start=edit.get("start", piece.start),
        end=edit.get("end", piece.end),
    )


def found_in(start: float, end: float, acts: Sequence[LoggedAct]) -> tuple[tuple[str, int], ...]:
    """How many of the reviewer's own marks begin in [start, end), by look-for."""
    held = {act.subject: act for act in acts if act.kind is ActKind.OWN_EVIDENCE}
    counts: dict[str, int] = {}
    for act in held.values():
        if act.value is not None and start <= float(act.value["start"]) < end:
            indicator = str(act.value["indicator"])
            counts[indicator] = counts.get(indicator, 0) + 1
    return tuple(sorted(counts.items()))
