"""Reading the queue and handing out work."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import Paging
from api.errors import Conflict, NotFound
from api.queue.differences import FinalScores, Settlements, differences, final_scores, settled
from api.queue.program import business_days_after, the_program
from api.queue.schemas import (
    AssignmentPlanned,
    AssignmentsCreate,
    AssignmentsRead,
    PersonRead,
    QueueFilter,
    QueueRow,
    QueueSort,
    ReviewerProgress,
)
from api.reviews.service import state_of
from api.score_model.schemas import SecondRead
from api.storage.base import new_id, now
from api.storage.changes import mark_changed, next_change
from api.storage.desk_tables import AssignmentRow, ProgramRow, RubricRow
from api.storage.tables import PersonRow, SubmissionRow, SubmissionState
from api.submissions.schemas import PersonBrief, WarningRead
from model.drawing import draw_protocol
from model.review import Protocol
from model.rubric import Rubric
from model.rubric_pack import shipped_rubrics

RATERS = frozenset({PersonRole.REVIEWER, PersonRole.STAFF, PersonRole.ADMIN})


def read_queue(
    session: Session,
    *,
    q: str | None,
    show: QueueFilter,
    reviewer_id: str | None,
    sort: QueueSort,
    paging: Paging,
    second: Mapping[str, SecondRead],
    person: Person,
) -> tuple[list[QueueRow], int]:
    """One page and the number of rows in all. Volumes are hundreds, so rows are judged here and not in SQL.

    second: chance that a second read flips the decision, by submission; kept from whoever is yet to score it.
    """
    statement = select(SubmissionRow)
    if q:
        statement = statement.where(SubmissionRow.title.icontains(q, autoescape=True))
    submissions = session.scalars(statement).all()
    at = now()
    rows = [row for row in _rows(session, submissions, at, second, person) if _SHOWN[show](row)]
    if reviewer_id is not None:
        rows = [row for row in rows if any(r.reviewer.id == reviewer_id for r in row.reviewers)]
    rows.sort(key=lambda row: row.submission_id)
    rows.sort(key=_ORDER[sort], reverse=sort == "-created_at")
    return rows[paging.offset : paging.offset + paging.page_size], len(rows)


def _rows(
    session: Session,
    submissions: Sequence[SubmissionRow],
    at: datetime,
    second: Mapping[str, SecondRead],
    person: Person,
) -> list[QueueRow]:
    ids = [submission.id for submission in submissions]
    assignments = session.scalars(
        select(AssignmentRow)
        .where(AssignmentRow.submission_id.in_(ids), AssignmentRow.withdrawn_at.is_(None))
        .options(selectinload(AssignmentRow.reviewer), selectinload(AssignmentRow.rubric))
        .order_by(AssignmentRow.id)
    ).all()
    scores = final_scores(session, [row.id for row in assignments])
    settlements = settled(session, ids)
    of_submission: dict[str, list[AssignmentRow]] = defaultdict(list)
    for row in assignments:
        of_submission[row.submission_id].append(row)
    return [
        _row(submission, of_submission[submission.id], scores, settlements, at).model_copy(
            update={"second_read": _second(second.get(submission.id), of_submission[submission.id], person)}
        )
        for submission in submissions
    ]


def _second(told: SecondRead | None, assignments: Sequence[AssignmentRow], person: Person) -> SecondRead | None:
    """Nothing for somebody who has yet to score it, and nothing once a second read is on its way."""
    yet_to_score = any(row.reviewer_id == person.id and row.submitted_at is None for row in assignments)
    return None if yet_to_score or len(assignments) != 1 else told


def _row(
    submission: SubmissionRow,
    assignments: list[AssignmentRow],
    scores: FinalScores,
    settlements: Settlements,
    at: datetime,
) -> QueueRow:
    waiting = [row.due_at for row in assignments if row.submitted_at is None]
    return QueueRow(
        submission_id=submission.id,
        title=submission.title,
        state=submission.state,
        created_at=submission.created_at,
        due_at=min(waiting, default=None),
        overdue=any(due < at for due in waiting),
        duration=submission.duration,
        coverage=submission.coverage,
        has_picture=submission.has_picture,
        has_sound=submission.has_sound,
        warnings=[WarningRead.model_validate(warning) for warning in submission.warnings],
        reviewers=[_progress(row, at) for row in assignments],
        differences=differences(assignments, scores, settlements),
    )


def _progress(row: AssignmentRow, at: datetime) -> ReviewerProgress:
    document = row.rubric.document
    return ReviewerProgress(
        assignment_id=row.id,
        reviewer=PersonBrief.model_validate(row.reviewer),
        rubric_id=document["id"],
        rubric_title=document["title"],
        state=state_of(row),
        scored=row.scored,
        criteria=len(document["criteria"]),
        due_at=row.due_at,
        overdue=row.submitted_at is None and row.due_at < at,
    )


def _differs(row: QueueRow) -> bool:
    return any(not difference.settled for difference in row.differences)


def _waits(row: QueueRow) -> bool:
    return any(review.state != "submitted" for review in row.reviewers)


_SHOWN: dict[QueueFilter, Callable[[QueueRow], bool]] = {
    "all": lambda row: True,
    "unassigned": lambda row: not row.reviewers,
    "waiting": _waits,
    "overdue": lambda row: row.overdue,
    "differs": _differs,
    "done": lambda row: bool(row.reviewers) and not _waits(row) and not _differs(row),
    "blocked": lambda row: row.state in {SubmissionState.FAILED, SubmissionState.CANCELLED},
}
# What has no date is not due, and comes last.
_ORDER: dict[QueueSort, Callable[[QueueRow], tuple[bool, float] | tuple[str]]] = {
    "due": lambda row: (row.due_at is None, row.due_at.timestamp() if row.due_at else row.created_at.timestamp()),
    "created_at": lambda row: (False, row.created_at.timestamp()),
    "-created_at": lambda row: (False, row.created_at.timestamp()),
    "title": lambda row: (row.title.casefold(),),
    "second_read": lambda row: (row.second_read is None, -row.second_read.p if row.second_read else 0.0),
}


def list_people(session: Session) -> list[PersonRead]:
    """Everybody with an open account and how much work each has waiting."""
    counts = session.execute(
        select(AssignmentRow.reviewer_id, func.count())
        .where(AssignmentRow.submitted_at.is_(None), AssignmentRow.withdrawn_at.is_(None))
        .group_by(AssignmentRow.reviewer_id)
    )
    waiting = {reviewer_id: n for reviewer_id, n in counts}
    rows = session.scalars(select(PersonRow).where(PersonRow.disabled_at.is_(None)).order_by(PersonRow.name))
    return [
        PersonRead(id=row.id, name=row.name, roles=sorted(row.roles), waiting=waiting.get(row.id, 0)) for row in rows
    ]


def assign(session: Session, body: AssignmentsCreate, *, by: Person) -> AssignmentsRead:
    """Raises NotFound for a submission, reviewer or rubric that is not there, or a person who does not review."""
    if not body.preview:
        next_change(session)  # one after the other, or two could hand out the same work
    program = the_program(session)
    rubric = _rubric(session, body.rubric_id)
    submissions = [_submission(session, id_) for id_ in dict.fromkeys(body.submission_ids)]
    reviewers = [_reviewer(session, id_) for id_ in dict.fromkeys(body.reviewer_ids)]
    due_at = body.due_at or business_days_after(now(), program.due_business_days)
    items = [
        _assign_one(session, program, rubric, submission, reviewer, due_at=due_at, by=by, preview=body.preview)
        for submission in submissions
        for reviewer in reviewers
    ]
    return AssignmentsRead(items=items, assigned=sum(item.outcome == "assigned" for item in items))


def _assign_one(
    session: Session,
    program: ProgramRow,
    rubric: RubricRow,
    submission: SubmissionRow,
    reviewer: PersonRow,
    *,
    due_at: datetime,
    by: Person,
    preview: bool,
) -> AssignmentPlanned:
    def planned(outcome: str, assignment_id: str | None, due: datetime | None) -> AssignmentPlanned:
        return AssignmentPlanned.model_validate(
            {
                "submission_id": submission.id,
                "reviewer_id": reviewer.id,
                "outcome": outcome,
                "assignment_id": assignment_id,
                "due_at": due,
            }
        )

    live = session.scalar(
        select(AssignmentRow).where(
            AssignmentRow.submission_id == submission.id,
            AssignmentRow.reviewer_id == reviewer.id,
            AssignmentRow.rubric_hash == rubric.hash,
            AssignmentRow.withdrawn_at.is_(None),
        )
    )
    if live is not None:
        return planned("already", live.id, live.due_at)
    # Nobody scores what they handed in themselves; the sample belongs to whoever set the service up.
    if submission.uploaded_by_id == reviewer.id and not submission.is_sample:
        return planned("own_upload", None, None)
    if preview:
        return planned("assigned", None, due_at)
    drawn = draw_protocol(
        Protocol(program.protocol),
        unassisted_share=program.unassisted_share,
        seed=program.seed,
        submission=submission.id,
        reviewer=reviewer.id,
    )
    row = AssignmentRow(
        id=new_id(),
        program_id=program.id,
        submission_id=submission.id,
        reviewer_id=reviewer.id,
        rubric_hash=rubric.hash,
        assigned_by_id=by.id,
        due_at=due_at,
        protocol=drawn.protocol.value,
        protocol_p=drawn.p,
    )
    session.add(row)
    mark_changed(session, submission)
    session.flush()
    return planned("assigned", row.id, due_at)


def withdraw(session: Session, assignment_id: str) -> None:
    """Takes the work back; what was done in it stays on record. Raises NotFound, or Conflict for a finished one."""
    row = session.get(AssignmentRow, assignment_id, with_for_update=True)  # as a reviewer who saves
    if row is None or row.withdrawn_at is not None:
        raise NotFound("assignment.none", "There is no such assignment.", "Reload the queue.")
    if row.submitted_at is not None:
        raise Conflict(
            "assignment.submitted",
            "This review has been handed in and counts.",
            "Settle what differs in the comparison instead.",
        )
    row.withdrawn_at = now()
    mark_changed(session, row.submission)


def _rubric(session: Session, rubric_id: str) -> RubricRow:
    rubric = next((r for r in shipped_rubrics() if r.id == rubric_id), None)
    if rubric is None:
        raise NotFound("rubric.none", "There is no such rubric here.", "Choose one from the list of rubrics.")
    return keep_rubric(session, rubric)


def keep_rubric(session: Session, rubric: Rubric) -> RubricRow:
    """The rubric as it is today, kept so that scores always point at the words they were given by."""
    row = session.get(RubricRow, rubric.content_hash)
    if row is not None:
        return row
    with suppress(IntegrityError), session.begin_nested():  # somebody else may be quicker
        session.add(RubricRow(hash=rubric.content_hash, rubric_id=rubric.id, document=dict(rubric.to_document())))
    return session.get_one(RubricRow, rubric.content_hash)


def _submission(session: Session, submission_id: str) -> SubmissionRow:
    row = session.get(SubmissionRow, submission_id)
    if row is None:
        raise NotFound("submission.none", "One of these submissions is gone.", "Reload the queue and choose again.")
    return row


def _reviewer(session: Session, person_id: str) -> PersonRow:
    row = session.get(PersonRow, person_id)
    if row is None or row.disabled_at is not None or RATERS.isdisjoint(row.roles):
        raise NotFound("reviewer.none", "One of these people does not review here.", "Reload the queue, choose again.")
    return row
