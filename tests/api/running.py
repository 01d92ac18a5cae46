"""Real processes: `lookfors serve` and `lookfors worker`, started, watched and killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from api.settings import Settings

T = TypeVar("T")
PATIENCE_S = 90.0  # for a busy machine; nothing waits this long where things work


def eventually(look: Callable[[], T | None], what: str, *, patience_s: float = PATIENCE_S) -> T:
    """Waits until `look` answers with something; fails saying what was waited for."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError(f"waited in vain for {what}")


def environment(settings: Settings) -> dict[str, str]:
    """The settings as the variables they are read from."""
    chosen = {
        "LOOKFORS_DATA": str(settings.data),
        "LOOKFORS_DATABASE_URL": settings.database_url or "",
        "LOOKFORS_SAMPLE": str(settings.sample),
        "LOOKFORS_WEB_DIST": str(settings.web_dist),
        "LOOKFORS_LIMITS": settings.limits.model_dump_json(),
        "LOOKFORS_WORKER": settings.worker.model_dump_json(),
        "LOOKFORS_SESSIONS": settings.sessions.model_dump_json(),
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    if settings.objects_url is not None:
        chosen["LOOKFORS_OBJECTS_URL"] = settings.objects_url
    return {**os.environ, **chosen}


class Program:
    """A `lookfors` command with its output in a file."""

    def __init__(self, settings: Settings, *arguments: str) -> None:
        self.log = settings.data / f"{arguments[0]}-{time.monotonic_ns()}.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "lookfors", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment(settings),
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """As a power cut would: no chance to say goodbye."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """In order, as Ctrl-C or a service manager would."""
        if self.alive:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)


class Service(Program):
    """`lookfors serve`, once it answers."""

    def __init__(self, settings: Settings, *arguments: str) -> None:
        super().__init__(settings, "serve", "--port", "0", *arguments)
        address = settings.data / "address"
        self.url: str = eventually(lambda: self._answering(address), f"the service to answer; it said:\n{self.said}")

    def _answering(self, address: Path) -> str | None:
        assert self.alive, self.said
        try:
            url = address.read_text()
            urlopen(f"{url}/api/health", timeout=5).close()
        except (FileNotFoundError, URLError, OSError):
            return None
        return url


@contextmanager
def running(program: Program) -> Iterator[Program]:
    try:
        yield program
    finally:
        if program.alive:
            program.kill()


def processes_with(word: str) -> list[psutil.Process]:
    """Everything alive on this machine with `word` on its command line, apart from this process."""
    found = []
    for process in psutil.process_iter():
        try:
            alive = process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid()
            if alive and word in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found
