"""All the ways in which a stage can end."""

from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from api.settings import Settings
from api.storage.session import Database
from api.storage.tables import AttemptOutcome
from tests.api.preparing import hand_in
from tests.api.processing.conftest import Start
from tests.api.processing.watching import becomes, outcomes, starts, write
from tests.api.running import Program, eventually, processes_with, running

DATABASES = ("sqlite",)


def test_steps_end_badly_in_every_way(
    staff: TestClient, plan: Path, start: Start, settings: Settings, database: Database
) -> None:
    """One worker meets, one after the other, all ways in which a stage can end."""
    worker = start()
    write(plan, transcript={"then": "failed", "times": 2})
    shaky = becomes(staff, hand_in(staff)["id"], "ready", "failed")
    assert shaky["state"] == "ready"
    assert [step["attempts"] for step in shaky["steps"]] == [1, 1, 1, 3, 1, 1, 1]
    assert {(step["state"], step["progress"], step["message"]) for step in shaky["steps"]} == {("done", 1.0, None)}

    write(plan, probe={"then": "refused"})
    refused = becomes(staff, hand_in(staff)["id"], "failed")
    assert refused["failure"] == {
        "code": "media.no_frames",
        "detail": "The file holds no picture.",
        "remedy": "Send another one.",
        "retryable": False,
    }
    assert [step["state"] for step in refused["steps"]] == ["failed"] + ["skipped"] * 6
    assert refused["steps"][0]["attempts"] == 1
    assert staff.post(f"/api/submissions/{refused['id']}/retry").status_code == 409

    write(plan, audio={"then": "failed"})
    broken = becomes(staff, hand_in(staff)["id"], "failed")
    assert (broken["failure"]["code"], broken["failure"]["retryable"]) == ("processing.failed", True)
    assert "“Take out the sound” failed 3 times" in broken["failure"]["detail"]
    assert [step["attempts"] for step in broken["steps"]] == [1, 1, 3, 0, 0, 0, 0]

    write(plan, playback={"then": "killed"})
    killed = becomes(staff, hand_in(staff)["id"], "failed")
    assert "SIGKILL" in killed["failure"]["detail"]

    plan.unlink()
    before = starts(plan, "probe")
    assert staff.post(f"/api/submissions/{broken['id']}/retry").status_code == 202
    assert becomes(staff, broken["id"], "ready", "failed")["state"] == "ready"
    assert starts(plan, "probe") == before + 1  # what kept failing is made wholly anew
    assert worker.alive


def test_a_step_that_takes_its_worker_down_again_and_again_is_given_up(
    staff: TestClient, plan: Path, start: Start, database: Database
) -> None:
    write(plan, speakers={"gate": str(plan.with_name("never"))})
    submission_id = hand_in(staff)["id"]
    for n in range(1, 3):
        worker = start(interruptions=2)
        eventually(lambda: starts(plan, "speakers") == n, "the step to begin again")  # noqa: B023
        worker.kill()
    start(interruptions=2)
    failed = becomes(staff, submission_id, "failed")
    assert failed["failure"]["code"] == "processing.interrupted"
    assert "cut off 2 times" in failed["failure"]["detail"]
    assert failed["failure"]["retryable"] is True
    assert outcomes(database, "speakers") == [AttemptOutcome.INTERRUPTED] * 2
    eventually(lambda: not processes_with(str(plan)), "the orphaned stages to be ended")


def test_a_video_over_this_services_limit_is_refused(staff: TestClient, plan: Path, settings: Settings) -> None:
    shorter = settings.limits.model_copy(update={"duration_s": 12.0})  # the fake stage says 12.5
    with running(Program(settings.model_copy(update={"limits": shorter}), "worker")):
        failed = becomes(staff, hand_in(staff)["id"], "failed", "ready")
    assert failed["failure"]["code"] == "media.too_long"


def test_a_stage_that_never_ends_is_ended(staff: TestClient, plan: Path, start: Start) -> None:
    write(plan, audio={"gate": str(plan.with_name("never"))})
    start(step_timeout=timedelta(seconds=2))
    failed = becomes(staff, hand_in(staff)["id"], "failed")
    assert failed["failure"]["code"] == "processing.timeout"
    eventually(lambda: not processes_with(str(plan)), "the stage to be ended")
