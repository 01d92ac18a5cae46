"""Submissions for tests: handed in over HTTP, prepared by the real steps."""

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.processing.child import Ending, Finished
from api.processing.renewing import Renewer
from api.processing.stages import STAGES
from api.processing.steps import StepRunner
from api.settings import Settings
from api.storage.desk_tables import RenewalRow
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import RunRow, RunState
from tests.api.fake_stage import results
from tests.api.uploads.test_tus import create, patch

VIDEO = os.urandom(200_000)


def upload(client: TestClient, data: bytes = VIDEO, filename: str = "clip.mp4") -> str:
    """The id of a finished upload."""
    location: str = create(client, len(data), filename).headers["location"]
    assert patch(client, location, 0, data).status_code == 204
    return location.rsplit("/", 1)[1]


def hand_in(client: TestClient, data: bytes = VIDEO, filename: str = "clip.mp4", **body: str) -> dict[str, Any]:
    answer = client.post("/api/submissions", json={"upload_id": upload(client, data, filename), **body})
    assert answer.status_code == 202, answer.text
    submission: dict[str, Any] = answer.json()
    return submission


def read(client: TestClient, submission_id: str) -> dict[str, Any]:
    answer = client.get(f"/api/submissions/{submission_id}")
    assert answer.status_code == 200, answer.text
    submission: dict[str, Any] = answer.json()
    return submission


def last_run(database: Database, submission_id: str) -> str:
    with database.read() as session:
        return (
            session.scalars(
                select(RunRow.id).where(RunRow.submission_id == submission_id).order_by(RunRow.number.desc())
            ).first()
            or ""
        )


async def stage_in_this_process(
    command: Sequence[str],
    *,
    stage: str,
    source: Path,
    workspace: Path,
    options: dict[str, Any],
    on_progress: Callable[[float], None],
) -> Ending:
    for name, data in results(stage, source).items():
        (workspace / name).write_bytes(data)
    return Finished()


def prepare(settings: Settings, database: Database, objects: ObjectStore, submission_id: str) -> None:
    """Runs the steps of the newest run here and now, without the engine and without child processes."""
    runner = StepRunner(settings, database, objects, "test", runs_stages=stage_in_this_process)

    async def run_all() -> None:
        for stage in STAGES:
            assert await runner.run(last_run(database, submission_id), stage.name)

    asyncio.run(run_all())


def renew(settings: Settings, database: Database, submission_id: str) -> None:
    """Looks for evidence again here and now, as the worker would once corrections have paused."""
    renewer = Renewer(settings, database, runs_stages=stage_in_this_process)
    with database.read() as session:
        wanted = session.scalars(
            select(RenewalRow.id).where(RenewalRow.submission_id == submission_id, RenewalRow.state == RunState.WANTED)
        ).one()
    asyncio.run(renewer.run(wanted))
