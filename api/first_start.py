"""What a service does when nobody has used it yet: an administrator, and the sample to look at."""

import shutil
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.auth.roles import PersonRole
from api.auth.service import create_link
from api.people import service as people
from api.settings import Settings
from api.storage.base import new_id
from api.storage.objects import ObjectStore, open_objects
from api.storage.session import Database
from api.storage.tables import PersonRow, SessionRow
from api.submissions.service import add_submission, original_key

FIRST_NAME = "Admin"
FIRST_ROLES = frozenset({PersonRole.ADMIN, PersonRole.STAFF, PersonRole.REVIEWER})
SAMPLE_TITLE = "Sample: a made scene to try things on"


def prepare(settings: Settings, database: Database, *, link: bool | None) -> str | None:
    """Sets a new service up. Answers the secret of a sign-in link for the administrator where one is due: when
    `link` asks for it, or, left open, while nobody has ever signed in."""
    with database.write() as session:
        if not people.anybody(session):
            person = people.add(session, FIRST_NAME, FIRST_ROLES)
            _add_sample(session, settings, open_objects(settings), person)
        administrator = _administrator(session)
        used = bool(session.scalar(select(func.count()).select_from(SessionRow)))
        due = not used if link is None else link
        if not due or administrator is None:
            return None
        return create_link(session, administrator, expiry=settings.sessions.link_expiry)


def _administrator(session: Session) -> PersonRow | None:
    rows = session.scalars(select(PersonRow).where(PersonRow.disabled_at.is_(None)).order_by(PersonRow.id))
    return next((row for row in rows if PersonRole.ADMIN in row.roles), None)


def _add_sample(session: Session, settings: Settings, objects: ObjectStore, person: PersonRow) -> None:
    video = next(iter(sorted(settings.sample.glob("*.mp4"))), None)
    if video is None:
        return
    key = original_key(new_id())
    _copy_in(video, key, settings, objects)
    add_submission(
        session,
        owner_id=person.id,
        title=SAMPLE_TITLE,
        filename=video.name,
        content_type="video/mp4",
        size=video.stat().st_size,
        key=key,
        is_sample=True,
    )


def _copy_in(video: Path, key: str, settings: Settings, objects: ObjectStore) -> None:
    copy = settings.data / "uploads" / f"{Path(key).name}.sample"
    copy.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(video, copy)
    objects.adopt(key, copy)
