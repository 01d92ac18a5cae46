"""Looks for evidence again in a corrected transcript: one durable step, one child process, one transaction.

The worker may be killed at any moment. What the child made is then lost and made again; what the transaction wrote is
there whole or not at all.
"""

import asyncio
import json
import logging
import math
import shutil
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from api.corrections import renewals
from api.corrections.renewals import Begun
from api.processing.child import Ending, Failed, Finished, Refused, RunsStages, run_stage
from api.processing.patience import TryAgain, write_patiently
from api.settings import Settings
from api.storage.session import Database
from model.errors import LookforsError
from model.preannotation import from_document

log = logging.getLogger(__name__)

STAGE = "renewal"
RESULT = "preannotation.json"
UNREADABLE = (LookforsError, LookupError, ValueError, OSError)


class Renewer:
    """Everything a renewal needs, held by the worker; the step itself is given an id only."""

    def __init__(self, settings: Settings, database: Database, *, runs_stages: RunsStages = run_stage) -> None:
        self._options = settings.worker
        self._database = database
        self._folder = renewals_folder(settings)
        self._run_stage = runs_stages
        self._touched: dict[str, float] = {}  # renewal id -> when it last began or ended here
        self._since = time.monotonic()

    async def run(self, renewal_id: str) -> None:
        """Raises TryAgain."""
        self._touched[renewal_id] = math.inf  # at work
        try:
            begin = partial(renewals.begin, renewal_id=renewal_id, interruptions=self._options.interruptions)
            begun = await write_patiently(self._database, begin)
            if begun is not None:
                await self._look(begun)
        finally:
            self._touched[renewal_id] = time.monotonic()

    def idle_s(self, renewal_id: str) -> float:
        """Seconds in which this renewal was not at work here."""
        return max(0.0, time.monotonic() - self._touched.get(renewal_id, self._since))

    async def _look(self, begun: Begun) -> None:
        folder = self._folder / begun.renewal_id / str(begun.number)
        try:
            try:
                ending, made = await self._stage(begun, folder)
            finally:  # before the result is kept: from then on a worker that is asked to stop may end
                await asyncio.to_thread(_clear, folder)
            if isinstance(ending, Finished):
                found = await asyncio.to_thread(lambda: from_document(json.loads(made)))
                keep = partial(renewals.keep, begun=begun, found=found, document=made)
                await write_patiently(self._database, keep)
                return
        except UNREADABLE as error:
            ending = Failed(type(error).__name__, str(error))
        await self._failed(begun, ending)

    async def _stage(self, begun: Begun, folder: Path) -> tuple[Ending, bytes]:
        workspace = folder / "work"
        await asyncio.to_thread(workspace.mkdir, parents=True)
        source = folder / "corrected.json"
        await asyncio.to_thread(source.write_bytes, begun.document)
        look = self._run_stage(
            self._options.stage_command,
            stage=STAGE,
            source=source,
            workspace=workspace,
            options=self._options.stage_options,
            on_progress=lambda _: None,
        )
        try:
            ending = await asyncio.wait_for(look, self._options.step_timeout.total_seconds())
        except TimeoutError:
            return Failed("timeout", "Looking again took too long and was stopped."), b""
        made = await asyncio.to_thread((workspace / RESULT).read_bytes) if isinstance(ending, Finished) else b""
        return ending, made

    async def _failed(self, begun: Begun, ending: Ending) -> None:
        """Raises TryAgain while there are tries left. What was refused would be refused again."""
        said = ending.fact if isinstance(ending, Refused) else getattr(ending, "text", "")
        log.warning("renewal %s of submission %s failed: %s", begun.renewal_id, begun.submission_id, said)
        attempts = 0 if isinstance(ending, Refused) else self._options.attempts
        if await write_patiently(self._database, partial(renewals.fail, begun=begun, message=said, attempts=attempts)):
            raise TryAgain(f"renewal {begun.renewal_id}")


def _clear(folder: Path) -> None:
    """Removes the folder of a try, and of those before it, whose worker was killed; a later one may be at work."""
    for number in range(1, int(folder.name) + 1):
        shutil.rmtree(folder.with_name(str(number)), ignore_errors=True)
    with suppress(OSError):
        folder.parent.rmdir()


def renewals_folder(settings: Settings) -> Path:
    return settings.data.resolve() / "renewals"
