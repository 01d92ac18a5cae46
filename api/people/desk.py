"""The people commands: each opens the database, does one thing and answers with what to print."""

from collections.abc import Iterator

from sqlalchemy import select

from api.auth.roles import PersonRole
from api.auth.service import create_link
from api.people import service
from api.settings import Settings
from api.storage.session import Database
from api.storage.tables import PersonRow
from api.storage.upgrade import upgrade

LINK_PATH = "/sign-in?token="


class Desk:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        upgrade(settings.database)
        self._database = Database(settings.database, process="command")

    def close(self) -> None:
        self._database.close()

    def add(self, name: str, roles: frozenset[PersonRole]) -> str:
        with self._database.write() as session:
            row = service.add(session, name, roles)
            return self._link(create_link(session, row, expiry=self._settings.sessions.link_expiry))

    def link(self, name: str) -> str:
        with self._database.write() as session:
            row = service.find(session, name)
            return self._link(create_link(session, row, expiry=self._settings.sessions.link_expiry))

    def set_roles(self, name: str, roles: frozenset[PersonRole]) -> str:
        with self._database.write() as session:
            row = service.find(session, name)
            row.roles = sorted(roles)
            return _line(row)

    def close_account(self, name: str) -> str:
        with self._database.write() as session:
            row = service.find(session, name)
            service.close(session, row)
            return _line(row)

    def list(self) -> Iterator[str]:
        with self._database.read() as session:
            for row in session.scalars(select(PersonRow).order_by(PersonRow.name)):
                yield _line(row)

    def _link(self, token: str) -> str:
        return f"{self._settings.address}{LINK_PATH}{token}"


def _line(row: PersonRow) -> str:
    closed = "  (closed)" if row.disabled_at is not None else ""
    return f"{row.name}  {', '.join(row.roles)}{closed}"
