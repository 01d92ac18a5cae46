"""Real worker processes, real stages in child processes, on both databases."""

import os
import signal
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.processing import worker as module
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AttemptOutcome, RunRow, RunState, WorkerLeaseRow
from tests.api.preparing import hand_in, read
from tests.api.processing.conftest import Start
from tests.api.processing.watching import becomes, outcomes, starts, write
from tests.api.running import eventually, processes_with


def nothing_is_left(plan: Path, settings: Settings) -> None:
    eventually(lambda: not processes_with(str(plan)), "all stages to have ended")
    eventually(lambda: not list((settings.data / "work").glob("*/*")), "working files to be cleared away")


def test_cancelling_and_deleting_end_the_child_and_its_children(
    staff: TestClient, plan: Path, start: Start, settings: Settings, objects: ObjectStore, database: Database
) -> None:
    worker = start()
    write(plan, transcript={"grandchild": True, "gate": str(plan.with_name("never"))})
    cancelled, deleted = (hand_in(staff)["id"] for _ in range(2))
    eventually(lambda: starts(plan, "transcript") == 2, "both to be in the middle of it")
    eventually(lambda: len(processes_with(f"sleep(600) {plan}")) == 2, "their children")

    answer = staff.post(f"/api/submissions/{cancelled}/cancel").json()
    assert answer["state"] == "cancelled"
    states = ["done"] * 3 + ["cancelled"] * 4
    assert [step["state"] for step in answer["steps"]] == states
    assert staff.delete(f"/api/submissions/{deleted}").status_code == 200

    eventually(lambda: not processes_with(str(plan)), "the stages and their children to be ended")
    assert outcomes(database, "transcript") == [AttemptOutcome.CANCELLED]
    assert [step["state"] for step in read(staff, cancelled)["steps"]] == states
    keys = [item.key for item in objects.list("")]
    assert not any(deleted in key for key in keys)

    plan.unlink()
    done_before = starts(plan, "probe")
    staff.post(f"/api/submissions/{cancelled}/retry")
    assert becomes(staff, cancelled, "ready", "failed")["state"] == "ready"
    assert starts(plan, "probe") == done_before  # goes on where it was
    assert worker.alive


def test_a_worker_asked_to_stop_ends_its_children_and_is_not_to_blame(
    staff: TestClient, plan: Path, start: Start, settings: Settings, database: Database
) -> None:
    gate = plan.with_name("gate")
    write(plan, transcript={"gate": str(gate)})
    worker = start()
    submission_id = hand_in(staff)["id"]
    eventually(lambda: starts(plan, "transcript"), "the step to begin")
    assert worker.stop() == 0, worker.said
    assert processes_with(str(plan)) == []
    assert outcomes(database, "transcript") == [AttemptOutcome.STOPPED]
    with database.read() as session:
        assert session.scalars(select(WorkerLeaseRow)).all() == []
    step = read(staff, submission_id)["steps"][3]
    assert (step["state"], step["message"]) == ("waiting", "The worker was stopped; another goes on from here.")
    gate.touch()
    start()
    becomes(staff, submission_id, "ready")
    assert outcomes(database, "transcript") == [AttemptOutcome.STOPPED, AttemptOutcome.DONE]
    nothing_is_left(plan, settings)


def test_another_worker_takes_over_from_a_dead_one(staff: TestClient, plan: Path, start: Start) -> None:
    gate = plan.with_name("gate")
    write(plan, transcript={"gate": str(gate)})
    first = start()
    submission_id = hand_in(staff)["id"]
    eventually(lambda: starts(plan, "transcript"), "the step to begin")
    second = start()
    eventually(lambda: "Worker for" in second.said, "the second worker")
    first.kill()
    eventually(lambda: starts(plan, "transcript") == 2, "the takeover")
    gate.touch()
    ready = becomes(staff, submission_id, "ready")
    assert [step["attempts"] for step in ready["steps"]] == [1, 1, 1, 2, 1, 1, 1]


def test_a_run_cancelled_while_it_waits_in_line_never_starts(
    staff: TestClient, plan: Path, start: Start, database: Database
) -> None:
    gate = plan.with_name("gate")
    write(plan, probe={"gate": str(gate)})
    start(concurrency=1)
    first = hand_in(staff)["id"]
    eventually(lambda: starts(plan, "probe"), "the first to begin")
    second = hand_in(staff)["id"]

    def in_line() -> bool:
        with database.read() as session:
            return RunState.QUEUED in session.scalars(select(RunRow.state)).all()

    eventually(in_line, "the second to stand in line")
    assert staff.post(f"/api/submissions/{second}/cancel").json()["state"] == "cancelled"
    assert staff.get("/api/about").json()["workers"] == 1
    gate.touch()
    third = hand_in(staff)["id"]
    becomes(staff, first, "ready")
    becomes(staff, third, "ready")
    assert read(staff, second)["state"] == "cancelled"
    assert starts(plan, "probe") == 2


def test_a_worker_that_cannot_end_in_order_ends_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine's threads would keep it: alive to nobody, and in the place of another."""

    class Stuck:
        failed = False

        def __init__(self, _: Settings) -> None: ...

        def run(self) -> None:
            raise TimeoutError

    monkeypatch.setattr(module, "Worker", Stuck)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    module.run_worker(settings, supervised=False)
    assert codes == [1]
