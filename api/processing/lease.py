"""Signs of life. Whoever's lease has run out is taken for dead, and what it had begun is taken over.

A worker only thought dead, because its machine slept, cannot harm: the workflow engine refuses what it brings back,
and the ledger closes its attempts.
"""

import os
import socket
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.storage.base import now
from api.storage.tables import WorkerLeaseRow


def beat(session: Session, executor_id: str) -> None:
    session.connection()  # here SQLite waits for its lock: a time taken before might have run out when it is written
    seen = session.execute(
        update(WorkerLeaseRow)
        .where(WorkerLeaseRow.executor_id == executor_id)
        .values(seen_at=now())
        .returning(WorkerLeaseRow.executor_id)
    ).one_or_none()
    if seen is None:
        session.add(WorkerLeaseRow(executor_id=executor_id, host=socket.gethostname(), pid=os.getpid()))


def alive(session: Session, *, lease_s: float) -> set[str]:
    """Executors whose lease has not run out."""
    return set(
        session.scalars(
            select(WorkerLeaseRow.executor_id).where(WorkerLeaseRow.seen_at > now() - timedelta(seconds=lease_s))
        )
    )


def end(session: Session, executor_id: str) -> None:
    session.execute(delete(WorkerLeaseRow).where(WorkerLeaseRow.executor_id == executor_id))


def end_of_process(session: Session, pid: int) -> None:
    """For a supervisor that has seen this worker of its own machine end: nobody needs to wait for the lease."""
    session.execute(
        delete(WorkerLeaseRow).where(WorkerLeaseRow.host == socket.gethostname(), WorkerLeaseRow.pid == pid)
    )


def sweep(session: Session) -> None:
    """Forgets workers that have been gone for a day."""
    session.execute(delete(WorkerLeaseRow).where(WorkerLeaseRow.seen_at < now() - timedelta(days=1)))
