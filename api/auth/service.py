"""Sign-in links and server-side sessions. Only hashes of secrets are kept."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api import settings
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.errors import NotSignedIn
from api.storage.base import now
from api.storage.session import Database
from api.storage.tables import PersonRow, SessionRow, SignInLinkRow

COOKIE = "lookfors_session"
TOUCH_EVERY = timedelta(minutes=5)  # a session's last use is written this often at most


def hash_of(token: str) -> str:
    """SHA-256; tokens carry 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


def person_of_row(row: PersonRow, session_id: str) -> Person:
    return Person(
        id=row.id, name=row.name, roles=frozenset(PersonRole(role) for role in row.roles), session_id=session_id
    )


@dataclass(frozen=True, slots=True)
class SignedInNow:
    person: Person
    token: str


def create_link(session: Session, person: PersonRow, *, expiry: timedelta) -> str:
    """The secret of a new one-time link; it is shown once and cannot be read back."""
    token = secrets.token_urlsafe(32)
    session.add(SignInLinkRow(person_id=person.id, token_hash=hash_of(token), expires_at=now() + expiry))
    session.flush()
    return token


def redeem(session: Session, token: str, *, options: settings.Sessions) -> SignedInNow:
    """Turns a link's secret into a session, once. Raises NotSignedIn, saying why."""
    ask = "Ask whoever runs this service for a new link (`lookfors people link NAME`)."
    link = session.scalar(select(SignInLinkRow).where(SignInLinkRow.token_hash == hash_of(token)))
    if link is None:
        raise NotSignedIn("link.unknown", "This sign-in link is not known here.", ask)
    if link.expires_at <= now():
        raise NotSignedIn("link.expired", "This sign-in link has expired.", ask)
    taken = session.execute(
        update(SignInLinkRow)
        .where(SignInLinkRow.id == link.id, SignInLinkRow.used_at.is_(None))
        .values(used_at=now())
        .returning(SignInLinkRow.id)
    ).one_or_none()
    if taken is None:
        raise NotSignedIn("link.used", "This sign-in link has been used already.", ask)
    person = session.get_one(PersonRow, link.person_id)
    if person.disabled_at is not None:
        raise NotSignedIn("person.disabled", "This account is closed.", "Ask whoever runs this service.")
    session_token = secrets.token_urlsafe(32)
    row = SessionRow(person_id=person.id, token_hash=hash_of(session_token), expires_at=now() + options.absolute)
    session.add(row)
    session.flush()
    return SignedInNow(person_of_row(person, row.id), session_token)


def sign_out(session: Session, session_id: str) -> None:
    session.execute(delete(SessionRow).where(SessionRow.id == session_id))


def sweep(session: Session, *, options: settings.Sessions) -> None:
    """Removes sessions and links that are over."""
    session.execute(
        delete(SessionRow).where((SessionRow.expires_at <= now()) | (SessionRow.seen_at <= now() - options.idle))
    )
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.expires_at <= now() - timedelta(days=30)))


class Sessions:
    """Finds who a request comes from."""

    def __init__(self, database: Database, options: settings.Sessions) -> None:
        self._database = database
        self._options = options

    def person_of(self, cookies: Mapping[str, str]) -> Person | None:
        token = cookies.get(COOKIE)
        if not token:
            return None
        with self._database.read() as session:
            row = session.scalar(select(SessionRow).where(SessionRow.token_hash == hash_of(token)))
        moment = now()
        if row is None or row.expires_at <= moment or row.seen_at <= moment - self._options.idle:
            return None
        if row.person.disabled_at is not None:
            return None
        if row.seen_at <= moment - TOUCH_EVERY:
            with self._database.write() as session:
                session.execute(update(SessionRow).where(SessionRow.id == row.id).values(seen_at=moment))
        return person_of_row(row.person, row.id)
