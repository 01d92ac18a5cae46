"""Corrects transcripts for staff and for those who are reviewing the recording; nothing is ever overwritten."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.auth.person import Person
from api.auth.roles import PersonRole
from api.corrections import renewals
from api.corrections.reading import Revision, correction_of, newest_annotation, read_revision
from api.corrections.schemas import CorrectionCreate, CorrectionList, CorrectionRead, CorrectionSaved
from api.errors import Conflict, NotFound, NotPermitted
from api.settings import Worker
from api.storage.base import new_id, now
from api.storage.changes import mark_changed
from api.storage.desk_tables import AssignmentRow, CorrectionRow, RenewalRow
from api.storage.tables import SubmissionRow, SubmissionState
from api.submissions import reading
from api.submissions.schemas import PersonBrief, RevisionRead
from model.corrections import Correction, CorrectionKind, checked

OVERSEERS = (PersonRole.STAFF, PersonRole.ADMIN)


def list_corrections(session: Session, submission_id: str, *, person: Person) -> CorrectionList:
    submission = _submission(session, submission_id, person=person)
    newest = newest_annotation(session, submission.id)
    rows = () if newest is None else read_revision(session, newest).rows
    return CorrectionList(
        items=_read(session, submission, rows, person=person), revision=_revision(session, submission)
    )


def add(
    session: Session, submission_id: str, body: CorrectionCreate, *, person: Person, options: Worker
) -> CorrectionSaved:
    """Sending it twice is harmless.

    Raises NotFound, NotPermitted, Conflict where there is no transcript or the id is another's, and InputRefused for
    what makes no sense in this transcript.
    """
    submission = _submission(session, submission_id, person=person, for_update=True)
    known = session.get(CorrectionRow, body.id)
    if known is not None:
        if known.submission_id != submission.id or known.by_id != person.id:
            raise Conflict("correction.id", "This correction has a used id.", "Reload the page and correct it again.")
        return _saved(session, submission, known, person=person)
    revision = _to_correct(session, submission)
    asked = Correction(id=body.id, kind=body.kind, targets=tuple(body.targets), value=body.value)
    correction = checked(asked, revision.heard.transcript)
    row = CorrectionRow(
        id=correction.id,
        submission_id=submission.id,
        annotation_id=revision.machine.id,
        seq=_next_seq(session, submission),
        kind=body.kind.value,
        targets=list(correction.targets),
        value=correction.value,
        by_id=person.id,
        client_at=body.at,
    )
    return _append(session, submission, row, options=options, person=person, shown=row)


def take_back(
    session: Session, submission_id: str, correction_id: str, *, person: Person, options: Worker
) -> CorrectionSaved:
    """A new fact; the correction stays on record. Taking it back twice is harmless. Raises as `add`."""
    submission = _submission(session, submission_id, person=person, for_update=True)
    row = session.get(CorrectionRow, correction_id)
    if row is None or row.submission_id != submission.id or row.undoes is not None:
        raise NotFound("correction.none", "There is no such correction.", "Reload the page.")
    if session.scalar(select(CorrectionRow.id).where(CorrectionRow.undoes == row.id)) is not None:
        return _saved(session, submission, row, person=person)
    _to_correct(session, submission)
    back = CorrectionRow(
        id=new_id(),
        submission_id=submission.id,
        annotation_id=row.annotation_id,
        seq=_next_seq(session, submission),
        targets=[],
        undoes=row.id,
        by_id=person.id,
        client_at=now(),
    )
    return _append(session, submission, back, options=options, person=person, shown=row)


def look_again(session: Session, submission_id: str, *, person: Person, options: Worker) -> RevisionRead:
    """After a look that failed; does nothing where evidence is up to date or being looked for."""
    submission = _submission(session, submission_id, person=person, for_update=True)
    newest = newest_annotation(session, submission.id)
    under_way = session.scalar(
        select(RenewalRow.id).where(RenewalRow.submission_id == submission.id, RenewalRow.state.in_(renewals.OPEN))
    )
    if newest is not None and under_way is None and not read_revision(session, newest).looked_at:
        renewals.want(session, submission.id, options=options.model_copy(update={"settle_s": 0.0}))
    return _revision(session, submission)


# ---- who may, and when ---------------------------------------------------------------------------------------------


def _submission(session: Session, submission_id: str, *, person: Person, for_update: bool = False) -> SubmissionRow:
    """Raises NotFound; NotPermitted for those who neither oversee reviews nor have one of it to do."""
    submission = reading.find(session, submission_id, person=person)
    if not person.has(*OVERSEERS) and not _is_reviewing(session, submission, person):
        raise NotPermitted(
            "correction.not_reviewing",
            "Only those who are reviewing this recording correct its transcript.",
            "If your review is handed in and you found a mistake, tell program staff.",
        )
    if for_update:
        # One after the other, so that their numbers are in the order in which they become visible.
        mark_changed(session, submission)
        session.flush()
    return submission


def _is_reviewing(session: Session, submission: SubmissionRow, person: Person) -> bool:
    review = session.scalar(
        select(AssignmentRow.id).where(
            AssignmentRow.submission_id == submission.id,
            AssignmentRow.reviewer_id == person.id,
            AssignmentRow.withdrawn_at.is_(None),
            AssignmentRow.submitted_at.is_(None),
        )
    )
    return review is not None


def _to_correct(session: Session, submission: SubmissionRow) -> Revision:
    newest = newest_annotation(session, submission.id, with_document=True)
    if newest is None or submission.state is not SubmissionState.READY:
        raise Conflict(
            "correction.not_ready",
            f"This recording is {submission.state.value}; there is no transcript to correct.",
            "Come back when it is ready.",
        )
    return read_revision(session, newest)


# ---- rows ----------------------------------------------------------------------------------------------------------


def _next_seq(session: Session, submission: SubmissionRow) -> int:
    newest = session.scalar(select(func.max(CorrectionRow.seq)).where(CorrectionRow.submission_id == submission.id))
    return (newest or 0) + 1


def _append(
    session: Session,
    submission: SubmissionRow,
    row: CorrectionRow,
    *,
    options: Worker,
    person: Person,
    shown: CorrectionRow,
) -> CorrectionSaved:
    session.add(row)
    renewals.want(session, submission.id, options=options)
    session.flush()
    return _saved(session, submission, shown, person=person)


def _revision(session: Session, submission: SubmissionRow) -> RevisionRead:
    session.flush()
    return reading.read_revisions(session, [submission.id])[submission.id]


def _saved(session: Session, submission: SubmissionRow, row: CorrectionRow, *, person: Person) -> CorrectionSaved:
    (correction,) = _read(session, submission, (row,), person=person)
    return CorrectionSaved(correction=correction, revision=_revision(session, submission))


def _read(
    session: Session, submission: SubmissionRow, rows: tuple[CorrectionRow, ...], *, person: Person
) -> list[CorrectionRead]:
    named = person.has(*OVERSEERS) and not _is_reviewing(session, submission, person)
    taken_back = set(
        session.scalars(
            select(CorrectionRow.undoes).where(
                CorrectionRow.submission_id == submission.id, CorrectionRow.undoes.is_not(None)
            )
        )
    )
    found = []
    for row in rows:
        correction = correction_of(row)
        if correction.kind is None:
            continue
        found.append(
            CorrectionRead(
                id=row.id,
                seq=row.seq,
                kind=CorrectionKind(correction.kind),
                targets=list(correction.targets),
                value=correction.value,
                at=row.at,
                mine=row.by_id == person.id,
                by=PersonBrief.model_validate(row.by) if named else None,
                taken_back=row.id in taken_back,
            )
        )
    return found
