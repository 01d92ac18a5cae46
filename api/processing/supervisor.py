"""Keeps one worker running beside the web process, and ends it with it."""

import logging
import subprocess
import sys
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from api.processing import lease
from api.storage.session import Database

log = logging.getLogger(__name__)

WELL_AFTER_S = 60.0  # a worker that ran this long was no false start
PAUSES_S = (0.5, 30.0)  # first and longest wait before a worker that ended is started again
STOP_WITHIN_S = 20.0


class Supervisor:
    """The worker's standard input is a pipe from here: when this process ends, however it ends, the worker does."""

    def __init__(self, database: Database, environment: dict[str, str]) -> None:
        self._database = database
        self._environment = environment
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="supervisor", daemon=True)

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        self._thread.start()

    def _keep_running(self) -> None:
        pause = PAUSES_S[0]
        while not self._stop.is_set():
            started = time.monotonic()
            code = self._run_once()
            if self._stop.is_set():
                return
            pause = PAUSES_S[0] if time.monotonic() - started > WELL_AFTER_S else pause
            log.warning("the worker ended with code %s; starting it again in %.1f s", code, pause)
            self._stop.wait(pause)
            pause = min(PAUSES_S[1], pause * 2)

    def _run_once(self) -> int:
        process = subprocess.Popen(
            [sys.executable, "-m", "lookfors", "worker", "--supervised"],
            stdin=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,  # Ctrl-C reaches us first, and we end the worker in order
        )
        self._process = process
        if self._stop.is_set():  # perhaps before there was a process to end
            process.terminate()
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        try:
            with self._database.write() as session:
                lease.end_of_process(session, process.pid)
        except SQLAlchemyError:
            log.warning("the lease of the worker that ended stays until it runs out", exc_info=True)
        return code

    def stop(self) -> None:
        """Asks the worker to stop and waits; a worker that does not is killed, and its work is taken up next time."""
        self._stop.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(STOP_WITHIN_S)
