"""What raters leave behind: scores, decisions on evidence, assessments, adjudications.

Everything here is a record of something that happened. Records are only ever added; the latest one on a subject
holds, and the earlier ones stay for research. How a review in progress turns acts into these is model.review.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from model.errors import LookforsError
from model.review import Protocol
from model.rubric import CANNOT_TELL, Rubric, Verdict


class RecordInvalid(LookforsError):
    """A record contradicts itself or the rubric it cites; our fault or a forged one, never a rater's slip."""


class Phase(StrEnum):
    """Whether machine evidence for the criterion could have been seen when the record was made."""

    BLIND = "blind"
    REVEALED = "revealed"


class Answer(StrEnum):
    """What a reviewer says of one piece of evidence."""

    SUPPORTS = "supports"
    DOES_NOT = "does_not"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Who gave a record, when, under which protocol, and after how much of the video. Raises RecordInvalid."""

    rater: str  # account id, or the name of a model
    at: datetime  # with its time zone
    protocol: Protocol
    phase: Phase
    watched_s: float  # seconds of the recording played before, counted once

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise RecordInvalid(f"The time {self.at} of a record by {self.rater} has no time zone.")
        if self.watched_s < 0:
            raise RecordInvalid(f"{self.rater} cannot have watched {self.watched_s:g} s.")
        if (self.protocol, self.phase) in _IMPOSSIBLE:
            raise RecordInvalid(f"A record under {self.protocol} cannot be {self.phase}.")


_IMPOSSIBLE = frozenset({(Protocol.UNASSISTED, Phase.REVEALED), (Protocol.ASSISTED, Phase.BLIND)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One criterion by one rater. `level` is a level's id or CANNOT_TELL: abstaining is an answer."""

    criterion: str
    level: str
    given: Given
    note: str = ""  # the rater's words on this score; asked for when suggestions had been shown
    evidence: tuple[str, ...] = ()  # ids of the pieces it cites, the rater's own marks included

    @property
    def abstains(self) -> bool:
        return self.level == CANNOT_TELL


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one rater says of one piece of evidence."""

    evidence: str
    answer: Answer
    given: Given
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One rater's records for one submission under one rubric, oldest first. Raises RecordInvalid.

    `submitted_at` is None while it is being worked on.
    """

    submission: str
    rubric_hash: str  # Rubric.content_hash
    rater: str
    scores: tuple[Score, ...] = ()
    decisions: tuple[Decision, ...] = ()
    submitted_at: datetime | None = None

    def __post_init__(self) -> None:
        records: tuple[Score | Decision, ...] = (*self.scores, *self.decisions)
        for record in records:
            if record.given.rater != self.rater:
                raise RecordInvalid(f"A record by {record.given.rater} stands in the assessment of {self.rater}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjudication:
    """A settlement of differing scores on one criterion by someone who looked again, with the reason.

    Never computed: a mean of scores is not a settlement. Raises RecordInvalid without a reason.
    """

    submission: str
    rubric_hash: str
    criterion: str
    level: str  # a level's id or CANNOT_TELL
    reason: str
    settles: tuple[str, ...]  # raters whose scores it settles
    by: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise RecordInvalid(f"The adjudication of {self.criterion} on {self.submission} gives no reason.")
        if self.at.tzinfo is None:
            raise RecordInvalid(f"The time {self.at} of an adjudication by {self.by} has no time zone.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One thing to do before an assessment can be submitted."""

    kind: Literal["score", "abstention", "reason", "evidence"]
    criterion: str
    text: str  # one sentence for the rater


def latest_scores(scores: Iterable[Score]) -> dict[str, Score]:
    """The score that holds for each criterion: the last given, whatever order they are stored in."""
    return {score.criterion: score for score in sorted(scores, key=lambda score: score.given.at)}


def latest_decisions(decisions: Iterable[Decision]) -> dict[str, Decision]:
    """The decision that holds for each piece of evidence."""
    return {decision.evidence: decision for decision in sorted(decisions, key=lambda decision: decision.given.at)}


def first_scores(scores: Iterable[Score]) -> dict[str, Score]:
    """The first score for each criterion: under *blind then reveal*, the one no suggestion has touched."""
    newest_first = sorted(scores, key=lambda score: score.given.at, reverse=True)
    return {score.criterion: score for score in newest_first}


def gaps(assessment: Assessment, rubric: Rubric) -> tuple[Gap, ...]:
    """What is missing before `assessment` can be submitted, in rubric order; empty when it is complete.

    Every criterion needs a score that cites evidence, or an abstention with its reason where the rubric allows one.
    Raises RecordInvalid where the assessment was made under another rubric or holds ids this rubric does not have.
    """
    if assessment.rubric_hash != rubric.content_hash:
        raise RecordInvalid(
            f"The assessment by {assessment.rater} was made under rubric {assessment.rubric_hash[:12]}, "
            f"not {rubric.content_hash[:12]} ({rubric.id})."
        )
    latest = latest_scores(assessment.scores)
    _check_ids(latest.values(), rubric)
    found = (_gap(criterion.id, criterion.label, latest.get(criterion.id), rubric) for criterion in rubric.criteria)
    return tuple(gap for gap in found if gap is not None)


def _check_ids(scores: Iterable[Score], rubric: Rubric) -> None:
    criteria, levels = {c.id for c in rubric.criteria}, {level.id for level in rubric.levels} | {CANNOT_TELL}
    for score in scores:
        if score.criterion not in criteria or score.level not in levels:
            raise RecordInvalid(f"Rubric {rubric.id} has no {score.criterion} at level {score.level}.")


def _gap(criterion: str, label: str, score: Score | None, rubric: Rubric) -> Gap | None:
    if score is None:
        return Gap(kind="score", criterion=criterion, text=f"“{label}” has no score.")
    if not score.abstains:
        if score.evidence or score.note.strip():
            return None
        text = f"“{label}” cites no moment and no note of what was seen."
        return Gap(kind="evidence", criterion=criterion, text=text)
    if not rubric.allow_cannot_tell:
        text = f"“{label}” needs a level: this rubric does not allow “cannot tell”."
        return Gap(kind="abstention", criterion=criterion, text=text)
    if not score.note.strip():
        text = f"Say why “{label}” cannot be told from this video."
        return Gap(kind="reason", criterion=criterion, text=text)
    return None


def verdict(assessment: Assessment, rubric: Rubric) -> Verdict:
    """Whether the scores that hold meet the rubric's pass rule."""
    return rubric.passes({c: score.level for c, score in latest_scores(assessment.scores).items()})


def settled_levels(assessments: Iterable[Assessment], adjudications: Iterable[Adjudication]) -> dict[str, str]:
    """The level that stands for each criterion of one submission: adjudicated, else where all raters agree.

    A criterion on which submitted assessments differ and nobody has settled is left out. Abstentions do not
    disagree with a level; where all abstain, CANNOT_TELL stands.
    """
    given: dict[str, set[str]] = {}
    for assessment in assessments:
        if assessment.submitted_at is None:
            continue
        for criterion, score in latest_scores(assessment.scores).items():
            given.setdefault(criterion, set()).add(score.level)
    settled = {}
    for criterion, levels in given.items():
        told = levels - {CANNOT_TELL}
        if len(told) <= 1:
            settled[criterion] = next(iter(told), CANNOT_TELL)
    latest = {a.criterion: a for a in sorted(adjudications, key=lambda a: a.at)}
    return settled | {criterion: adjudication.level for criterion, adjudication in latest.items()}
