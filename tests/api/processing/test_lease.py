"""Signs of life."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from api.processing import lease
from api.storage.session import Database


def test_the_time_is_taken_once_the_database_can_be_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite waits at the beginning of a transaction, perhaps for longer than a lease lasts."""
    order: list[str] = []

    def now() -> datetime:
        order.append("now")
        return datetime.now(UTC)

    event.listen(database.engine, "begin", lambda _: order.append("begin"))
    monkeypatch.setattr(lease, "now", now)
    with database.write() as session:
        lease.beat(session, "worker")
    assert order == ["begin", "now"]
