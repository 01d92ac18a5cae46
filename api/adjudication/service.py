"""Reads finished reviews against each other and records settlements. Unfinished reviews are not looked into."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.adjudication.schemas import (
    AdjudicationCreate,
    AdjudicationRead,
    CitedRead,
    ComparedReview,
    ComparisonRead,
    FinalScore,
    RubricComparison,
)
from api.auth.person import Person
from api.catalogue.schemas import RubricRead
from api.errors import Conflict, NotFound
from api.queue.differences import Settlements, settled
from api.reviews import log
from api.storage.changes import mark_changed
from api.storage.desk_tables import ActRow, AdjudicationRow, AssignmentRow
from api.storage.tables import SubmissionRow
from api.submissions.schemas import PersonBrief
from model.errors import InputRefused
from model.indicators import Indicator
from model.review import Protocol
from model.rubric import CANNOT_TELL


def compare(session: Session, submission_id: str) -> ComparisonRead:
    """Raises NotFound."""
    submission = session.get(SubmissionRow, submission_id)
    if submission is None:
        raise NotFound("submission.none", "There is no such submission.", "Go back to the queue and choose another.")
    by_rubric: dict[str, list[AssignmentRow]] = defaultdict(list)
    for row in _finished(session, submission_id):
        by_rubric[row.rubric_hash].append(row)
    settlements = settled(session, [submission_id])
    return ComparisonRead(
        submission_id=submission.id,
        title=submission.title,
        duration=submission.duration,
        rubrics=[_rubric(session, rows, settlements) for rows in by_rubric.values()],
    )


def _finished(session: Session, submission_id: str) -> Sequence[AssignmentRow]:
    return session.scalars(
        select(AssignmentRow)
        .where(
            AssignmentRow.submission_id == submission_id,
            AssignmentRow.submitted_at.is_not(None),
            AssignmentRow.withdrawn_at.is_(None),
        )
        .order_by(AssignmentRow.id)
    ).all()


def _rubric(session: Session, rows: list[AssignmentRow], settlements: Settlements) -> RubricComparison:
    reviews = [_review(session, row) for row in rows]
    levels: dict[str, set[str]] = defaultdict(set)
    for review in reviews:
        for score in review.scores:
            levels[score.criterion].add(score.level)
    return RubricComparison(
        rubric=RubricRead.model_validate(log.rubric_of(rows[0])),
        reviews=reviews,
        differs=[criterion for criterion, given in levels.items() if len(given) > 1],
        settlements=[
            AdjudicationRead(
                criterion=criterion,
                level=row.level,
                reason=row.reason,
                by=PersonBrief.model_validate(row.by),
                at=row.at,
            )
            for (_, rubric_hash, criterion), row in settlements.items()
            if rubric_hash == rows[0].rubric_hash
        ],
    )


def _review(session: Session, row: AssignmentRow) -> ComparedReview:
    review = log.replay(session, row)
    firsts = _first_levels(session, row)
    scores = []
    for criterion in review.rules.criteria:
        given = review.state.value(f"score:{criterion.id}") or {}
        level = _level(given)
        scores.append(
            FinalScore(
                criterion=criterion.id,
                level=level,
                first_level=firsts.get(criterion.id, level),
                reason=str(given.get("reason") or ""),
                seen=str((review.state.value(f"cite:{criterion.id}") or {}).get("seen") or ""),
                feedback=str((review.state.value(f"feedback:{criterion.id}") or {}).get("text") or ""),
            )
        )
    assert row.submitted_at is not None
    return ComparedReview(
        assignment_id=row.id,
        reviewer=PersonBrief.model_validate(row.reviewer),
        protocol=Protocol(row.protocol),
        submitted_at=row.submitted_at,
        watched_s=review.state.watched_s,
        scores=scores,
        cited=_cited(review),
    )


def _level(value: Mapping[str, object]) -> str:
    return CANNOT_TELL if value.get("cannot_tell") else str(value["level"])


def _first_levels(session: Session, row: AssignmentRow) -> dict[str, str]:
    """The last score on each criterion given while its suggestions were still hidden."""
    acts = session.scalars(
        select(ActRow).where(ActRow.assignment_id == row.id, ActRow.kind == "score").order_by(ActRow.seq)
    )
    served = {c.id: {i.value for i in c.indicators} for c in log.rubric_of(row).criteria}
    firsts: dict[str, str] = {}
    for act in acts:
        criterion = act.subject.removeprefix("score:")
        if act.value is not None and not served[criterion] & set(act.revealed):
            firsts[criterion] = _level(act.value)
    return firsts


def _cited(review: log.OpenReview) -> list[CitedRead]:
    """Every moment that some criterion cites, in order of time, and by whom it was found."""
    by_moment: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for criterion in review.rules.criteria:
        value = review.state.value(f"cite:{criterion.id}") or {}
        for own, key in ((False, "evidence"), (True, "own")):
            for moment in value.get(key, ()):
                by_moment[own, moment].append(criterion.id)
    found = [_moment(review, moment, own, criteria) for (own, moment), criteria in by_moment.items()]
    return sorted(found, key=lambda cited: cited.start or 0.0)


def _moment(review: log.OpenReview, moment: str, own: bool, criteria: list[str]) -> CitedRead:
    if own:
        mark = review.state.value(f"own:{moment}") or {}
        return CitedRead(
            id=moment,
            indicator=Indicator(mark["indicator"]),
            start=mark.get("start"),
            end=mark.get("end"),
            text=str(mark.get("note") or ""),
            own=True,
            criteria=criteria,
        )
    row = review.evidence[moment]
    edit = review.state.value(f"span:{moment}") or {}
    return CitedRead(
        id=row.id,
        indicator=Indicator(edit.get("indicator", row.indicator)),
        start=edit.get("start", row.start),
        end=edit.get("end", row.end),
        text=row.quote,
        own=False,
        criteria=criteria,
    )


def settle(session: Session, submission_id: str, body: AdjudicationCreate, *, by: Person) -> ComparisonRead:
    """A new settlement on one criterion; an earlier one stays on record.

    Raises NotFound, Conflict where there are not two finished reviews or the settler scored it, and InputRefused.
    """
    rows = [row for row in _finished(session, submission_id) if row.rubric.rubric_id == body.rubric_id]
    if len(rows) < 2:
        raise Conflict(
            "adjudication.too_few",
            "There are not two finished reviews under this rubric.",
            "Wait for the second one, or assign it.",
        )
    if any(row.reviewer_id == by.id for row in rows):
        raise Conflict(
            "adjudication.own", "You scored this submission yourself.", "Ask a colleague to look again and settle it."
        )
    rubric = log.rubric_of(rows[0])
    allowed = {level.id for level in rubric.levels} | ({CANNOT_TELL} if rubric.allow_cannot_tell else set())
    if body.criterion not in {criterion.id for criterion in rubric.criteria} or body.level not in allowed:
        raise InputRefused(
            "adjudication.unknown", "The rubric has no such criterion or level.", "Reload the page and choose again."
        )
    mark_changed(session, rows[0].submission)
    session.add(
        AdjudicationRow(
            submission_id=submission_id,
            rubric_hash=rows[0].rubric_hash,
            criterion=body.criterion,
            level=body.level,
            reason=body.reason,
            settles=[row.id for row in rows],
            by_id=by.id,
        )
    )
    session.flush()
    return compare(session, submission_id)
