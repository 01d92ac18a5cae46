"""From rows to what a caller reads, and which rows a person may see at all."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from api.auth.person import Person
from api.auth.roles import PersonRole
from api.errors import NotFound
from api.processing.stages import STAGES
from api.storage.desk_tables import AssignmentRow, CorrectionRow, RenewalRow
from api.storage.tables import (
    AnnotationRow,
    EvidenceRow,
    RunRow,
    RunState,
    StepRow,
    StepState,
    SubmissionRow,
)
from api.submissions.schemas import (
    EvidenceCounts,
    FailureRead,
    PersonBrief,
    RevisionRead,
    StepRead,
    SubmissionRead,
    WarningRead,
)
from model.indicators import Indicator

SEES_ALL = (PersonRole.STAFF, PersonRole.RESEARCHER, PersonRole.ADMIN)
SEES_FINDINGS = (PersonRole.STAFF, PersonRole.ADMIN)


def sees(person: Person, *, owner_id: str, reviewer_ids: Iterable[str]) -> bool:
    return person.has(*SEES_ALL) or person.id == owner_id or person.id in reviewer_ids


def visible_to(person: Person) -> ColumnElement[bool]:
    """The part of every query that says which submissions a person may see: their own and those they review, or all."""
    if person.has(*SEES_ALL):
        return true()
    assigned = select(AssignmentRow.submission_id).where(
        AssignmentRow.reviewer_id == person.id, AssignmentRow.withdrawn_at.is_(None)
    )
    return or_(SubmissionRow.uploaded_by_id == person.id, SubmissionRow.id.in_(assigned))


def as_seen_by(person: Person, submission: SubmissionRead) -> SubmissionRead:
    """How much the machine found is itself a suggestion: only those who oversee reviews are told."""
    if person.has(*SEES_FINDINGS):
        return submission
    return submission.model_copy(update={"evidence_counts": None})


def find(session: Session, submission_id: str, *, person: Person) -> SubmissionRow:
    """Raises NotFound for what does not exist or is not for this person: the two look alike on purpose."""
    row = session.scalar(select(SubmissionRow).where(SubmissionRow.id == submission_id, visible_to(person)))
    if row is None:
        raise NotFound("submission.none", "There is no such submission.", "Go back to the list and choose another.")
    return row


def with_everything_shown(statement: Select[SubmissionRow]) -> Select[SubmissionRow]:
    """Loads what `read` needs in a fixed number of queries, however many submissions there are."""
    return statement.options(
        selectinload(SubmissionRow.uploaded_by),
        selectinload(SubmissionRow.runs).selectinload(RunRow.steps).selectinload(StepRow.attempts),
    )


def latest_annotations(submission_ids: Iterable[str]) -> Select[str]:
    """Ids of the newest annotation of each submission."""
    newest = (
        select(AnnotationRow.submission_id, func.max(AnnotationRow.version).label("version"))
        .where(AnnotationRow.submission_id.in_(list(submission_ids)))
        .group_by(AnnotationRow.submission_id)
        .subquery()
    )
    return select(AnnotationRow.id).join(
        newest,
        (AnnotationRow.submission_id == newest.c.submission_id) & (AnnotationRow.version == newest.c.version),
    )


def _evidence_counts(session: Session, submission_ids: Sequence[str]) -> dict[str, EvidenceCounts]:
    """Per submission that has an annotation; zero where the machine looked and found nothing."""
    counts = dict.fromkeys(Indicator, 0)
    found: dict[str, dict[Indicator, int]] = {}
    rows = session.execute(
        select(AnnotationRow.submission_id, EvidenceRow.indicator, func.count(EvidenceRow.id))
        .join(EvidenceRow, EvidenceRow.annotation_id == AnnotationRow.id, isouter=True)
        .where(AnnotationRow.id.in_(latest_annotations(submission_ids)))
        .group_by(AnnotationRow.submission_id, EvidenceRow.indicator)
    )
    for submission_id, indicator, n in rows:
        of_submission = found.setdefault(submission_id, dict(counts))
        if indicator is not None:
            of_submission[Indicator(indicator)] = n
    return {
        submission_id: EvidenceCounts(**{indicator.value: n for indicator, n in of_submission.items()})
        for submission_id, of_submission in found.items()
    }


def _steps(run: RunRow | None) -> list[StepRead]:
    rows = {step.name: step for step in run.steps} if run is not None else {}
    return [
        StepRead(
            name=stage.name,
            label=stage.label,
            state=row.state,
            progress=1.0 if row.state is StepState.DONE else row.progress,
            attempts=len(row.attempts),
            started_at=row.started_at,
            ended_at=row.ended_at,
            message=row.message,
        )
        for stage in STAGES
        if (row := rows.get(stage.name)) is not None
    ]


EVIDENCE_STATES: dict[RunState, Literal["up_to_date", "looking", "failed"]] = {
    RunState.DONE: "up_to_date",
    RunState.FAILED: "failed",
}


def read_revisions(session: Session, submission_ids: Sequence[str]) -> dict[str, RevisionRead]:
    """For each submission how many corrections there are, and whether evidence was looked for since."""

    def newest(column: InstrumentedAttribute[Any], of: InstrumentedAttribute[str]) -> dict[str, Any]:
        found = select(of, func.max(column)).where(of.in_(submission_ids)).group_by(of)
        return dict(session.execute(found).all())

    versions = newest(AnnotationRow.version, AnnotationRow.submission_id)
    corrections = newest(CorrectionRow.seq, CorrectionRow.submission_id)
    last = newest(RenewalRow.id, RenewalRow.submission_id)
    states = dict(
        session.execute(
            select(RenewalRow.submission_id, RenewalRow.state).where(RenewalRow.id.in_(last.values()))
        ).all()
    )
    return {
        id_: RevisionRead(
            corrections=corrections.get(id_, 0),
            annotation=versions.get(id_, 0),
            evidence=EVIDENCE_STATES.get(states.get(id_, RunState.DONE), "looking"),
        )
        for id_ in submission_ids
    }


def read_many(session: Session, rows: Sequence[SubmissionRow]) -> list[SubmissionRead]:
    ids = [row.id for row in rows]
    counts, revisions = _evidence_counts(session, ids), read_revisions(session, ids)
    return [
        SubmissionRead(
            id=row.id,
            title=row.title,
            filename=row.filename,
            size=row.size,
            sha256=row.sha256,
            created_at=row.created_at,
            uploaded_by=PersonBrief.model_validate(row.uploaded_by),
            state=row.state,
            duration=row.duration,
            is_sample=row.is_sample,
            steps=_steps(row.runs[-1] if row.runs else None),
            failure=FailureRead.model_validate(row.failure) if row.failure is not None else None,
            warnings=[WarningRead.model_validate(warning) for warning in row.warnings],
            evidence_counts=counts.get(row.id),
            has_picture=row.has_picture,
            has_sound=row.has_sound,
            coverage=row.coverage,
            revision=revisions[row.id],
        )
        for row in rows
    ]


def read_one(session: Session, submission_id: str, *, person: Person) -> SubmissionRead:
    session.flush()
    row = session.scalars(
        with_everything_shown(select(SubmissionRow).where(SubmissionRow.id == submission_id)).execution_options(
            populate_existing=True
        )
    ).one()
    return as_seen_by(person, read_many(session, [row])[0])


def title_of(filename: str) -> str:
    return PurePath(filename).stem.strip()[:300] or filename[:300] or "Video"
