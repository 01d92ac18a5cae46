"""The supervisor goes on whatever happens beside it."""

import subprocess

import pytest
from sqlalchemy.exc import OperationalError

from api.processing import lease
from api.processing.supervisor import Supervisor
from api.storage.session import Database

DATABASES = ("sqlite",)


class Child:
    """A worker that ends at once."""

    pid = 1
    stdin = None

    def __init__(self) -> None:
        self.asked_to_end = False

    def terminate(self) -> None:
        self.asked_to_end = True

    def wait(self, _: float | None = None) -> int:
        return 0

    def poll(self) -> int:
        return 0


@pytest.fixture
def supervisor(database: Database) -> Supervisor:
    return Supervisor(database, {})


def test_a_worker_is_started_again_though_its_end_cannot_be_written(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OperationalError("DELETE", {}, Exception("database or disk is full"))

    begun: list[Child] = []

    def start(*_: object, **__: object) -> Child:
        begun.append(Child())
        if len(begun) == 2:
            supervisor._stop.set()
        return begun[-1]

    monkeypatch.setattr(lease, "end_of_process", full)
    monkeypatch.setattr("api.processing.supervisor.PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr(subprocess, "Popen", start)
    supervisor._keep_running()
    assert len(begun) == 2


def test_a_worker_is_ended_when_the_stop_came_while_it_was_started(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = Child()

    def start(*_: object, **__: object) -> Child:
        supervisor._stop.set()  # as `stop` does, which finds no process yet
        return child

    monkeypatch.setattr(subprocess, "Popen", start)
    supervisor._keep_running()
    assert child.asked_to_end
