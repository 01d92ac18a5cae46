"""Brings the database to the newest migration; several processes may ask for it at once."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, event, text

LOCK = 5_284_117_006_313_022_011  # any number; the same for all of us


def config(connection: Connection) -> Config:
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def _prepare(dbapi_connection: Any, _: Any) -> None:
    dbapi_connection.isolation_level = None
    # Rebuilding a table in a batch drops the old one, which must not cascade to what points at it.
    for pragma in ("journal_mode=WAL", "foreign_keys=OFF", "busy_timeout=60000"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def upgrade(url: str, *, revision: str = "head") -> None:
    """All or nothing: both databases run the migrations in one transaction, and only one process at a time."""
    engine = create_engine(url)
    sqlite = url.startswith("sqlite")
    if sqlite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    try:
        with engine.begin() as connection:
            if not sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            command.upgrade(config(connection), revision)
    finally:
        engine.dispose()
