"""Brings the database to the newest migration; several processes may ask for it at once."""

import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

VERSIONS = Path(__file__).parent / "migrations" / "versions"
SWITCH_S = 60.0
LOCK = 5_284_117_006_313_022_011  # any number; the same for all of us


def newest() -> str:
    """The last migration; their files are named by number."""
    return max(path.name.split("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


def _is_newest(engine: Engine) -> bool:
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return bool(connection.scalar(text("SELECT version_num FROM alembic_version")) == newest())


def config(connection: Connection) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - takes a while, and most starts need no migration

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def _prepare(dbapi_connection: Any, _: Any) -> None:
    dbapi_connection.isolation_level = None
    # Rebuilding a table in a batch drops the old one, which must not cascade to what points at it.
    for pragma in ("busy_timeout=60000", "foreign_keys=OFF"):
        dbapi_connection.execute(f"PRAGMA {pragma}")
    write_ahead(dbapi_connection)


def write_ahead(connection: sqlite3.Connection) -> None:
    """Two that switch a new file at once are told it is locked, without waiting; the switch itself takes no time."""
    until = time.monotonic() + SWITCH_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def upgrade(url: str, *, revision: str = "head") -> None:
    """All or nothing: both databases run the migrations in one transaction, and only one process at a time."""
    engine = create_engine(url)
    sqlite = url.startswith("sqlite")
    if sqlite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        if revision == "head" and _is_newest(engine):
            return
        from alembic import command  # noqa: PLC0415 - see above

        with engine.begin() as connection:
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(config(connection), revision)
    finally:
        engine.dispose()
