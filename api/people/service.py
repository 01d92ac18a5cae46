"""Who has an account. Until there is a page for it, people are added on the command line."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.auth.roles import PersonRole
from api.storage.base import now
from api.storage.tables import PersonRow, SessionRow
from model.errors import InputRefused


def find(session: Session, name: str) -> PersonRow:
    """Raises InputRefused."""
    row = session.scalar(select(PersonRow).where(PersonRow.name == name))
    if row is None:
        raise InputRefused("person.none", f"Nobody here is called {name}.", "See `lookfors people list`.")
    return row


def add(session: Session, name: str, roles: frozenset[PersonRole]) -> PersonRow:
    """Raises InputRefused for an empty or taken name."""
    name = " ".join(name.split())
    if not name:
        raise InputRefused("person.name", "The name is empty.", "Give a name.")
    if session.scalar(select(func.count()).select_from(PersonRow).where(PersonRow.name == name)):
        raise InputRefused(
            "person.taken",
            f"There is somebody called {name} already.",
            f"Choose another name, or make a new link with `lookfors people link '{name}'`.",
        )
    row = PersonRow(name=name, roles=sorted(roles))
    session.add(row)
    session.flush()
    return row


def close(session: Session, row: PersonRow) -> None:
    """Signs the person out everywhere and refuses new sign-ins; what they did stays."""
    row.disabled_at = now()
    for open_session in session.scalars(select(SessionRow).where(SessionRow.person_id == row.id)):
        session.delete(open_session)


def anybody(session: Session) -> bool:
    return bool(session.scalar(select(func.count()).select_from(PersonRow)))
