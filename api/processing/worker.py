"""The worker process: takes runs, gives signs of life, takes over from the dead, clears up."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from api.processing import lease
from api.processing.dispatch import dispatch, dispatch_renewals, free_idle_places, reconcile, reconcile_renewals
from api.processing.engine import Engine
from api.processing.renewing import Renewer
from api.processing.steps import StepRunner
from api.processing.sweep import sweep, sweep_objects
from api.settings import Settings
from api.storage.base import new_id
from api.storage.objects import open_objects
from api.storage.session import Database

log = logging.getLogger(__name__)

RECONCILE_EVERY_S = 10.0
SWEEP_EVERY_S = 60.0
SWEEP_OBJECTS_EVERY_S = 3600.0  # it lists every object
STOP_WITHIN_S = 15.0


class Worker:
    """Runs until `stop` is set; what it was doing then goes on in another worker, or in the next one started here."""

    def __init__(self, settings: Settings) -> None:
        self.stop = threading.Event()
        self.failed = False
        self._settings = settings
        self._options = settings.worker
        # New with every start: a worker that comes back under a dead one's name would look alive in its place.
        self._executor_id = f"{socket.gethostname()}-{new_id()}"
        self._database = Database(settings.database, process="worker")
        self._objects = open_objects(settings)
        self._runner = StepRunner(settings, self._database, self._objects, self._executor_id)
        self._renewer = Renewer(settings, self._database)
        self._engine = Engine(settings, self._executor_id, self._runner, self._renewer)

    def run(self) -> None:
        self._beat()  # before the first run is taken, or it would be taken from us at once
        self._engine.start()
        threads = [
            threading.Thread(target=self._every, args=(self._options.beat_s, self._beat_and_watch), daemon=True),
            threading.Thread(target=self._every, args=(RECONCILE_EVERY_S, self._reconcile), daemon=True),
            threading.Thread(target=self._every, args=(SWEEP_EVERY_S, self._sweep), daemon=True),
            threading.Thread(target=self._every, args=(SWEEP_OBJECTS_EVERY_S, self._sweep_objects), daemon=True),
        ]
        for thread in threads:
            thread.start()
        self._every(self._options.poll_s, self._dispatch)
        self._wind_down()

    def _every(self, seconds: float, act: Callable[[], object]) -> None:
        while not self.stop.is_set():
            try:
                act()
            except (SQLAlchemyError, OSError):
                log.exception("%s failed; trying again in %.1f s", act.__name__, seconds)
            except Exception:
                # A worker without one of its loops would look alive and do half its work.
                log.exception("%s met a fault of ours; the worker ends", act.__name__)
                self.failed = True
                self.stop.set()
            self.stop.wait(seconds)

    def _beat(self) -> None:
        with self._database.write() as session:
            lease.beat(session, self._executor_id)

    def _beat_and_watch(self) -> None:
        self._beat()
        for dead in self._engine.recover_from_dead(self._alive):
            log.warning("took over what worker %s had begun", dead)

    def _alive(self) -> set[str]:
        with self._database.read() as session:
            return lease.alive(session, lease_s=self._options.lease_s)

    def _dispatch(self) -> None:
        dispatch(self._database, self._engine)
        dispatch_renewals(self._database, self._engine)

    def _reconcile(self) -> None:
        reconcile(self._database, self._engine)
        free_idle_places(self._database, self._engine, self._runner)
        reconcile_renewals(self._database, self._engine, self._renewer)

    def _sweep(self) -> None:
        sweep(self._settings, self._database, self._objects)

    def _sweep_objects(self) -> None:
        sweep_objects(self._database, self._objects)

    def _wind_down(self) -> None:
        """Ends children, notes that they were stopped and not at fault, and lets the lease go."""
        self._runner.stop(within_s=STOP_WITHIN_S)
        with self._database.write() as session:
            lease.end(session, self._executor_id)


def _stop_when_parent_ends(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stop.set()


def run_worker(settings: Settings, *, supervised: bool) -> None:
    """Blocks until SIGTERM or SIGINT, or, when supervised, until standard input closes."""
    worker = Worker(settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop.set())
    if supervised:
        threading.Thread(target=_stop_when_parent_ends, args=(worker.stop,), daemon=True).start()
    try:
        worker.run()
    except Exception:
        log.exception("the worker could not start, or not end in order")
        worker.failed = True
    # The engine's threads would wait for workflows that are not over; those are on record and go on elsewhere.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1 if worker.failed else 0)
