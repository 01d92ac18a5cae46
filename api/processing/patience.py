"""What is written although the database cannot be written just now, and what is tried again."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.storage.session import Database

log = logging.getLogger(__name__)

WAIT_S = (0.5, 30.0)  # first and longest pause while the database cannot be written
PATIENCE_S = 600.0  # then it is left to `dispatch`, which looks for what was lost

T = TypeVar("T")


class TryAgain(Exception):
    """The step failed and has tries left; the workflow engine waits and calls it again."""


async def write_patiently(database: Database, act: Callable[[Session], T]) -> T:
    """One transaction off the event loop. A database that cannot be written just now, because the disk is full or the
    server restarts, is waited for: giving up at once would lose what was done."""
    pause, longest = WAIT_S
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await asyncio.to_thread(_transaction, database, act)
        except OperationalError:
            if time.monotonic() > end:
                raise
            log.warning("the database cannot be written; trying again in %.1f s", pause, exc_info=True)
            await asyncio.sleep(pause)
            pause = min(longest, pause * 2)


def _transaction(database: Database, act: Callable[[Session], T]) -> T:
    with database.write() as session:
        return act(session)
