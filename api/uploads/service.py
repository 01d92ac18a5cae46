"""tus 1.0.0: core, creation, termination, expiration."""

import base64
import binascii
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from anyio import to_thread
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from starlette.requests import ClientDisconnect

from api.auth.person import Person
from api.errors import Conflict, Gone, NotFound, TooLarge
from api.settings import Limits
from api.storage.base import now
from api.storage.session import Database
from api.storage.tables import UploadRow
from api.uploads.files import PartFiles
from model.errors import InputRefused

WRITE_BYTES = 1024 * 1024  # gathered before each write, to spare threads
START_AGAIN = "Start the upload again from the file."


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    id: str
    person_id: str
    filename: str
    content_type: str
    length: int  # bytes
    expires_at: datetime
    completed: bool


def _upload(row: UploadRow) -> Upload:
    return Upload(
        id=row.id,
        person_id=row.person_id,
        filename=row.filename,
        content_type=row.content_type,
        length=row.length,
        expires_at=row.expires_at,
        completed=row.completed_at is not None,
    )


def parse_metadata(header: str | None) -> dict[str, str]:
    """`Upload-Metadata`: comma-separated `key base64(value)`. Raises InputRefused."""
    found: dict[str, str] = {}
    for pair in (header or "").split(","):
        key, _, encoded = pair.strip().partition(" ")
        if not key:
            continue
        try:
            found[key] = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise InputRefused(
                "upload.metadata", f"The upload's “{key}” cannot be read.", "Send it as base64 of UTF-8 text."
            ) from None
    return found


def clean_filename(name: str) -> str:
    """The last part of the name, without control characters; it is shown and offered, never used as a path."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(character for character in last if character.isprintable()).strip()
    return kept[:255] or "video"


def refuse_over_limit(length: int, limits: Limits) -> None:
    if length > limits.upload_bytes:
        raise TooLarge(
            "upload.too_large",
            f"The file has {length / 1e9:.2f} GB; this service accepts up to {limits.upload_bytes / 1e9:.2f} GB.",
            "Export the video at a lower resolution, or ask whoever runs this service to raise the limit.",
        )


def create(
    session: Session, parts: PartFiles, *, person: Person, length: int, metadata: dict[str, str], limits: Limits
) -> Upload:
    refuse_over_limit(length, limits)
    parts.require_room(length)
    row = UploadRow(
        person_id=person.id,
        filename=clean_filename(metadata.get("filename", "video")),
        content_type=metadata.get("filetype", "application/octet-stream")[:200],
        length=length,
        expires_at=now() + limits.upload_expiry,
    )
    session.add(row)
    session.flush()
    parts.create(row.id)
    if length == 0:  # nothing will follow; an empty file is refused, with its reason, when it is examined
        parts.finish(row.id)
        row.completed_at = now()
    return _upload(row)


def find(session: Session, upload_id: str, *, person: Person) -> Upload:
    """Raises NotFound for what does not exist or is another's, Gone for what has expired."""
    row = session.scalar(select(UploadRow).where(UploadRow.id == upload_id, UploadRow.person_id == person.id))
    if row is None:
        raise NotFound("upload.none", "There is no such upload.", START_AGAIN)
    if row.expires_at <= now():
        raise Gone("upload.expired", "This upload was left unfinished for too long.", START_AGAIN)
    return _upload(row)


def offset_of(parts: PartFiles, upload: Upload) -> int:
    offset = parts.offset(upload.id)
    if offset is None:
        raise Gone("upload.used", "This upload is no longer here: it was handed in or removed.", START_AGAIN)
    return offset


async def append(
    database: Database,
    parts: PartFiles,
    upload: Upload,
    *,
    offset: int,
    n_bytes: int | None,
    body: AsyncIterator[bytes],
) -> int:
    """Adds bytes at `offset` and answers the new offset. A lost connection keeps what arrived.

    Raises Locked, Conflict when the offset is another one, TooLarge and StorageFull before anything is written.
    """
    with parts.lock(upload.id):
        have = offset_of(parts, upload)
        if offset != have:
            raise Conflict(
                "upload.offset",
                f"The upload stands at byte {have}, not {offset}.",
                "Ask how far it is and go on from there.",
                headers={"Upload-Offset": str(have)},
            )
        if have + (n_bytes or 0) > upload.length:
            raise TooLarge("upload.past_end", f"More than the announced {upload.length} bytes were sent.", START_AGAIN)
        if have < upload.length:
            parts.require_room(n_bytes if n_bytes is not None else upload.length - have)
            have = await _write(parts, upload, have, body)
        if have == upload.length and not upload.completed:
            await to_thread.run_sync(_complete, database, parts, upload)
    return have


async def _write(parts: PartFiles, upload: Upload, have: int, body: AsyncIterator[bytes]) -> int:
    appending = await to_thread.run_sync(parts.append, upload.id)
    pending = bytearray()

    async def put_down() -> None:
        nonlocal have
        await to_thread.run_sync(appending.write, bytes(pending))
        have += len(pending)
        pending.clear()

    try:
        try:
            async for chunk in body:
                if have + len(pending) + len(chunk) > upload.length:
                    raise TooLarge(
                        "upload.past_end", f"More than the announced {upload.length} bytes were sent.", START_AGAIN
                    )
                pending += chunk
                if len(pending) >= WRITE_BYTES:
                    await put_down()
        except ClientDisconnect:
            pass  # nobody is left to answer; what arrived counts
        await put_down()
    finally:
        await to_thread.run_sync(appending.close)
    return have


def _complete(database: Database, parts: PartFiles, upload: Upload) -> None:
    if not parts.complete(upload.id).exists():
        parts.finish(upload.id)
    with database.write() as session:
        session.execute(update(UploadRow).where(UploadRow.id == upload.id).values(completed_at=now()))


def require_whole(database: Database, parts: PartFiles, upload: Upload) -> None:
    """Raises Conflict while bytes are missing. All bytes may be there without their last request having ended."""
    offset = parts.offset(upload.id)
    if offset is not None and offset < upload.length:
        raise Conflict(
            "upload.unfinished",
            f"Only {offset} of {upload.length} bytes have arrived.",
            "Let the upload finish first.",
        )
    if not upload.completed and offset is not None:
        with parts.lock(upload.id):
            _complete(database, parts, upload)


def terminate(session: Session, parts: PartFiles, upload: Upload) -> None:
    with parts.lock(upload.id):
        session.delete(session.get_one(UploadRow, upload.id))
        session.flush()
        parts.remove(upload.id)
