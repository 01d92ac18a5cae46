import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from api.storage.base import Base, new_id
from api.storage.changes import current_change, next_change
from api.storage.session import Database
from api.storage.tables import PersonRow, SessionRow


def person(name: str) -> PersonRow:
    return PersonRow(name=name, roles=["staff"])


def add(database: Database, row: Base) -> None:
    with database.write() as session:
        session.add(row)


def test_a_block_is_kept_whole_or_not_at_all(database: Database) -> None:
    def cut_off() -> None:
        with database.write() as session:
            session.add(person("Ada"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cut_off()
    with database.write() as session:
        session.add(person("Bob"))
    with database.read() as session:
        assert session.scalars(text("SELECT name FROM person")).all() == ["Bob"]


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    with database.read() as session:
        session.add(person("Ada"))
        with pytest.raises(DBAPIError):
            session.flush()
    with database.write() as session:  # the same pooled connection may write again
        session.add(person("Ada"))


def test_a_reading_transaction_sees_one_moment(database: Database) -> None:
    """Or an answer put together from two queries could say "up to date" beside the old version."""
    with database.read() as session:
        assert session.scalars(text("SELECT name FROM person")).all() == []
        add(database, person("Ada"))
        assert session.scalars(text("SELECT name FROM person")).all() == []
    with database.read() as session:
        assert session.scalars(text("SELECT name FROM person")).all() == ["Ada"]


def test_foreign_keys_hold(database: Database) -> None:
    orphan = SessionRow(person_id=new_id(), token_hash="x", expires_at=datetime.now(UTC))
    with pytest.raises(IntegrityError):
        add(database, orphan)


def test_sqlite_is_set_for_safety(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite's own settings")
    with database.read() as session:
        found = {
            name: session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}  # 2 = FULL


def test_writers_wait_for_each_other_and_readers_wait_for_nobody(database: Database) -> None:
    """Eight writers, each reading before it writes: without an early lock SQLite would fail them, not queue them."""

    def add_one(_: int) -> None:
        for _ in range(5):
            with database.write() as session:
                next_change(session)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add_one, range(8)))
    with database.read() as session:
        assert current_change(session) == 8 * 5

    with database.write() as session:
        next_change(session)
        seen: list[int] = []

        def look() -> None:
            with database.read() as other:
                seen.append(current_change(other))

        reader = threading.Thread(target=look)
        reader.start()
        reader.join(10)
        assert seen == [40]


def test_changes_become_visible_in_their_order(database: Database) -> None:
    """A later number never appears before an earlier one, or live pages would miss the earlier for ever."""
    with database.write() as first:
        one = next_change(first)
        numbers: list[int] = []

        def second() -> None:
            with database.write() as session:
                numbers.append(next_change(session))

        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        assert numbers == []  # it waits until the first has committed
    thread.join(10)
    assert numbers == [one + 1]


def test_what_its_caller_changed_is_not_written_before_the_counter_is_locked(database: Database) -> None:
    """Or one locks a submission and then the counter, the other the counter and then the submission."""
    with database.write() as session:
        row = person("Ada")
        session.add(row)
        next_change(session)
        assert row in session.new


def test_times_come_back_as_the_same_moment(database: Database) -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))
    with database.write() as session:
        row = person("Ada")
        row.created_at = moment
        session.add(row)
    with database.read() as session:
        found = session.get_one(PersonRow, row.id).created_at
    assert found == moment
    assert found.tzinfo == UTC


def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    row = person("Ada")
    row.created_at = datetime(2026, 3, 1)
    with pytest.raises(StatementError, match="without a zone"):
        add(database, row)


def test_ids_grow_with_time_and_say_their_version() -> None:
    ids = [new_id() for _ in range(2000)]
    assert len(set(ids)) == 2000
    by_millisecond = [id_[:13] for id_ in ids]
    assert by_millisecond == sorted(by_millisecond)
    assert {id_[14] for id_ in ids} == {"7"}
    assert {id_[19] for id_ in ids} <= set("89ab")
