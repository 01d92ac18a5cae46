"""A disk that really is full: a small file system of its own, filled to the last byte by a stage."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.settings import Settings
from tests.api.databases import Sqlite
from tests.api.preparing import hand_in, read
from tests.api.processing.conftest import Start
from tests.api.processing.watching import becomes, starts, write

DATABASES = ("sqlite",)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root may mount a file system")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "lookfors-test", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def settings(settings: Settings, small_disk: Path, sqlite: Sqlite) -> Settings:
    return settings.model_copy(update={"data": small_disk, "database_url": sqlite.database(small_disk)})


def test_it_fails_with_a_sentence_and_goes_on_when_there_is_room(
    staff: TestClient, plan: Path, start: Start, settings: Settings
) -> None:
    write(plan, transcript={"then": "fills", "times": 1})
    worker = start()
    submission_id = hand_in(staff)["id"]
    failed = becomes(staff, submission_id, "failed", "ready")
    assert (failed["state"], failed["failure"]["code"]) == ("failed", "storage.full")
    assert failed["failure"]["retryable"] is True
    assert failed["failure"]["detail"] == "The disk became full during “Write down what is said”."
    assert [step["state"] for step in failed["steps"]] == ["done"] * 3 + ["failed"] + ["skipped"] * 3
    assert shutil.disk_usage(settings.data).free > 10_000_000  # what the stage had written is gone

    before = starts(plan, "probe")
    assert staff.post(f"/api/submissions/{submission_id}/retry").status_code == 202
    becomes(staff, submission_id, "ready")
    assert starts(plan, "probe") == before
    assert worker.alive
    assert read(staff, submission_id)["failure"] is None
