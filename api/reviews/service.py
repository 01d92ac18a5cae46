"""What a reviewer does with their own reviews. Nobody but its reviewer ever reads or writes one here."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.person import Person
from api.catalogue.schemas import RubricRead
from api.errors import Conflict, NotFound
from api.findings.service import evidence_read
from api.reviews import log
from api.reviews.schemas import (
    ActsCreate,
    ActsSaved,
    AfterCorrection,
    AuditWindowRead,
    EvidenceCard,
    EvidenceCards,
    MissingRead,
    ReviewBrief,
    ReviewRead,
    ReviewState,
)
from api.reviews.track import track_record
from api.storage.base import now
from api.storage.changes import mark_review_changed
from api.storage.desk_tables import AssignmentRow, AuditWindowRow
from api.storage.tables import AnnotationRow, EvidenceRow, SubmissionState
from model.drawing import draw_audit_windows
from model.indicators import Indicator
from model.review import Protocol, missing, touched, visible


def state_of(row: AssignmentRow) -> ReviewState:
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.submitted_at is not None:
        return "submitted"
    return "assigned" if row.opened_at is None else "open"


def find(session: Session, review_id: str, *, person: Person, for_update: bool = False) -> AssignmentRow:
    """Raises NotFound for what does not exist, is somebody else's, or was withdrawn."""
    statement = select(AssignmentRow).where(
        AssignmentRow.id == review_id,
        AssignmentRow.reviewer_id == person.id,
        AssignmentRow.withdrawn_at.is_(None),
    )
    row = session.scalar(statement.with_for_update() if for_update else statement)
    if row is None:
        raise NotFound("review.none", "There is no such review for you.", "Go back to your reviews and choose another.")
    return row


def list_mine(session: Session, *, person: Person) -> list[ReviewBrief]:
    """Open ones first, the soonest due on top; then those handed in, the newest on top."""
    rows = session.scalars(
        select(AssignmentRow).where(AssignmentRow.reviewer_id == person.id, AssignmentRow.withdrawn_at.is_(None))
    ).all()
    waiting = sorted((r for r in rows if r.submitted_at is None), key=lambda r: (r.due_at, r.id))
    done = sorted((r for r in rows if r.submitted_at is not None), key=lambda r: r.id, reverse=True)
    return [read_brief(row) for row in [*waiting, *done]]


def read_brief(row: AssignmentRow) -> ReviewBrief:
    document = row.rubric.document
    return ReviewBrief(
        id=row.id,
        submission_id=row.submission_id,
        title=row.submission.title,
        duration=row.submission.duration,
        ready=row.submission.state is SubmissionState.READY,
        rubric_title=document["title"],
        state=state_of(row),
        created_at=row.created_at,
        due_at=row.due_at,
        scored=row.scored,
        criteria=len(document["criteria"]),
    )


def open_review(session: Session, review_id: str, *, person: Person) -> ReviewRead:
    """Fixes the machine run the review is done on and draws its audit windows; opening again changes nothing."""
    row = find(session, review_id, person=person, for_update=True)
    if row.opened_at is None:
        annotation = session.scalar(
            select(AnnotationRow)
            .where(AnnotationRow.submission_id == row.submission_id)
            .order_by(AnnotationRow.version.desc())
            .limit(1)
        )
        if annotation is None:
            raise Conflict(
                "review.not_ready",
                f"The recording is {row.submission.state.value}; there is nothing to review yet.",
                "Come back when it is ready.",
            )
        row.opened_on_id = row.annotation_id = annotation.id
        row.opened_at = now()
        if Protocol(row.protocol) is not Protocol.UNASSISTED:
            row.windows.extend(_windows(session, row))
        session.flush()
    return read(session, row)


def _windows(session: Session, row: AssignmentRow) -> list[AuditWindowRow]:
    pieces = log.evidence_given(session, row).values()
    flagged = [(e.start, e.end) for e in pieces if e.start is not None and e.end is not None]
    drawn = draw_audit_windows(
        flagged,
        duration_s=row.submission.duration or 0.0,
        n=row.program.audit_windows,
        seed=f"{row.program.seed}/{row.id}",
    )
    return [AuditWindowRow(start=window.start, end=window.end, p=window.p) for window in drawn]


def read(session: Session, row: AssignmentRow) -> ReviewRead:
    review = log.replay(session, row)
    opened = row.opened_at is not None
    # Where nothing is flagged is itself a suggestion: windows are shown once all suggestions are.
    shown = review.state.revealed == frozenset(Indicator)
    return ReviewRead(
        **read_brief(row).model_dump(),
        rubric=RubricRead.model_validate(review.rubric),
        protocol=Protocol(row.protocol) if opened else None,
        opened_at=row.opened_at,
        submitted_at=row.submitted_at,
        seq=row.last_seq,
        current={subject: log.read_act(act) for subject, act in review.state.current.items()},
        watched=[list(stretch) for stretch in review.state.watched],
        revealed=sorted(review.state.revealed),
        missing=_missing(review),
        audit_windows=[AuditWindowRead.model_validate(window) for window in row.windows] if shown else [],
        has_picture=row.submission.has_picture,
        has_sound=row.submission.has_sound,
    )


def _missing(review: log.OpenReview) -> list[MissingRead]:
    return [MissingRead.model_validate(gap) for gap in missing(review.state, review.rules)]


def read_evidence(session: Session, review_id: str, *, person: Person) -> EvidenceCards:
    """What this reviewer may see now; decided by `model.review.visible` alone."""
    row = find(session, review_id, person=person)
    review = log.replay(session, row)
    track = track_record(session)
    at_first = log.found_at_first(session, row)
    kept = touched(review.state)
    items = [
        EvidenceCard(
            **evidence_read(piece).model_dump(),
            track=track.of(piece.code, piece.p),
            after_correction=_after_correction(piece, row, at_first),
        )
        for piece in review.evidence.values()
        if visible(piece.id, review.state, review.rules)
        and (piece.annotation_id == row.annotation_id or piece.id in kept)
    ]
    return EvidenceCards(items=items, hidden=sorted(frozenset(Indicator) - review.state.revealed))


def _after_correction(piece: EvidenceRow, row: AssignmentRow, at_first: frozenset[str]) -> AfterCorrection | None:
    if piece.annotation_id != row.annotation_id:
        return "gone"
    return None if piece.id in at_first else "new"


def save_acts(session: Session, review_id: str, body: ActsCreate, *, person: Person) -> ActsSaved:
    """The batch in its order; one that is refused or conflicts does not stop the next."""
    row = find(session, review_id, person=person, for_update=True)
    if row.opened_at is None:
        raise Conflict("review.closed", "This review has not been opened.", "Open it first.")
    review = log.replay(session, row)
    results = [log.append(session, review, act) for act in body.acts]
    if any(result.status == "saved" for result in results):
        mark_review_changed(session, row)
    session.flush()
    return ActsSaved(
        seq=row.last_seq,
        saved_at=now(),
        results=results,
        revealed=sorted(review.state.revealed),
        missing=_missing(review),
        state=state_of(row),
    )
