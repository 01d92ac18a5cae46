"""The guard between a worker and a stage, on its own."""

import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.api.running import eventually, processes_with

SLEEPER = (
    "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)', sys.argv[1]], "
    "start_new_session=True)"
)


def sleepers(mark: str) -> list[psutil.Process]:
    """Not the guard, nor who started it: their command lines hold the sleeper's."""
    found = processes_with(f"-c import time; time.sleep(600) {mark}")
    return [process for process in found if "api.processing.guard" not in process.cmdline()]


def guarded(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "api.processing.guard", *command], stdin=subprocess.PIPE)


@pytest.fixture
def mark(request: pytest.FixtureRequest) -> str:
    """A word on the command line of every process of this test."""
    return f"mark-{request.node.name}-{time.monotonic_ns()}"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(0)", 0),
        ("raise SystemExit(3)", 3),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + signal.SIGKILL),
    ],
)
def test_it_ends_as_its_command_does(code: str, expected: int) -> None:
    guard = guarded(sys.executable, "-c", code)
    assert guard.wait(60) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere orphans go to init")
def test_what_the_command_leaves_behind_is_ended(mark: str) -> None:
    guard = guarded(sys.executable, "-c", SLEEPER, mark)
    assert guard.wait(60) == 0
    assert processes_with(mark) == []


def test_when_its_input_closes_everything_ends(mark: str) -> None:
    guard = guarded(sys.executable, "-c", f"{SLEEPER}\nimport time; time.sleep(600)", mark)
    eventually(lambda: sleepers(mark), "the grandchild")
    assert guard.stdin is not None
    guard.stdin.close()
    assert guard.wait(60) == 128 + signal.SIGKILL
    assert processes_with(mark) == []


def test_when_its_parent_is_killed_everything_ends(mark: str) -> None:
    """The parent here holds the pipe as a worker does, and dies without a word."""
    parent = (
        "import subprocess, sys, time; "
        "p = subprocess.Popen([sys.executable, '-m', 'api.processing.guard', sys.executable, '-c', "
        "'import time; time.sleep(600)', sys.argv[1]], stdin=subprocess.PIPE); time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent, mark])
    eventually(lambda: sleepers(mark), "the grandchild")
    process.kill()
    process.wait()
    eventually(lambda: processes_with(mark) == [], "everything to end")
