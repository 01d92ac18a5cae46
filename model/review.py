"""A review is an append-only log of acts; its state is a fold of them.

Undo, two tabs, a lost connection and the research record all follow from that: nothing is ever changed in
place, so nothing can be lost. An act says what it is about (its *subject*); the latest act on a subject
holds. Acts are numbered by the server (`seq`); clients name them (`id`), so sending one twice is harmless.

What a reviewer may see of the machine's evidence depends on the protocol and is decided here, once, for
every way of asking.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from model.errors import LookforsError
from model.indicators import Indicator

VERDICTS = frozenset({"supports", "does_not", "unsure"})
REASONS = frozenset({"wrong_speaker", "wrong_words", "not_stem", "not_a_question", "other"})  # said freely, never asked
HEARD_SHARE = 0.6  # of a span that must have been played for it to count as heard
MEDIA_TOLERANCE_S = 0.25  # two stretches closer than this were watched in one go


class Protocol(StrEnum):
    """How the machine's evidence meets the reviewer; drawn per assignment, recorded with every act."""

    UNASSISTED = "unassisted"
    BLIND_THEN_REVEAL = "blind_then_reveal"
    ASSISTED = "assisted"


class ActKind(StrEnum):
    DECISION = "decision"
    EVIDENCE_EDIT = "evidence_edit"
    OWN_EVIDENCE = "own_evidence"
    CITE = "cite"
    SCORE = "score"
    FEEDBACK = "feedback"
    NOTE = "note"
    WATCHED = "watched"
    AUDIT = "audit"
    SUBMIT = "submit"


