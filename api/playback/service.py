"""Finds the objects of a submission, notes who looks, and answers with a file or the way to it."""

from datetime import timedelta

from fastapi.responses import FileResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from api.auth.person import Person
from api.errors import NotFound
from api.playback.names import attachment
from api.storage.base import now
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AccessLogRow, MediaObjectRow, ObjectKind
from api.submissions import reading

SIGNED_FOR = timedelta(hours=6)  # a browser seeks in a long review with the address it was given
ONE_LOOK = timedelta(minutes=10)  # requests closer than this belong to one look
NOTE_EVERY = timedelta(seconds=30)

MISSING = {
    ObjectKind.PROXY: "There is no playable copy of this submission yet.",
    ObjectKind.PEAKS: "This submission has no waveform.",
    ObjectKind.THUMBNAILS: "This submission has no pictures.",
    ObjectKind.THUMBNAILS_INDEX: "This submission has no pictures.",
    ObjectKind.ORIGINAL: "The original of this submission is not here.",
}


def object_of(session: Session, submission_id: str, kind: ObjectKind, *, person: Person) -> MediaObjectRow:
    """Raises NotFound."""
    submission = reading.find(session, submission_id, person=person)
    row = session.scalar(
        select(MediaObjectRow).where(MediaObjectRow.submission_id == submission.id, MediaObjectRow.kind == kind)
    )
    if row is None:
        raise NotFound(
            f"media.no_{kind.value}", MISSING[kind], f"It is {submission.state.value}; look at its steps in the list."
        )
    return row


def last_look(session: Session, submission_id: str, what: str, *, person: Person) -> AccessLogRow | None:
    return session.scalars(
        select(AccessLogRow)
        .where(
            AccessLogRow.submission_id == submission_id,
            AccessLogRow.person_id == person.id,
            AccessLogRow.what == what,
        )
        .order_by(AccessLogRow.last_at.desc())
        .limit(1)
    ).first()


def open_for(database: Database, submission_id: str, kind: ObjectKind, *, person: Person) -> MediaObjectRow:
    """The object, with the look on record. Raises NotFound.

    A player sends many range requests: those of one sitting are one look, and only few of them write anything.
    """
    with database.read() as session:
        row = object_of(session, submission_id, kind, person=person)
        last = last_look(session, submission_id, kind.value, person=person)
    if last is not None and now() - last.last_at <= NOTE_EVERY:
        return row
    with database.write() as session:
        moment = now()
        last = last_look(session, submission_id, kind.value, person=person)
        if last is None or moment - last.last_at > ONE_LOOK:
            session.add(AccessLogRow(person_id=person.id, submission_id=submission_id, what=kind.value))
        else:
            last.last_at = moment
    return row


def answer_with(objects: ObjectStore, row: MediaObjectRow, *, method: str, download_as: str | None = None) -> Response:
    """The file with ranges, HEAD and If-Range; or, from a bucket, a redirect to a signed address that does the same."""
    headers = {"cache-control": "private, no-cache"}
    if download_as is not None:
        headers["content-disposition"] = attachment(download_as)
    path = objects.path(row.key)
    if path is None:
        return RedirectResponse(
            objects.signed_url(row.key, method=method, expires=SIGNED_FOR), status_code=307, headers=headers
        )
    if not path.is_file():
        raise NotFound(
            "media.gone", "The file of this submission is no longer on disk.", "Tell whoever runs this service."
        )
    return FileResponse(path, media_type=row.content_type, headers=headers)
