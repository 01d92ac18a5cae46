"""Transactions. A request or a job opens one and it is committed once, here; services flush at most."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

BUSY_TIMEOUT_MS = 15_000


def _prepare_sqlite_connection(dbapi_connection: Any, _: Any) -> None:
    # The driver must not open transactions by itself: BEGIN is sent below, once, with the right lock.
    dbapi_connection.isolation_level = None
    cursor = dbapi_connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_on_sqlite(connection: Connection) -> None:
    """A writer takes the write lock at once: upgrading a read transaction half-way fails instead of waiting."""
    reads_only = connection.get_execution_options().get("lookfors_reads_only", False)
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reads_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


class Database:
    """One engine and its two kinds of transaction: `read` and `write`.

    A reading sees one moment from its first query on, and the database refuses to write in it.
    """

    def __init__(self, url: str, *, process: Literal["web", "worker", "command"]) -> None:
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.engine: Engine = create_engine(url, pool_size=10, max_overflow=40)
            event.listen(self.engine, "connect", _prepare_sqlite_connection)
            event.listen(self.engine, "begin", _begin_on_sqlite)
            self._reader = self.engine.execution_options(lookfors_reads_only=True)
        else:
            self.engine = create_engine(
                url,
                pool_size=10,
                max_overflow=40,
                pool_pre_ping=True,
                connect_args={"application_name": f"lookfors {process}"},
            )
            # One snapshot for every query of a reading, as on SQLite: an answer never mixes two moments.
            self._reader = self.engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Commits when the block ends, rolls back when it raises."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()