SUBJECT_PREFIX: dict[ActKind, str] = {
    ActKind.DECISION: "evidence:",
    ActKind.EVIDENCE_EDIT: "span:",
    ActKind.OWN_EVIDENCE: "own:",
    ActKind.CITE: "cite:",
    ActKind.SCORE: "score:",
    ActKind.FEEDBACK: "feedback:",
    ActKind.NOTE: "note",
    ActKind.WATCHED: "watched",
    ActKind.AUDIT: "audit:",
    ActKind.SUBMIT: "submit",
}
# Watching only ever adds up, so two tabs cannot contradict each other there.
WITHOUT_CONFLICT = frozenset({ActKind.WATCHED, ActKind.SUBMIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing a reviewer did. `value` None takes the subject back to undecided."""

    id: str
    seq: int
    kind: ActKind
    subject: str
    value: Mapping[str, Any] | None
    at: datetime
    replaces: str | None = None  # the act its author saw as current for this subject

    @property
    def target(self) -> str:
        """What the subject names: an evidence, criterion or window id; empty for `note` and the like."""
        return self.subject.removeprefix(SUBJECT_PREFIX[self.kind])


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRules:
    id: str
    label: str
    levels: tuple[str, ...]  # level ids, lowest first
    indicators: tuple[Indicator, ...]  # machine evidence that bears on it


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """What one review is held to, drawn from its rubrics and its program."""

    protocol: Protocol
    criteria: tuple[CriterionRules, ...]
    audit_windows: tuple[str, ...] = ()
    evidence: tuple[tuple[str, Indicator], ...] = ()  # machine evidence: (id, indicator)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewState:
    """The fold. `current` maps each subject to the act that holds; the rest is read from it."""

    seq: int = 0
    current: Mapping[str, Act] = field(default_factory=dict)
    watched: tuple[tuple[float, float], ...] = ()  # seconds, merged, in order
    revealed: frozenset[Indicator] = frozenset()  # can only grow: what was seen cannot be unseen
    submitted_at: datetime | None = None

    def value(self, subject: str) -> Mapping[str, Any] | None:
        act = self.current.get(subject)
        return None if act is None else act.value

    def scored(self, criterion: str) -> bool:
        """A level or an explicit *cannot tell*."""
        return self.value(f"score:{criterion}") is not None

    @property
    def watched_s(self) -> float:
        return sum(end - start for start, end in self.watched)


class ActRefused(LookforsError):
    """An act that breaks the rules of its review; `remedy` says what to do instead."""

    def __init__(self, act: Act, fact: str, remedy: str) -> None:
        super().__init__(f"{fact} {remedy}")
        self.act = act
        self.fact = fact
        self.remedy = remedy


class ActConflicts(LookforsError):
    """The subject has moved on since the author looked; `current` is what holds now. Nothing is overwritten."""

    def __init__(self, act: Act, current: Act | None) -> None:
        super().__init__(f"{act.subject} was changed elsewhere in the meantime.")
        self.act = act
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something to do before a review can be submitted."""

    kind: Literal["score", "citation", "reason", "audit"]
    target: str
    text: str


def fold(acts: Iterable[Act], rules: ReviewRules) -> ReviewState:
    """The state after `acts`, which must be in `seq` order."""
    state = ReviewState(revealed=_always_visible(rules))
    for act in acts:
        state = apply(state, act, rules)
    return state


def apply(state: ReviewState, act: Act, rules: ReviewRules) -> ReviewState:
    """One more act. Trusts that `check` let it pass."""
    current = {**state.current, act.subject: act}
    watched = state.watched
    if act.kind is ActKind.WATCHED and act.value is not None:
        watched = merge_stretches([*watched, *((s, e) for s, e, *_ in act.value["intervals"])])
    after = replace(
        state,
        seq=act.seq,
        current=current,
        watched=watched,
        submitted_at=act.at if act.kind is ActKind.SUBMIT else state.submitted_at,
    )
    if rules.protocol is Protocol.BLIND_THEN_REVEAL and act.kind is ActKind.SCORE:
        return replace(after, revealed=after.revealed | _earned(after, rules))
    return after


def _always_visible(rules: ReviewRules) -> frozenset[Indicator]:
    return frozenset(Indicator) if rules.protocol is Protocol.ASSISTED else frozenset()


def _earned(state: ReviewState, rules: ReviewRules) -> frozenset[Indicator]:
    """Indicators all of whose criteria are scored: showing one earlier would colour those still open."""
    open_indicators = {i for c in rules.criteria if not state.scored(c.id) for i in c.indicators}
    served = {i for c in rules.criteria for i in c.indicators}
    if all(state.scored(c.id) for c in rules.criteria):
        return frozenset(Indicator)
    return frozenset(served - open_indicators)


def check(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    """Raises ActRefused or ActConflicts; returns for an act that may be appended."""
    if state.submitted_at is not None:
        raise ActRefused(act, "This review is submitted and closed.", "Ask program staff to reopen it.")
    if not act.subject.startswith(SUBJECT_PREFIX[act.kind]):
        raise ActRefused(act, f"{act.kind} cannot be about “{act.subject}”.", "Reload the page.")
    if act.kind not in WITHOUT_CONFLICT:
        held = state.current.get(act.subject)
        if (held.id if held else None) != act.replaces:
            raise ActConflicts(act, held)
    if rule := _CHECKS.get(act.kind):
        rule(state, act, rules)


def visible(evidence: str, state: ReviewState, rules: ReviewRules) -> bool:
    """May this reviewer see this piece of machine evidence now?"""
    return dict(rules.evidence).get(evidence) in state.revealed


def touched(state: ReviewState) -> frozenset[str]:
    """Machine evidence on which something holds: a decision, an edit, a citation. It must not vanish from a review."""
    ids: set[str] = set()
    for subject, act in state.current.items():
        if act.value is None:
            continue
        if act.kind in {ActKind.DECISION, ActKind.EVIDENCE_EDIT}:
            ids.add(act.target)
        elif subject.startswith(SUBJECT_PREFIX[ActKind.CITE]):
            ids.update(act.value.get("evidence", ()))
    return frozenset(ids)


def _check_evidence(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    if not visible(act.target, state, rules):
        raise ActRefused(
            act,
            "This piece of evidence is not open to this review.",
            "Score the criteria it bears on first." if rules.protocol is Protocol.BLIND_THEN_REVEAL else "Reload.",
        )


def _check_decision(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    _check_evidence(state, act, rules)
    if act.value is None:
        return
    if act.value.get("verdict") not in VERDICTS:
        raise ActRefused(act, "A decision is supports, does not, or unsure.", "Choose one of the three.")
    reasons = act.value.get("reasons", [])
    if not isinstance(reasons, list) or not all(isinstance(one, str) and one in REASONS for one in reasons):
        raise ActRefused(act, "It gives a reason that Lookfors does not know.", "Choose from those offered.")


def _check_span(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    _check_evidence(state, act, rules)
    _check_shape(act, needed=False)


def _check_own(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    _check_shape(act, needed=True)


def _check_shape(act: Act, *, needed: bool) -> None:
    """Times in order and an indicator of the catalogue, where given or `needed`."""
    if act.value is None:
        return
    if (needed or "indicator" in act.value) and act.value.get("indicator") not in set(Indicator):
        raise ActRefused(act, "It names no look-for that Lookfors knows.", "Choose one of the three.")
    if needed or "start" in act.value or "end" in act.value:
        _check_stretch(act, act.value.get("start"), act.value.get("end"))


def _check_stretch(act: Act, start: object, end: object) -> None:
    numbers = isinstance(start, int | float) and isinstance(end, int | float)
    if not numbers or not 0 <= start < end < math.inf:  # type: ignore[operator]
        raise ActRefused(act, "A moment needs a start before its end.", "Set both ends again.")


def _check_watched(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    stretches = (act.value or {}).get("intervals")
    if not isinstance(stretches, list):
        raise ActRefused(act, "It says nothing of what was watched.", "Reload the page.")
    for stretch in stretches:
        if not isinstance(stretch, list | tuple) or len(stretch) < 2:
            raise ActRefused(act, "A watched stretch needs a start and an end.", "Reload the page.")
        _check_stretch(act, stretch[0], stretch[1])


def _check_feedback(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    if act.target != "overall":
        _criterion(act, rules)


def _check_audit(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    if act.target not in rules.audit_windows:
        raise ActRefused(act, "This audit window is not part of the review.", "Reload the page.")


def _check_complete(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    gaps = missing(state, rules)
    if gaps:
        raise ActRefused(act, "The review is not complete yet.", " ".join(gap.text for gap in gaps))


def _criterion(act: Act, rules: ReviewRules) -> CriterionRules:
    for criterion in rules.criteria:
        if criterion.id == act.target:
            return criterion
    raise ActRefused(act, f"The rubric has no criterion “{act.target}”.", "Reload the page.")


def cited(state: ReviewState, criterion: str) -> bool:
    """At least one piece of evidence, or a note on what was seen in the picture."""
    value = state.value(f"cite:{criterion}") or {}
    return bool(value.get("evidence") or value.get("own") or str(value.get("seen") or "").strip())


def _check_cited(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    _criterion(act, rules)
    for evidence in (act.value or {}).get("evidence", ()):
        if not visible(evidence, state, rules):
            raise ActRefused(act, "It cites evidence that is not open to this review.", "Cite what you can see.")
    for own in (act.value or {}).get("own", ()):
        if state.value(f"own:{own}") is None:
            raise ActRefused(act, "It cites a mark that was taken back.", "Mark the moment again, then cite it.")


def _check_score(state: ReviewState, act: Act, rules: ReviewRules) -> None:
    criterion = _criterion(act, rules)
    if act.value is not None and not act.value.get("cannot_tell"):
        if act.value.get("level") not in criterion.levels:
            raise ActRefused(
                act, f"“{criterion.label}” has no such level.", f"Its levels are {', '.join(criterion.levels)}."
            )
        if not cited(state, criterion.id):
            raise ActRefused(
                act,
                f"“{criterion.label}” has no evidence yet.",
                "Cite a moment, or note what you saw in the picture, then score.",
            )
    seen = rules.protocol is Protocol.BLIND_THEN_REVEAL and any(i in state.revealed for i in criterion.indicators)
    if seen and state.scored(criterion.id) and not str((act.value or {}).get("reason") or "").strip():
        raise ActRefused(
            act,
            f"The suggestions for “{criterion.label}” have been shown.",
            "Say in a few words why the score changes.",
        )


_CHECKS: dict[ActKind, Callable[[ReviewState, Act, ReviewRules], None]] = {
    ActKind.DECISION: _check_decision,
    ActKind.EVIDENCE_EDIT: _check_span,
    ActKind.OWN_EVIDENCE: _check_own,
    ActKind.WATCHED: _check_watched,
    ActKind.CITE: _check_cited,
    ActKind.SCORE: _check_score,
    ActKind.FEEDBACK: _check_feedback,
    ActKind.AUDIT: _check_audit,
    ActKind.SUBMIT: _check_complete,
}


def missing(state: ReviewState, rules: ReviewRules) -> tuple[Missing, ...]:
    """What stands between this review and its submission, in rubric order."""
    gaps: list[Missing] = []
    for criterion in rules.criteria:
        score = state.value(f"score:{criterion.id}")
        if score is None:
            gaps.append(Missing(kind="score", target=criterion.id, text=f"“{criterion.label}” has no score."))
        elif not score.get("cannot_tell") and not cited(state, criterion.id):
            gaps.append(
                Missing(kind="citation", target=criterion.id, text=f"“{criterion.label}” cites no evidence any more.")
            )
    gaps.extend(
        Missing(kind="audit", target=window, text="An audit window has not been answered.")
        for window in rules.audit_windows
        if state.value(f"audit:{window}") is None
    )
    return tuple(gaps)


def merge_stretches(stretches: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Union of half-open stretches in seconds, in order; gaps under MEDIA_TOLERANCE_S are closed."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(stretches):
        if end <= start:
            continue
        if merged and start <= merged[-1][1] + MEDIA_TOLERANCE_S:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def heard(span: tuple[float, float], watched: Sequence[tuple[float, float]]) -> bool:
    """Was enough of `span` played (HEARD_SHARE of it)? `watched` must be merged."""
    start, end = span
    if end <= start:
        return any(s <= start < e for s, e in watched)
    played = sum(max(0.0, min(end, e) - max(start, s)) for s, e in watched)
    return played >= HEARD_SHARE * (end - start)
