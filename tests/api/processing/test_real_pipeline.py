"""The sample's first minute through the real pipeline, its worker killed in the middle of every step."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from fastapi.testclient import TestClient

from api.processing.stages import STAGES
from api.processing.sweep import sweep, sweep_objects
from api.settings import Settings, Worker
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AttemptOutcome
from tests.api.preparing import hand_in, read
from tests.api.processing.conftest import Start
from tests.api.processing.watching import becomes, outcomes
from tests.api.running import eventually, processes_with

pytestmark = pytest.mark.slow
DATABASES = ("sqlite",)
SAMPLE = Path(__file__).resolve().parents[3] / "sample" / "muddy-water.mp4"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    real = Worker()
    quick = {"beat_s": 0.5, "lease_s": 5.0, "poll_s": 0.1}
    return settings.model_copy(update={"worker": real.model_copy(update=quick)})


@pytest.fixture
def minute(tmp_path: Path) -> Path:
    cut = tmp_path / "minute.mp4"
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([ffmpeg, "-loglevel", "error", "-i", SAMPLE, "-t", "60", "-c", "copy", cut], check=True)
    return cut


def test_it_completes_although_its_worker_is_killed_in_every_step(
    staff: TestClient, start: Start, settings: Settings, database: Database, objects: ObjectStore, minute: Path
) -> None:
    submission_id = hand_in(staff, minute.read_bytes(), minute.name)["id"]
    workspace = str(settings.data / "work" / submission_id)
    for position, stage in enumerate(STAGES):
        worker = start()

        def in_the_middle(position: int = position) -> bool:
            running = read(staff, submission_id)["steps"][position]["state"] == "running"
            return running and bool(processes_with(workspace))

        eventually(in_the_middle, f"{stage.name} to run; {worker.said}", patience_s=600)
        worker.kill()
        eventually(lambda: not processes_with(workspace), "the stage and its programs to end with their worker")
    worker = start()
    ready = becomes(staff, submission_id, "ready", "failed")
    assert ready["state"] == "ready", ready["failure"]
    for stage in STAGES:
        assert outcomes(database, stage.name) == [AttemptOutcome.INTERRUPTED, AttemptOutcome.DONE], stage.name
    assert worker.stop() == 0

    assert ready["has_picture"] is True
    assert ready["coverage"] > 0.8
    evidence = staff.get(f"/api/submissions/{submission_id}/evidence").json()["items"]
    assert len(evidence) == sum(ready["evidence_counts"].values()) > 0
    assert all(item["quote"] for item in evidence)
    part = staff.get(f"/api/submissions/{submission_id}/media", headers={"Range": "bytes=0-99"})
    assert (part.status_code, part.content[4:8]) == (206, b"ftyp")
    assert staff.get(f"/api/submissions/{submission_id}/captions.vtt").text.startswith("WEBVTT")
    peaks = staff.get(f"/api/submissions/{submission_id}/peaks").json()
    assert len(peaks["peaks"]) == pytest.approx(ready["duration"] * peaks["rate"], rel=0.01)

    sweep(settings, database, objects)
    sweep_objects(database, objects)
    eventually(lambda: not list((settings.data / "work").iterdir()), "working files to be cleared away")
    assert len(list(objects.list(""))) == 5


def test_a_file_that_is_no_video_is_refused_with_a_sentence(
    staff: TestClient, start: Start, settings: Settings
) -> None:
    start()
    submission_id = hand_in(staff, b"Dear diary, today we built a boat.\n" * 100, "diary.mp4")["id"]
    failed = becomes(staff, submission_id, "failed", "ready")
    assert failed["state"] == "failed"
    failure = failed["failure"]
    assert failure["code"].startswith("media.")
    assert failure["retryable"] is False
    assert all(failure[part].endswith(".") and len(failure[part]) > 20 for part in ("detail", "remedy")), failure
    eventually(lambda: not list((settings.data / "work").iterdir()), "working files to be cleared away")
