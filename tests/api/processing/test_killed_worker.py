"""The worker is killed by SIGKILL in the middle of every step, while it prepares ten submissions at once."""

from collections import Counter
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.processing.stages import STAGES
from api.processing.sweep import sweep, sweep_objects
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import (
    AnnotationRow,
    AttemptOutcome,
    AttemptRow,
    EvidenceRow,
    MeasureRow,
    MediaObjectRow,
    RunRow,
    RunState,
    StepRow,
)
from tests.api.preparing import hand_in
from tests.api.processing.conftest import Start
from tests.api.processing.watching import becomes, starts, write
from tests.api.running import eventually, processes_with

SUBMISSIONS = {"sqlite": 10, "postgres": 3}


def gate_of(plan: Path, stage: str) -> Path:
    return plan.with_name(f"gate-{stage}")


def attempts(database: Database) -> Counter[tuple[str, AttemptOutcome | None]]:
    with database.read() as session:
        rows = session.execute(select(StepRow.name, AttemptRow.outcome).join(AttemptRow)).all()
    return Counter((name, outcome) for name, outcome in rows)


def test_killed_in_the_middle_of_each_step_every_submission_completes(
    staff: TestClient, plan: Path, start: Start, settings: Settings, database: Database, objects: ObjectStore
) -> None:
    n = SUBMISSIONS["sqlite" if database.is_sqlite else "postgres"]
    write(plan, **{stage.name: {"gate": str(gate_of(plan, stage.name))} for stage in STAGES})
    submissions = [hand_in(staff)["id"] for _ in range(n)]

    for stage in STAGES:
        worker = start()
        before = starts(plan, stage.name)
        eventually(lambda: starts(plan, stage.name) == before + n, f"all to be in {stage.name}:\n{worker.said}")  # noqa: B023
        worker.kill()
        eventually(lambda: not processes_with(str(plan)), "the stages to end with their worker")
        gate_of(plan, stage.name).touch()
    worker = start()
    for submission_id in submissions:
        ready = becomes(staff, submission_id, "ready", "failed")
        assert ready["state"] == "ready", ready["failure"]

    # Of every step: killed once, then done once, for each of the n.
    expected = {(s.name, outcome): n for s in STAGES for outcome in (AttemptOutcome.INTERRUPTED, AttemptOutcome.DONE)}
    assert attempts(database) == expected
    assert worker.stop() == 0

    sweep(settings, database, objects)
    sweep_objects(database, objects)
    assert not processes_with(str(plan))
    assert list((settings.data / "work").iterdir()) == []
    assert list((settings.data / "uploads").iterdir()) == []
    with database.read() as session:
        named = set(session.scalars(select(MediaObjectRow.key)))
        assert {item.key for item in objects.list("")} == named
        assert len(named) == n * 5  # original, proxy, peaks, thumbnails and their index
        assert set(session.scalars(select(RunRow.state))) == {RunState.DONE}
        counted = [session.scalar(select(func.count()).select_from(t)) for t in (RunRow, AnnotationRow, MeasureRow)]
        assert counted == [n, n, n]
        assert session.scalar(select(func.count()).select_from(EvidenceRow)) == 2 * n
