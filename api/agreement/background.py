"""Numerical work off the request path: one child process at a time, its results kept while they hold."""

import json
import logging
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import Any, Protocol, TypeAlias

from api.errors import ApiError, Conflict

logger = logging.getLogger(__name__)
KEPT = 32  # results; a page of figures is some hundred kilobytes
LIMIT_S = 600.0  # a job that takes longer is ended: something is wrong with it
Job: TypeAlias = dict[str, Any]
Result: TypeAlias = dict[str, Any]


class Computes(Protocol):
    """How a job is done; `Child` below is the one in service."""

    def __call__(self, job: Job) -> Result: ...

    def close(self) -> None: ...


class Background:
    """Results by key. The key says what the job rests on, so a result never grows stale: it is only asked for no more.

    Jobs wait in line, one at a time; the same key is never computed twice at once.
    """

    def __init__(self, compute: "Computes | None" = None) -> None:
        self._compute = compute or Child()
        self._jobs: OrderedDict[str, Future[Result]] = OrderedDict()
        self._lock = threading.Lock()
        self._line = ThreadPoolExecutor(max_workers=1, thread_name_prefix="figures")

    def result(self, key: str, job: Callable[[], Job], *, wait_s: float) -> Result | None:
        """The result, or None while it is being worked on after `wait_s` seconds. `job` is only asked where it is new.

        Raises Conflict when the job broke; asking again tries again.
        """
        with self._lock:
            known = key in self._jobs
        made = None if known else job()
        with self._lock:
            future = self._jobs.get(key)
            if future is None:
                future = self._jobs[key] = self._line.submit(self._compute, made if made is not None else job())
            self._jobs.move_to_end(key)
            while len(self._jobs) > KEPT:
                self._jobs.popitem(last=False)[1].cancel()
        try:
            return future.result(timeout=wait_s)
        except (TimeoutError, CancelledError):
            return None
        except ApiError:
            with self._lock:
                self._jobs.pop(key, None)
            raise

    def start(self, key: str, job: Job, then: Callable[[Result], None]) -> None:
        """As `result` without waiting; `then` runs once with the result, in the thread that waited for it."""

        def run() -> Result:
            found = self._compute(job)
            then(found)
            return found

        with self._lock:
            if key not in self._jobs or self._jobs[key].done():
                self._jobs[key] = self._line.submit(run)

    def under_way(self, key: str) -> bool:
        """Whether this job is waiting or being worked on."""
        with self._lock:
            return key in self._jobs and not self._jobs[key].done()

    def outcome(self, key: str) -> Result | ApiError | None:
        """What came of a finished job; None where there is none."""
        with self._lock:
            future = self._jobs.get(key)
        if future is None or not future.done() or future.cancelled():
            return None
        error = future.exception()
        return error if isinstance(error, ApiError) else None if error else future.result()

    def close(self) -> None:
        """Ends what is at work, and takes no more."""
        self._compute.close()
        self._line.shutdown(wait=True, cancel_futures=True)


class Child:
    """Runs each job in a process of its own, which ends with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._closed = False

    def __call__(self, job: Job) -> Result:
        """Raises Conflict when the process fails or takes longer than LIMIT_S."""
        with self._lock:
            if self._closed:
                raise _broken("the service is stopping")
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "api.agreement"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        try:
            said, error = process.communicate(json.dumps(job, allow_nan=False), timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise _broken(f"they took more than {LIMIT_S:g} seconds") from None
        if process.returncode != 0:
            logger.error("figures could not be computed:\n%s", error)
            raise _broken((error.strip().splitlines() or [f"exit code {process.returncode}"])[-1])
        result: Result = json.loads(said)
        return result

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._process is not None and self._process.poll() is None:
                self._process.kill()


def _broken(why: str) -> Conflict:
    return Conflict(
        "figures.failed",
        f"The figures could not be computed: {why}.",
        "Try again; if it happens again, tell whoever runs this service.",
    )
