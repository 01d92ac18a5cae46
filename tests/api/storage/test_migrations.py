from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from api.storage import desk_tables, tables  # noqa: F401 - fill the metadata
from api.storage.base import Base
from api.storage.session import Database
from api.storage.upgrade import config, newest, upgrade
from tests.api.databases import Postgres


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    postgres: Postgres = request.getfixturevalue("postgres")
    with postgres.empty_database() as url:
        yield url


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_table_names()) == set(Base.metadata.tables) | {"alembic_version"}
    engine.dispose()


def test_processes_that_start_together_upgrade_once(empty_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: upgrade(empty_url), range(4)))
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM change_counter")) == 1
    engine.dispose()


def test_a_second_upgrade_changes_nothing(database_url: str, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE change_counter SET value = 7"))
    upgrade(database_url)
    with database.read() as session:
        assert session.scalar(text("SELECT value FROM change_counter")) == 7


def test_the_newest_migration_is_the_one_with_the_highest_number(database_url: str) -> None:
    """Every start asks this before it loads the migration tool."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(config(connection)).get_current_head() == newest()
        assert MigrationContext.configure(connection).get_current_revision() == newest()
    engine.dispose()
