"""What can be done to a submission: hand in, list, rename, retry, cancel, delete."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, case, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import Paging, Services
from api.errors import Conflict, Gone, NotPermitted
from api.processing import ledger
from api.processing.stages import STAGES, WORKFLOW
from api.storage.base import new_id
from api.storage.changes import mark_changed, next_change
from api.storage.tables import (
    MediaObjectRow,
    ObjectKind,
    RunRow,
    StepRow,
    StepState,
    SubmissionRow,
    SubmissionState,
    UploadRow,
)
from api.submissions import reading
from api.submissions.schemas import SubmissionCreate, SubmissionRead, SubmissionSort
from api.uploads import service as uploads

LIVE = (SubmissionState.RECEIVED, SubmissionState.PROCESSING)


def original_key(upload_id: str) -> str:
    """Known from the upload alone, so that a hand-in cut off half-way can be asked for again."""
    return f"originals/{upload_id}"


def add_run(
    session: Session, submission: SubmissionRow, *, after: RunRow | None = None, keep_finished: bool = True
) -> RunRow:
    """A new wish to prepare this submission; what `after` finished counts as finished."""
    earlier = after.steps if after is not None and keep_finished else []
    finished = {step.name: step for step in earlier if step.state is StepState.DONE}
    run = RunRow(id=new_id(), submission_id=submission.id, number=after.number + 1 if after else 1, workflow=WORKFLOW)
    for position, stage in enumerate(STAGES):
        step = StepRow(run_id=run.id, position=position, name=stage.name)
        if (done := finished.get(stage.name)) is not None:
            step.state, step.progress, step.files = StepState.DONE, 1.0, list(done.files)
            step.started_at, step.ended_at, step.message = done.started_at, done.ended_at, done.message
        run.steps.append(step)
    session.add(run)
    submission.state = SubmissionState.RECEIVED
    submission.failure = None
    mark_changed(session, submission)
    return run


def add_submission(
    session: Session,
    *,
    owner_id: str,
    title: str,
    filename: str,
    content_type: str,
    size: int,
    key: str,
    upload_id: str | None = None,
    is_sample: bool = False,
) -> SubmissionRow:
    """The submission, its original and its first run, in the caller's transaction."""
    row = SubmissionRow(
        id=new_id(),
        upload_id=upload_id,
        uploaded_by_id=owner_id,
        title=title,
        filename=filename,
        size=size,
        is_sample=is_sample,
        change=next_change(session),
    )
    row.objects.append(MediaObjectRow(kind=ObjectKind.ORIGINAL, key=key, size=size, content_type=content_type))
    session.add(row)
    session.flush()
    add_run(session, row)
    return row


def hand_in(services: Services, body: SubmissionCreate, *, person: Person) -> SubmissionRead:
    """Turns a finished upload into a submission. Asked twice for one upload, it answers with the same submission.

    The file is moved before the row is written, outside the transaction: to a bucket that can take minutes.
    """
    with services.database.read() as session:
        known = _of_upload(session, body.upload_id, person)
        if known is not None:
            return reading.read_one(session, known.id, person=person)
        upload = uploads.find(session, body.upload_id, person=person)
    uploads.require_whole(services.database, services.parts, upload)
    key = original_key(upload.id)
    _move_in(services, upload.id, key)
    try:
        with services.database.write() as session:
            row = _of_upload(session, upload.id, person) or add_submission(
                session,
                owner_id=person.id,
                title=body.title or reading.title_of(upload.filename),
                filename=upload.filename,
                content_type=upload.content_type,
                size=upload.length,
                key=key,
                upload_id=upload.id,
            )
            if (finished := session.get(UploadRow, upload.id)) is not None:
                session.delete(finished)
            answer = reading.read_one(session, row.id, person=person)
    except IntegrityError:  # the same hand-in, asked for at the same moment in another process
        with services.database.read() as session:
            known = _of_upload(session, upload.id, person)
            if known is None:
                raise
            return reading.read_one(session, known.id, person=person)
    services.parts.remove(upload.id)
    return answer


def _of_upload(session: Session, upload_id: str, person: Person) -> SubmissionRow | None:
    return session.scalar(
        select(SubmissionRow).where(SubmissionRow.upload_id == upload_id, SubmissionRow.uploaded_by_id == person.id)
    )


def _move_in(services: Services, upload_id: str, key: str) -> None:
    try:
        services.objects.adopt(key, services.parts.complete(upload_id))
    except FileNotFoundError:
        if not services.objects.exists(key):  # moved by an earlier request that was cut off
            raise Gone(
                "upload.used", "This upload is no longer here.", "Start the upload again from the file."
            ) from None


