"""Hands wished-for runs to the workflow engine, and finds those the engine has lost."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.corrections import renewals
from api.processing import ledger
from api.processing.engine import UNFINISHED, Engine
from api.processing.renewing import Renewer
from api.processing.stages import RENEWAL_WORKFLOW, WORKFLOW
from api.processing.steps import StepRunner
from api.storage.base import now
from api.storage.desk_tables import RenewalRow
from api.storage.session import Database
from api.storage.tables import AttemptOutcome, RunRow, RunState, StepState

log = logging.getLogger(__name__)

IDLE_S = 120.0  # longer than any pause between two tries of a step


def dispatch(database: Database, engine: Engine) -> int:
    """Enqueues every new run; a run enqueued twice, because this was cut off half-way, still runs once."""
    with database.read() as session:
        wanted = session.scalars(
            select(RunRow.id)
            .where(RunRow.state == RunState.WANTED, RunRow.workflow == WORKFLOW)
            .order_by(RunRow.id)
            .limit(100)
        ).all()
    for run_id in wanted:
        engine.enqueue(run_id)
        with database.write() as session:
            run = ledger.open_run(session, run_id)
            if run is not None and run.state is RunState.WANTED:
                run.state = RunState.QUEUED
    return len(wanted)


def reconcile(database: Database, engine: Engine) -> None:
    """Runs that we think are under way and the engine does not.

    One the engine has never heard of, because its tables were lost, is asked for again. One the engine has ended
    without our ledger saying so met a fault of ours; it is failed, so that a person can try again.
    """
    with database.read() as session:
        under_way = session.scalars(
            select(RunRow.id).where(RunRow.state.in_((RunState.QUEUED, RunState.RUNNING)))
        ).all()
    statuses = engine.statuses(list(under_way))
    for run_id in under_way:
        status = statuses.get(run_id)
        if status in UNFINISHED:
            continue
        with database.write() as session:
            run = ledger.open_run(session, run_id)
            if run is None or run.state is RunState.WANTED:
                continue
            if status is None:
                run.state = RunState.WANTED
            else:
                log.error("run %s is %s for the workflow engine but not in the ledger", run_id, status)
                _fail(session, run)


def free_idle_places(database: Database, engine: Engine, runner: StepRunner) -> None:
    """Runs that the engine counts as this worker's although nothing works on them: the engine could not write down how
    a step ended, most often because the disk was full. They would keep their place for ever."""
    for run_id in engine.pending_here(WORKFLOW):
        if runner.idle_s(run_id) < IDLE_S:
            continue
        with database.read() as session:
            is_open = session.scalar(select(RunRow.id).where(RunRow.id == run_id, RunRow.state.in_(ledger.OPEN_RUNS)))
        if is_open:
            engine.take_up_again(run_id)
        else:
            engine.let_go(run_id)


# ---- evidence looked for again -------------------------------------------------------------------------------------


def dispatch_renewals(database: Database, engine: Engine) -> None:
    """Enqueues renewals whose corrections have paused; of one submission only one is at work at a time."""
    at_work = select(RenewalRow.submission_id).where(RenewalRow.state.in_((RunState.QUEUED, RunState.RUNNING)))
    with database.read() as session:
        due = session.scalars(
            select(RenewalRow.id)
            .where(
                RenewalRow.state == RunState.WANTED,
                RenewalRow.due_at <= now(),
                RenewalRow.submission_id.not_in(at_work),
            )
            .order_by(RenewalRow.id)
            .limit(100)
        ).all()
    for renewal_id in due:
        with database.write() as session:
            row = session.get(RenewalRow, renewal_id, with_for_update=True)
            # Marked first, unlike a run: from here on a further correction is a wish of its own.
            if row is None or row.state is not RunState.WANTED:
                continue
            row.state = RunState.QUEUED
        engine.enqueue_renewal(renewal_id)


def reconcile_renewals(database: Database, engine: Engine, renewer: Renewer) -> None:
    """Renewals marked as handed over that the engine does not work on: handed over again, or failed if it has ended
    them; and places in its line that are kept by renewals nobody works on."""
    with database.read() as session:
        under_way = session.scalars(
            select(RenewalRow.id).where(RenewalRow.state.in_((RunState.QUEUED, RunState.RUNNING)))
        ).all()
    statuses = engine.statuses(list(under_way))
    for renewal_id in under_way:
        status = statuses.get(renewal_id)
        if status is None:
            engine.enqueue_renewal(renewal_id)
        elif status not in UNFINISHED:
            log.error("renewal %s is %s for the workflow engine but not in the ledger", renewal_id, status)
            with database.write() as session:
                renewals.give_up(session, renewal_id)
    for renewal_id in engine.pending_here(RENEWAL_WORKFLOW):
        if renewer.idle_s(renewal_id) < IDLE_S:
            continue
        if renewal_id in under_way:
            engine.take_up_again(renewal_id)
        else:
            engine.let_go(renewal_id)


def _fail(session: Session, run: RunRow) -> None:
    unfinished = next((step for step in run.steps if step.state is not StepState.DONE), run.steps[-1])
    ledger.close_open_attempts(unfinished, AttemptOutcome.INTERRUPTED)
    ledger.end_run(
        session,
        run,
        unfinished.name,
        ledger.Failure(
            code="processing.stopped",
            detail="The preparation of this video stopped without a result.",
            remedy="Try again. If it stops again, tell whoever runs this service: the log has the details.",
            retryable=True,
        ),
    )
