"""What we add to the workflow engine, and the one private call of it that we lean on."""

import inspect
import sqlite3
from importlib.metadata import version
from types import SimpleNamespace

import pytest
from dbos import DBOS

from api.processing.engine import Engine, _use_wal


def test_the_private_call_is_the_one_we_know() -> None:
    """`Engine.recover_from_dead` uses it; `test_another_worker_takes_over_from_a_dead_one` shows that it works."""
    assert version("dbos") == "3.4.0"
    parameters = list(inspect.signature(DBOS._recover_pending_workflows).parameters)
    assert parameters == ["executor_ids"]


def test_who_is_alive_is_asked_after_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a worker that begins between the two would look dead; this process is alive, whatever is on record."""
    asked: list[str] = []
    taken: list[str] = []

    def pending(**_: object) -> list[SimpleNamespace]:
        asked.append("pending")
        return [SimpleNamespace(executor_id=name) for name in ("this", "another", "dead", None)]

    def alive() -> set[str]:
        asked.append("alive")
        return {"another"}

    monkeypatch.setattr(DBOS, "list_workflows", pending)
    monkeypatch.setattr(DBOS, "_recover_pending_workflows", taken.extend)
    engine = object.__new__(Engine)  # a whole one would start the workflow engine
    engine._executor_id = "this"
    assert engine.recover_from_dead(alive) == taken == ["dead"]
    assert asked == ["pending", "alive"]


def test_two_that_switch_a_new_file_at_once_do_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    class Locked:
        switched = 0

        def execute(self, _: str) -> None:
            self.switched += 1
            if self.switched == 1:
                raise sqlite3.OperationalError("database is locked")  # SQLite does not wait here

        def close(self) -> None: ...

    file = Locked()
    monkeypatch.setattr(sqlite3, "connect", lambda _: file)
    _use_wal("sqlite:///new.db")
    assert file.switched == 2
