"""The workflow engine: one durable workflow per run, one durable step per stage (DBOS); and one per renewal.

Steps already recorded are not run again after a crash; a workflow whose worker died is handed to another. The engine
keeps its own tables (see `Settings.processing_database`); what people see is in ours.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import TypeVar

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy import make_url

from api.processing.patience import TryAgain
from api.processing.renewing import Renewer
from api.processing.stages import RENEWAL_WORKFLOW, STAGES, WORKFLOW, StageName
from api.processing.steps import StepRunner
from api.settings import Settings
from api.storage.upgrade import write_ahead

QUEUE = "submissions"
RENEWALS = "renewals"  # a queue of their own: a reviewer waits for them, and a long video must not stand before
# Workflows of another version would wait for a worker of that version for ever. The name in WORKFLOW carries the
# version that matters, so this one never changes.
APPLICATION_VERSION = "1"
# The ledger counts failures and interruptions per step and gives up with a reason; these only have to be larger.
ENGINE_TRIES = 1000

T = TypeVar("T")
Step = Callable[[str], Awaitable[bool]]
UNFINISHED = ("PENDING", "ENQUEUED", "DELAYED")


def _use_wal(url: str) -> None:
    """The engine leaves SQLite in the mode that blocks readers while it writes; the setting stays with the file."""
    with closing(sqlite3.connect(make_url(url).database or "")) as connection:
        write_ahead(connection)


class Engine:
    """There can be one per process."""

    def __init__(self, settings: Settings, executor_id: str, runner: StepRunner, renewer: Renewer) -> None:
        url = settings.processing_database
        if url.startswith("sqlite"):
            _use_wal(url)
        self._options = settings.worker
        self._executor_id = executor_id
        config: DBOSConfig = {
            "name": "lookfors",
            "system_database_url": url,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            "log_level": "ERROR",
        }
        DBOS(config=config)
        self._workflow = self._register(runner)
        self._renewal = self._register_renewal(renewer)

    def _register(self, runner: StepRunner) -> Callable[[str], Awaitable[None]]:
        steps = tuple(self._step(runner, stage.name) for stage in STAGES)

        async def prepare_submission(run_id: str) -> None:
            for step in steps:
                if not await step(run_id):
                    return

        workflow: Callable[[str], Awaitable[None]] = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=ENGINE_TRIES)(
            prepare_submission
        )
        return workflow

    def _step(self, runner: StepRunner, stage: StageName) -> Step:
        async def step(run_id: str) -> bool:
            return await runner.run(run_id, stage)

        return self._durable(stage, step)

    def _durable(self, name: str, step: Callable[[str], Awaitable[T]]) -> Callable[[str], Awaitable[T]]:
        durable: Callable[[str], Awaitable[T]] = DBOS.step(
            name=name,
            preemptible=True,
            retries_allowed=True,
            max_attempts=ENGINE_TRIES,
            interval_seconds=self._options.backoff_s,
            backoff_rate=2.0,
            should_retry=lambda error: isinstance(error, TryAgain),
        )(step)
        return durable

    def _register_renewal(self, renewer: Renewer) -> Callable[[str], Awaitable[None]]:
        async def look(renewal_id: str) -> None:
            await renewer.run(renewal_id)

        step = self._durable("look_again", look)

        async def renew_evidence(renewal_id: str) -> None:
            await step(renewal_id)

        workflow: Callable[[str], Awaitable[None]] = DBOS.workflow(
            name=RENEWAL_WORKFLOW, max_recovery_attempts=ENGINE_TRIES
        )(renew_evidence)
        return workflow

    def start(self) -> None:
        DBOS.launch()
        for queue, concurrency in ((QUEUE, self._options.concurrency), (RENEWALS, 1)):
            DBOS.register_queue(
                queue,
                worker_concurrency=concurrency,
                polling_interval_sec=self._options.poll_s,
                on_conflict="always_update",
            )

    def enqueue(self, run_id: str) -> None:
        """Does nothing for a run that has been handed over before."""
        with SetWorkflowID(run_id):
            DBOS.enqueue_workflow(QUEUE, self._workflow, run_id)

    def enqueue_renewal(self, renewal_id: str) -> None:
        """Does nothing for one that has been handed over before."""
        with SetWorkflowID(renewal_id):
            DBOS.enqueue_workflow(RENEWALS, self._renewal, renewal_id)

    def statuses(self, run_ids: list[str]) -> dict[str, str]:
        """The engine's own word for each run it knows."""
        if not run_ids:
            return {}
        found = DBOS.list_workflows(workflow_ids=run_ids, load_input=False, load_output=False)
        return {workflow.workflow_id: workflow.status for workflow in found}

    def recover_from_dead(self, alive: Callable[[], set[str]]) -> list[str]:
        """Takes over what executors that are not alive had begun; answers with their names.

        Who is alive is asked last: whoever has begun something by then has given a sign of life before. This process
        is alive even where its own sign came too late.

        The call is private: no public one asks whether the executor still has the workflow. A test holds it, and
        the version of DBOS is pinned.
        """
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        living = alive() | {self._executor_id}
        dead = sorted({w.executor_id for w in pending if w.executor_id and w.executor_id not in living})
        for executor_id in dead:
            DBOS._recover_pending_workflows([executor_id])
        return dead

    def pending_here(self, workflow: str) -> list[str]:
        """Runs, or renewals, that the engine believes this process is working on."""
        found = DBOS.list_workflows(
            name=workflow, status="PENDING", executor_id=self._executor_id, load_input=False, load_output=False
        )
        return [workflow.workflow_id for workflow in found]

    def take_up_again(self, run_id: str) -> None:
        """Puts a run that nobody works on back into the queue."""
        DBOS.resume_workflow(run_id)

    def let_go(self, run_id: str) -> None:
        """Frees the place of a run that is over."""
        DBOS.cancel_workflow(run_id)