class Listing(NamedTuple):
    items: list[SubmissionRead]
    total: int


def _matching(person: Person, *, q: str | None, state: SubmissionState | None) -> list[ColumnElement[bool]]:
    wanted = [reading.visible_to(person)]
    if q:
        needle = q.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        wanted.append(
            or_(
                func.lower(SubmissionRow.title).like(f"%{needle}%", escape="\\"),
                func.lower(SubmissionRow.filename).like(f"%{needle}%", escape="\\"),
            )
        )
    if state is not None:
        wanted.append(SubmissionRow.state == state)
    return wanted


def _ordered(statement: Select[SubmissionRow], sort: SubmissionSort) -> Select[SubmissionRow]:
    """Newest first among equals; a duration nobody knows yet comes last either way."""
    columns: dict[str, SQLColumnExpression[Any]] = {
        "created_at": SubmissionRow.id,  # ids grow with time and never tie
        "title": func.lower(SubmissionRow.title),
        "duration": SubmissionRow.duration,
        "state": case({state: place for place, state in enumerate(SubmissionState)}, value=SubmissionRow.state),
    }
    column = columns[sort.removeprefix("-")]
    return statement.order_by(
        column.is_(None), column.desc() if sort.startswith("-") else column.asc(), SubmissionRow.id.desc()
    )


def list_visible(
    session: Session,
    *,
    person: Person,
    q: str | None,
    state: SubmissionState | None,
    sort: SubmissionSort,
    paging: Paging,
) -> Listing:
    wanted = _matching(person, q=q, state=state)
    total = session.scalar(select(func.count()).select_from(SubmissionRow).where(*wanted)) or 0
    statement = reading.with_everything_shown(_ordered(select(SubmissionRow).where(*wanted), sort))
    rows = session.scalars(statement.limit(paging.page_size).offset(paging.offset)).all()
    return Listing([reading.as_seen_by(person, read) for read in reading.read_many(session, rows)], total)


def of_this_person(session: Session, submission_id: str, person: Person) -> SubmissionRow:
    """A submission this person may change: their own, or any for staff. Raises NotFound, NotPermitted."""
    row = reading.find(session, submission_id, person=person)
    if row.uploaded_by_id != person.id and not person.has(PersonRole.STAFF, PersonRole.ADMIN):
        raise NotPermitted(
            "submission.not_yours", "This submission is another person's.", "Ask staff to change or remove it."
        )
    return row


def rename(session: Session, submission_id: str, title: str, *, person: Person) -> SubmissionRead:
    row = of_this_person(session, submission_id, person)
    row.title = title
    mark_changed(session, row)
    return reading.read_one(session, row.id, person=person)


def retry(session: Session, submission_id: str, *, person: Person) -> SubmissionRead:
    """Starts again after what was finished. Raises Conflict where a retry cannot help."""
    row = of_this_person(session, submission_id, person)
    last = session.scalars(
        select(RunRow).where(RunRow.submission_id == row.id).order_by(RunRow.number.desc()).with_for_update()
    ).first()
    retryable = row.state is SubmissionState.CANCELLED or (
        row.state is SubmissionState.FAILED and row.failure is not None and bool(row.failure["retryable"])
    )
    if not retryable or last is None:
        raise Conflict(
            "submission.not_retryable",
            f"This submission is {row.state.value} and cannot be tried again as it is.",
            "Read its message; if the file itself cannot be used, upload another one.",
        )
    add_run(session, row, after=last, keep_finished=not _failed_oddly(row))
    return reading.read_one(session, row.id, person=person)


def _failed_oddly(row: SubmissionRow) -> bool:
    """A step that kept failing may have stumbled over what an earlier one left: then everything is made anew."""
    return row.failure is not None and row.failure["code"] == "processing.failed"


def cancel(session: Session, submission_id: str, *, person: Person) -> SubmissionRead:
    """Stops the preparation; a worker in the middle of a step notices within a second. Raises Conflict."""
    row = of_this_person(session, submission_id, person)
    if row.state not in LIVE:
        raise Conflict(
            "submission.not_running", f"This submission is {row.state.value}; nothing is running.", "Reload the list."
        )
    for run in session.scalars(
        select(RunRow).where(RunRow.submission_id == row.id, RunRow.state.in_(ledger.OPEN_RUNS)).with_for_update()
    ):
        ledger.cancel_run(session, run)
    return reading.read_one(session, row.id, person=person)
