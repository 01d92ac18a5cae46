"""One step of preparing a submission: open an attempt, run the stage in a child process, record what came of it."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from api.processing import ledger
from api.processing.child import Ending, Failed, Finished, Refused, RunsStages, run_stage
from api.processing.keeping import KEEP, Result, store_playback, too_long
from api.processing.ledger import AlreadyDone, Begun, Failure, Over
from api.processing.patience import TryAgain, write_patiently
from api.processing.stages import LABELS, StageName
from api.processing.workspace import Workspace
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AttemptOutcome, ObjectKind
from model.errors import LookforsError

log = logging.getLogger(__name__)

PROGRESS_EVERY_S = 0.5

# What reading a result raises when the stage left something else than it should have.
UNREADABLE = (LookforsError, LookupError, ValueError, OSError)

T = TypeVar("T")


class Lost(Exception):
    """The attempt was cancelled, deleted or overtaken; what it made is thrown away."""


class StepRunner:
    """Everything a step needs, held by the worker; steps themselves are given ids only."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        objects: ObjectStore,
        executor_id: str,
        *,
        runs_stages: RunsStages = run_stage,
    ) -> None:
        self._run_stage = runs_stages
        self._options = settings.worker
        self._limits = settings.limits
        self._database = database
        self._objects = objects
        self._executor_id = executor_id
        self._work = settings.data.resolve() / "work"
        self._stopping = False
        self._running: set[asyncio.Task[Any]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None  # the engine's, once a step has run
        self._touched: dict[str, float] = {}  # run id -> when a step of it last began or ended here
        self._since = time.monotonic()

    # ---- transactions ----------------------------------------------------------------------------------------------

    async def _write(self, act: Callable[[Session], T]) -> T:
        return await write_patiently(self._database, act)

    def _still_owned(self, begun: Begun) -> bool:
        with self._database.read() as session:
            return ledger.still_owned(session, begun)

    def _still_there(self, submission_id: str, files: Sequence[str]) -> bool:
        return Workspace(self._work, submission_id, self._objects).has(files)

    # ---- the step --------------------------------------------------------------------------------------------------

    async def run(self, run_id: str, stage: StageName) -> bool:
        """Whether the workflow goes on. Raises TryAgain."""
        if self._stopping:
            raise asyncio.CancelledError  # leaves no result: the step is run again elsewhere
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        self._touched[run_id] = math.inf  # at work
        try:
            return await self._run(run_id, stage)
        finally:
            self._running.discard(task)
            self._touched[run_id] = time.monotonic()

    def idle_s(self, run_id: str) -> float:
        """Seconds in which no step of this run was at work here."""
        return max(0.0, time.monotonic() - self._touched.get(run_id, self._since))

    async def _run(self, run_id: str, stage: StageName) -> bool:
        opened = await self._write(
            partial(
                ledger.begin,
                run_id=run_id,
                stage=stage,
                executor_id=self._executor_id,
                interruptions=self._options.interruptions,
                still_there=self._still_there,
            )
        )
        match opened:
            case Over():
                return False
            case AlreadyDone():
                return True
            case Begun():
                return await self._attempt(opened, stage)

    async def _attempt(self, begun: Begun, stage: StageName) -> bool:
        workspace = Workspace(self._work, begun.submission_id, self._objects)
        try:
            ending = await self._stage(begun, stage, workspace)
            if not isinstance(ending, Finished):
                # At once: on a full disk the record of what happened needs the room that these files take.
                await asyncio.to_thread(workspace.close, begun.attempt_id)
            return await self._settle(begun, stage, workspace, ending)
        except Lost:
            return False
        except asyncio.CancelledError:
            if self._stopping:
                await asyncio.shield(self._note_stopped(begun))
            raise
        finally:
            await asyncio.to_thread(workspace.close, begun.attempt_id)

    async def _stage(self, begun: Begun, stage: StageName, workspace: Workspace) -> Ending:
        """Runs the child. Raises Lost as soon as the attempt may no longer write."""
        try:
            source = await asyncio.to_thread(workspace.source, begun.source_key, begun.filename)
            folder = await asyncio.to_thread(workspace.open, begun.attempt_id, begun.files)
        except OSError as error:
            return Failed(type(error).__name__, str(error))
        await asyncio.to_thread(workspace.close_earlier, begun.attempt_id)
        async with self._reporting(begun) as (note, lost):
            child = asyncio.create_task(
                self._run_stage(
                    self._options.stage_command,
                    stage=stage,
                    source=source,
                    workspace=folder,
                    options=self._options.stage_options,
                    on_progress=note,
                )
            )
            return await self._first(child, lost)

    async def _first(self, child: "asyncio.Task[Ending]", lost: "asyncio.Task[None]") -> Ending:
        timeout_s = self._options.step_timeout.total_seconds()
        try:
            done, _ = await asyncio.wait({child, lost}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if child in done:
                return child.result()
            if lost in done:
                lost.result()  # raises what the reporter itself stumbled over
                raise Lost
            return Failed("timeout", f"The stage was still running after {timeout_s / 3600:.1f} hours.")
        finally:
            child.cancel()
            await asyncio.wait({child})

    @asynccontextmanager
    async def _reporting(self, begun: Begun) -> AsyncIterator[tuple[Callable[[float], None], "asyncio.Task[None]"]]:
        """Writes progress at a calm pace; the task ends when the attempt may no longer write."""
        heard: list[float] = []

        async def report() -> None:
            while True:
                await asyncio.sleep(PROGRESS_EVERY_S)
                if heard:
                    note = partial(ledger.note_progress, begun=begun, progress=heard[-1])
                    heard.clear()
                    owned = await self._write(note)
                else:
                    owned = await asyncio.to_thread(self._still_owned, begun)
                if not owned:
                    return

        reporter = asyncio.create_task(report())
        try:
            yield heard.append, reporter
        finally:
            reporter.cancel()
            await asyncio.wait({reporter})

    # ---- what came of it -------------------------------------------------------------------------------------------

    async def _settle(self, begun: Begun, stage: StageName, workspace: Workspace, ending: Ending) -> bool:
        match ending:
            case Finished():
                return await self._keep(begun, stage, workspace)
            case Refused():
                return await self._refuse(begun, workspace, ending)
            case Failed():
                log.warning("stage %s of run %s failed: %s: %s", stage, begun.run_id, ending.kind, ending.text)
                return await self._failed(begun, stage, ending)

    async def _keep(self, begun: Begun, stage: StageName, workspace: Workspace) -> bool:
        try:
            made = await asyncio.to_thread(workspace.commit, begun.attempt_id)
            if stage == "probe" and (refused := too_long(workspace.made("probe.json"), self._limits)):
                return await self._refuse(begun, workspace, refused)
            stored: dict[ObjectKind, str] = {}
            if stage == "playback":
                folder = workspace.made("")
                stored = await asyncio.to_thread(store_playback, self._objects, begun, made, folder)
        except UNREADABLE as error:
            return await self._failed(begun, stage, Failed(type(error).__name__, str(error)))

        def record(session: Session) -> bool:
            attempt = ledger.owned(session, begun)
            if attempt is None:
                return False
            ledger.finish(session, attempt, made)
            if stage in KEEP:
                KEEP[stage](session, Result(run=attempt.step.run, stored=stored, read=workspace.made))
            return True

        try:
            kept = await self._write(record)
        except UNREADABLE as error:
            return await self._failed(begun, stage, Failed(type(error).__name__, str(error)))
        if not kept:
            await asyncio.to_thread(self._objects.delete, stored.values())
            raise Lost
        if stage == "preannotation":
            await asyncio.to_thread(workspace.remove)
        return True

    async def _refuse(self, begun: Begun, workspace: Workspace, refused: Refused) -> bool:
        failure = Failure(code=refused.code, detail=refused.fact, remedy=refused.remedy, retryable=False)
        await self._give_up(begun, AttemptOutcome.REFUSED, refused.fact, failure)
        await asyncio.to_thread(workspace.remove)
        return False

    async def _failed(self, begun: Begun, stage: StageName, failed: Failed) -> bool:
        """Leaves the step for another try, or gives it up. Raises TryAgain."""
        failure = _failure(stage, failed, self._options.attempts)
        if failed.disk_full or failed.kind == "timeout":  # another try at once would meet the same
            await self._give_up(begun, AttemptOutcome.FAILED, failed.text, failure)
            return False

        def record(session: Session) -> bool:
            attempt = ledger.owned(session, begun)
            if attempt is None:
                raise Lost
            times = ledger.close_for_another_try(
                session, attempt, AttemptOutcome.FAILED, f"{failed.kind}: {failed.text}"
            )
            if times >= self._options.attempts:
                ledger.end_run(session, attempt.step.run, stage, failure)
            return times < self._options.attempts

        if await self._write(record):
            raise TryAgain(f"{stage}: {failed.kind}")
        return False

    async def _give_up(self, begun: Begun, outcome: AttemptOutcome, message: str, failure: Failure) -> None:
        def record(session: Session) -> None:
            attempt = ledger.owned(session, begun)
            if attempt is None:
                raise Lost
            ledger.give_up(session, attempt, outcome, message, failure)

        await self._write(record)

    # ---- stopping --------------------------------------------------------------------------------------------------

    async def _note_stopped(self, begun: Begun) -> None:
        def record(session: Session) -> None:
            attempt = ledger.owned(session, begun)
            if attempt is not None:
                ledger.close_for_another_try(
                    session, attempt, AttemptOutcome.STOPPED, "The worker was stopped; another goes on from here."
                )

        await self._write(record)

    def stop(self, *, within_s: float) -> None:
        """Ends the children of all running steps and notes that the steps themselves are not to blame.

        Called from outside the engine's loop.
        """
        self._stopping = True
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(timeout=within_s)

    async def _stop(self) -> None:
        tasks = set(self._running)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)


def _failure(stage: StageName, failed: Failed, attempts: int) -> Failure:
    label = LABELS[stage]
    if failed.disk_full:
        return Failure(
            code="storage.full",
            detail=f"The disk became full during “{label}”.",
            remedy="Make room on the server's disk, then try again: what was finished is kept.",
            retryable=True,
        )
    if failed.kind == "timeout":
        return Failure(
            code="processing.timeout",
            detail=f"“{label}” took too long and was stopped.",
            remedy="Try again when the machine is less busy, or upload a shorter video.",
            retryable=True,
        )
    return Failure(
        code="processing.failed",
        detail=f"“{label}” failed {attempts} times; the last time with {failed.kind}.",
        remedy="Try again. If it fails the same way, tell whoever runs this service: the log has the details.",
        retryable=True,
    )


def work_folder(settings: Settings) -> Path:
    return settings.data.resolve() / "work"
