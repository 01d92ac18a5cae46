"""Runs one stage in a child process and listens to what it says."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

LINE_BYTES = 4 * 1024 * 1024
STDERR_KEPT = 4000  # characters of what a failed stage said last
KILL_WAIT_S = 5.0  # for the guard to end the stage before the guard itself is killed


@dataclass(frozen=True, slots=True)
class Refused:
    """The input cannot be used; trying again would not help."""

    code: str
    fact: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The stage broke. `text` is for the log and the people who run the service."""

    kind: str
    text: str

    @property
    def disk_full(self) -> bool:
        return self.kind == "DiskFull" or "No space left on device" in self.text


@dataclass(frozen=True, slots=True)
class Finished:
    pass


Ending = Finished | Refused | Failed


class RunsStages(Protocol):
    """How a stage is run; `run_stage` below is the one in service."""

    async def __call__(
        self,
        command: Sequence[str],
        *,
        stage: str,
        source: Path,
        workspace: Path,
        options: dict[str, Any],
        on_progress: Callable[[float], None],
    ) -> Ending: ...


@asynccontextmanager
async def _guarded(command: Sequence[str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A running command that does not outlive this block, whatever ends the block, nor this process."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "api.processing.guard",
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=LINE_BYTES,
        start_new_session=True,  # Ctrl-C in a terminal is the worker's to hear
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            await asyncio.shield(_end(process))


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), KILL_WAIT_S)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _tail(stream: asyncio.StreamReader) -> str:
    kept = b""
    while chunk := await stream.read(65536):
        kept = (kept + chunk)[-STDERR_KEPT:]
    return kept.decode(errors="replace").strip()


async def _listen(stream: asyncio.StreamReader, on_progress: Callable[[float], None]) -> dict[str, Any]:
    """Passes progress on; answers with the last thing said that was not progress."""
    last: dict[str, Any] = {}
    while line := await stream.readline():
        try:
            said = json.loads(line)
        except ValueError:
            continue  # a library that prints
        if not isinstance(said, dict):
            continue
        if "progress" in said:
            on_progress(float(said["progress"]))
        else:
            last = said
    return last


def _ending(code: int, said: dict[str, Any], stderr: str) -> Ending:
    if code == 0 and "done" in said:
        return Finished()
    if "refused" in said:
        refused = said["refused"]
        return Refused(str(refused["code"]), str(refused["fact"]), str(refused["remedy"]))
    if "failed" in said:
        failed = said["failed"]
        return Failed(str(failed["type"]), f"{failed['text']}\n{stderr}".strip())
    if code > 128:
        name = signal.Signals(code - 128).name if code - 128 in set(signal.Signals) else str(code - 128)
        why = ", most often for lack of memory" if name == "SIGKILL" else ""
        return Failed(name, f"The stage was ended by {name}{why}.\n{stderr}".strip())
    return Failed("exit", f"The stage ended with code {code} and no result.\n{stderr}".strip())


async def run_stage(
    command: Sequence[str],
    *,
    stage: str,
    source: Path,
    workspace: Path,
    options: dict[str, Any],
    on_progress: Callable[[float], None],
) -> Ending:
    """Runs `COMMAND STAGE --source … --workspace …`. Cancelling this coroutine ends the child and its children."""
    arguments = [*command, stage, "--source", str(source), "--workspace", str(workspace)]
    if options:
        arguments += ["--options", json.dumps(options)]
    async with _guarded(arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said, stderr = await asyncio.gather(_listen(process.stdout, on_progress), _tail(process.stderr))
        code = await process.wait()
    return _ending(code, said, stderr)
