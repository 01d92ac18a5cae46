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


def test_reviews_from_before_corrections_keep_what_they_were_done_on(empty_url: str) -> None:
    upgrade(empty_url, revision="0002")
    engine = create_engine(empty_url)
    at = "'2026-03-02 09:00:00+00:00'"
    with engine.begin() as connection:
        for statement in (
            f"INSERT INTO person (id, name, roles, created_at) VALUES ('p', 'Ada', '[]', {at})",
            "INSERT INTO submission (id, uploaded_by_id, title, filename, size, created_at, state, is_sample, warnings,"
            f" change) VALUES ('s', 'p', 't', 'f', 1, {at}, 'ready', false, '[]', 1)",
            "INSERT INTO annotation (id, submission_id, version, run_id, created_at, format, versions, document)"
            f" VALUES ('a', 's', 1, 'r', {at}, 'f', '[]', '')",
            "INSERT INTO evidence (id, annotation_id, ref, position, indicator, code, p, said_by, utterances, cues,"
            " quote) VALUES ('e', 'a', 'e1', 0, 'youth_voice', 'open', 0.5, 'youth', '[]', '[]', 'q')",
            f"INSERT INTO rubric (hash, rubric_id, document, created_at) VALUES ('h', 'r', '{{}}', {at})",
            "INSERT INTO program (id, name, protocol, unassisted_share, seed, due_business_days, audit_windows,"
            f" created_at) VALUES ('g', 'G', 'assisted', 0, 'x', 5, 0, {at})",
            "INSERT INTO assignment (id, program_id, submission_id, reviewer_id, rubric_hash, assigned_by_id,"
            " created_at, due_at, protocol, protocol_p, annotation_id, last_seq, scored)"
            f" VALUES ('n', 'g', 's', 'p', 'h', 'p', {at}, {at}, 'assisted', 1, 'a', 1, 0)",
            "INSERT INTO act (id, assignment_id, seq, kind, subject, client_at, received_at, protocol, revealed,"
            f" watched_s) VALUES ('c', 'n', 1, 'decision', 'evidence:e', {at}, {at}, 'assisted', '[]', 0)",
        ):
            connection.execute(text(statement))
    upgrade(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT opened_on_id, annotation_id FROM assignment")).all() == [("a", "a")]
        assert connection.execute(text("SELECT annotation_id FROM act")).all() == [("a",)]
        assert connection.execute(text("SELECT id, annotation_id FROM evidence")).all() == [("e", "a")]
        assert inspect(connection).get_pk_constraint("evidence")["constrained_columns"] == ["id", "annotation_id"]
    engine.dispose()
