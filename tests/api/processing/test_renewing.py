"""Evidence looked for again by a real worker: once for many corrections, whatever happens to the worker."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.corrections import renewals
from api.processing.child import Ending
from api.processing.renewing import Renewer
from api.settings import Settings
from api.storage.desk_tables import RenewalRow
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AnnotationRow, RunState
from tests.api.corrections.test_corrections import correct
from tests.api.preparing import hand_in, prepare, read, stage_in_this_process
from tests.api.processing.conftest import Start
from tests.api.processing.watching import becomes, starts, write
from tests.api.running import eventually, processes_with


def settles(client: TestClient, submission: str, evidence: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        revision: dict[str, Any] = read(client, submission)["revision"]
        return revision if revision["evidence"] == evidence else None

    return eventually(look, f"evidence to be {evidence}; it is {read(client, submission)['revision']}")


def tries(database: Database) -> list[int]:
    with database.read() as session:
        rows = session.scalars(select(RenewalRow).order_by(RenewalRow.id)).all()
        assert {row.state for row in rows} == {RunState.DONE}
        return [row.tries for row in rows]


def test_a_worker_killed_in_the_middle_leaves_it_to_the_next(
    staff: TestClient, plan: Path, start: Start, settings: Settings, database: Database
) -> None:
    gate = plan.with_name("gate")
    write(plan, renewal={"gate": str(gate), "grandchild": True})
    worker = start()
    submission = hand_in(staff)["id"]
    becomes(staff, submission, "ready")

    for role in ("facilitator", "youth") * 4 + ("facilitator",):
        correct(staff, submission, "role_of_utterance", ["u2"], role)
    eventually(lambda: starts(plan, "renewal") == 1, f"a look to begin:\n{worker.said}")
    assert read(staff, submission)["state"] == "ready"  # all the while it can be reviewed
    correct(staff, submission, "role_of_utterance", ["u1"], "youth")
    worker.kill()
    eventually(lambda: not processes_with(str(plan)), "the look to end with its worker")

    gate.touch()
    worker = start()
    # The next try takes along what was corrected since, so the second wish finds nothing left to do.
    assert settles(staff, submission, "up_to_date") == {"corrections": 10, "annotation": 2, "evidence": "up_to_date"}
    assert tries(database) == [2, 0]
    assert starts(plan, "renewal") == 2

    gate.unlink()
    correct(staff, submission, "role_of_utterance", ["u1"], "facilitator")
    eventually(lambda: starts(plan, "renewal") == 3, f"a look to begin:\n{worker.said}")
    for role in ("facilitator", "youth") * 5:  # while one is at work: a wish of its own, and one for all
        correct(staff, submission, "role_of_utterance", ["u2"], role)
    gate.touch()
    assert settles(staff, submission, "up_to_date") == {"corrections": 21, "annotation": 4, "evidence": "up_to_date"}
    assert tries(database) == [2, 0, 1, 1]
    with database.read() as session:
        assert session.scalars(select(AnnotationRow.version).order_by(AnnotationRow.version)).all() == [1, 2, 3, 4]
    assert worker.stop() == 0
    assert not list((settings.data / "renewals").iterdir())


def test_what_keeps_failing_is_given_up_and_can_be_asked_for_again(
    staff: TestClient, plan: Path, start: Start, database: Database
) -> None:
    write(plan, renewal={"then": "failed", "times": 3})
    start()
    submission = hand_in(staff)["id"]
    becomes(staff, submission, "ready")
    correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
    assert settles(staff, submission, "failed")["annotation"] == 1
    assert starts(plan, "renewal") == 3
    with database.read() as session:
        assert session.scalars(select(RenewalRow.message)).one() == "the model broke"
    assert staff.get(f"/api/submissions/{submission}/transcript").json()["utterances"][1]["role"] == "facilitator"
    staff.post(f"/api/submissions/{submission}/look-again")
    assert settles(staff, submission, "up_to_date")["annotation"] == 2


def test_working_files_are_gone_before_the_result_is_kept(
    staff: TestClient, settings: Settings, database: Database, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is kept, a worker that was asked to stop may end. A later try's files are its own."""
    submission = hand_in(staff)["id"]
    prepare(settings, database, objects, submission)
    correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
    with database.read() as session:
        wanted = session.scalars(select(RenewalRow.id)).one()
    left: list[str] = []

    async def overtaken(command: Sequence[str], *, workspace: Path, **more: Any) -> Ending:
        workspace.parent.with_name("2").mkdir()
        return await stage_in_this_process(command, workspace=workspace, **more)

    def keep(*_: object, **__: object) -> None:
        left.extend(path.name for path in (settings.data / "renewals" / wanted).iterdir())

    monkeypatch.setattr(renewals, "keep", keep)
    asyncio.run(Renewer(settings, database, runs_stages=overtaken).run(wanted))
    assert left == ["2"]
