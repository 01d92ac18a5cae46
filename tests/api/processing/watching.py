"""What tests of the worker look at."""

import json
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import select

from api.storage.session import Database
from api.storage.tables import AttemptOutcome, AttemptRow, StepRow
from tests.api.preparing import read
from tests.api.running import eventually


def becomes(client: TestClient, submission_id: str, *states: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        submission = read(client, submission_id)
        return submission if submission["state"] in states else None

    return eventually(look, f"{submission_id} to be {' or '.join(states)}; it is {read(client, submission_id)}")


def starts(plan: Path, stage: str) -> int:
    log = plan.with_suffix(".log")
    return sum(line.split()[0] == stage for line in log.read_text().splitlines()) if log.exists() else 0


def outcomes(database: Database, stage: str) -> list[AttemptOutcome | None]:
    with database.read() as session:
        return list(
            session.scalars(
                select(AttemptRow.outcome).join(StepRow).where(StepRow.name == stage).order_by(AttemptRow.id)
            )
        )


def write(plan: Path, **stages: dict[str, Any]) -> None:
    plan.write_text(json.dumps(stages))
