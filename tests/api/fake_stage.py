"""A stage program for tests of the machinery around stages: `fake_stage.py PLAN STAGE --source F --workspace D`.

It speaks the contract of `inference.stage` and does as the plan says for each stage:
`{"transcript": {"sleep_s": 3, "gate": "FILE", "then": "refused", "times": 2, "grandchild": true}}`
It sleeps, waits until the gate exists, and then is `done`, `refused`, `failed`, `killed`, or `fills` the disk; `times`
is how often before it succeeds. Every start is a line in `PLAN.log`. What it leaves are real documents of the real
formats, so that what reads them is tested too.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def results(stage: str, source: Path) -> dict[str, bytes]:
    # Only two stages need the formats, and a test starts hundreds of these.
    def text(document: object) -> bytes:
        return json.dumps(document).encode()

    match stage:
        case "probe":
            from model.preannotation import media_document
            from tests.api.documents import media_of

            return {"probe.json": text(media_document(media_of(source))), "stamp.json": b"{}"}
        case "playback":
            return {
                "proxy.mp4": source.read_bytes()[::-1],
                "peaks.json": text({"version": 1, "rate": 20, "peaks": [0, 128, 255]}),
                "thumbnails.jpg": b"\xff\xd8jpeg",
                "thumbnails.json": text({"width": 160, "height": 90, "columns": 10, "interval_s": 5, "count": 3}),
            }
        case "preannotation":
            from model.preannotation import to_document
            from tests.api.documents import annotation_of

            return {"preannotation.json": text(to_document(annotation_of(source)))}
        case "renewal":
            from model.preannotation import to_document
            from tests.api.documents import renewed

            return {"preannotation.json": text(to_document(renewed(source)))}
        case _:
            return {f"{stage}.json": b"{}"}


REQUIRED = {
    "playback": "probe.json",
    "audio": "probe.json",
    "transcript": "audio.json",
    "speakers": "transcript.json",
    "indicators": "speakers.json",
    "preannotation": "indicators.json",
}


def say(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def starts(log: Path, stage: str) -> int:
    with log.open("a") as file:
        file.write(f"{stage} {os.getpid()}\n")
    return sum(line.split()[0] == stage for line in log.read_text().splitlines())


def act(plan: dict[str, Any], n: int, given: argparse.Namespace) -> int | None:
    """Does what the plan says; the exit code where that ends the stage."""
    if plan.get("grandchild"):
        # In a session of its own, as ffmpeg is: ending the stage's process group would not reach it.
        sleeper = [sys.executable, "-c", "import time; time.sleep(600)", str(given.plan)]
        subprocess.Popen(sleeper, start_new_session=True)
    sleep_s = float(plan.get("sleep_s", 0.0))
    for share in range(10):
        say(progress=share / 10)
        time.sleep(sleep_s / 10)
    while "gate" in plan and not Path(plan["gate"]).exists():
        time.sleep(0.02)
    then = plan.get("then", "done")
    if then == "done" or n > int(plan.get("times", 1_000_000)):
        return None
    if then == "fills":
        with (given.workspace / "huge").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 65536)
            except OSError as error:
                say(failed={"type": "OSError", "text": str(error)})
                return 1
    if then == "refused":
        say(refused={"code": "media.no_frames", "fact": "The file holds no picture.", "remedy": "Send another one."})
        return 3
    if then == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    say(failed={"type": "RuntimeError", "text": "the model broke"})
    return 1


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("plan", type=Path)
    parser.add_argument("stage")
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--options")
    given = parser.parse_args()
    n = starts(given.plan.with_suffix(".log"), given.stage)
    required = REQUIRED.get(given.stage)
    if required is not None and not (given.workspace / required).is_file():
        say(failed={"type": "FileNotFoundError", "text": f"{required} is missing"})
        return 1
    plan = json.loads(given.plan.read_text()).get(given.stage, {}) if given.plan.exists() else {}
    code = act(plan, n, given)
    if code is not None:
        return code
    for name, data in results(given.stage, given.source).items():
        partial = given.workspace / f"{name}.tmp"
        partial.write_bytes(data)
        partial.rename(given.workspace / name)
    say(done={"stage": given.stage})
    return 0


if __name__ == "__main__":
    sys.exit(main())
