"""What is on record about steps and attempts. Every function works in its caller's transaction.

An attempt may write only while it is open and its run is running: cancelling, deleting, or a newer attempt closes it,
and whoever comes too late is told so and leaves no trace.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.processing.stages import LABELS
from api.storage.base import now
from api.storage.changes import mark_changed
from api.storage.tables import (
    AttemptOutcome,
    AttemptRow,
    MediaObjectRow,
    ObjectKind,
    RunRow,
    RunState,
    StepRow,
    StepState,
    SubmissionState,
)

OPEN_RUNS = (RunState.WANTED, RunState.QUEUED, RunState.RUNNING)
MESSAGE_KEPT = 2000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a run ended, for the person who waits for it."""

    code: str
    detail: str
    remedy: str
    retryable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    attempt_id: str
    run_id: str
    submission_id: str
    source_key: str
    filename: str
    files: tuple[str, ...]  # what earlier steps left


@dataclass(frozen=True, slots=True)
class AlreadyDone:
    """There is nothing left to do for this step."""


@dataclass(frozen=True, slots=True)
class Over:
    """The run has ended, was cancelled or deleted."""


def open_run(session: Session, run_id: str) -> RunRow | None:
    """The run, locked, if it is still to be worked on."""
    run = session.scalars(select(RunRow).where(RunRow.id == run_id).with_for_update()).one_or_none()
    return run if run is not None and run.state in OPEN_RUNS else None


def _step(run: RunRow, stage: str) -> StepRow:
    return next(step for step in run.steps if step.name == stage)


def begin(
    session: Session,
    *,
    run_id: str,
    stage: str,
    executor_id: str,
    interruptions: int,
    still_there: Callable[[str, Sequence[str]], bool],
) -> Begun | AlreadyDone | Over:
    """Opens an attempt. Earlier attempts that never ended were interrupted; too many of those end the run.

    What an earlier run of the submission finished is done here too, unless its files have been cleared away since:
    `still_there(submission_id, files)` says.
    """
    run = open_run(session, run_id)
    if run is None:
        return Over()
    step = _step(run, stage)
    if step.state is StepState.DONE and (step.attempts or still_there(run.submission_id, step.files)):
        return AlreadyDone()
    moment = now()
    close_open_attempts(step, AttemptOutcome.INTERRUPTED)
    interrupted = sum(attempt.outcome is AttemptOutcome.INTERRUPTED for attempt in step.attempts)
    if interrupted >= interruptions:
        end_run(session, run, stage, _worker_lost(stage, interrupted))
        return Over()
    attempt = AttemptRow(number=len(step.attempts) + 1, executor_id=executor_id, started_at=moment)
    step.attempts.append(attempt)
    step.state, step.progress, step.message, step.ended_at = StepState.RUNNING, 0.0, None, None
    step.started_at = step.started_at or moment
    run.state = RunState.RUNNING
    run.submission.state = SubmissionState.PROCESSING
    mark_changed(session, run.submission)
    session.flush()
    original = session.scalars(
        select(MediaObjectRow).where(
            MediaObjectRow.submission_id == run.submission_id, MediaObjectRow.kind == ObjectKind.ORIGINAL
        )
    ).one()
    return Begun(
        attempt_id=attempt.id,
        run_id=run.id,
        submission_id=run.submission_id,
        source_key=original.key,
        filename=run.submission.filename,
        files=tuple(name for other in run.steps if other.position < step.position for name in other.files),
    )


def close_open_attempts(step: StepRow, outcome: AttemptOutcome) -> None:
    for attempt in step.attempts:
        if attempt.outcome is None:
            attempt.outcome, attempt.ended_at = outcome, now()


def _worker_lost(stage: str, times: int) -> Failure:
    return Failure(
        code="processing.interrupted",
        detail=f"“{LABELS[stage]}” was cut off {times} times because the worker stopped in the middle of it.",
        remedy="The file may need more memory than this machine has. Make room, then try again.",
        retryable=True,
    )


def owned(session: Session, begun: Begun) -> AttemptRow | None:
    """The attempt, its run locked, if it may still write."""
    run = open_run(session, begun.run_id)
    attempt = session.get(AttemptRow, begun.attempt_id, populate_existing=True)
    if run is None or run.state is not RunState.RUNNING or attempt is None or attempt.outcome is not None:
        return None
    return attempt


def still_owned(session: Session, begun: Begun) -> bool:
    """The same question without a lock, for a reading transaction."""
    return (
        session.scalar(
            select(AttemptRow.id)
            .join(StepRow)
            .join(RunRow)
            .where(AttemptRow.id == begun.attempt_id, AttemptRow.outcome.is_(None), RunRow.state == RunState.RUNNING)
        )
        is not None
    )


def note_progress(session: Session, *, begun: Begun, progress: float) -> bool:
    """Whether the attempt may go on."""
    attempt = owned(session, begun)
    if attempt is None:
        return False
    attempt.step.progress = min(1.0, max(0.0, progress))
    mark_changed(session, attempt.step.run.submission)
    return True


def _close(attempt: AttemptRow, outcome: AttemptOutcome, message: str | None) -> datetime:
    moment = now()
    attempt.outcome, attempt.ended_at, attempt.message = outcome, moment, message and message[:MESSAGE_KEPT]
    return moment


def finish(session: Session, attempt: AttemptRow, files: list[str]) -> None:
    """The step is done; its files are in place."""
    step = attempt.step
    step.ended_at = _close(attempt, AttemptOutcome.DONE, None)
    step.state, step.progress, step.files, step.message = StepState.DONE, 1.0, files, None
    mark_changed(session, step.run.submission)


def finish_run(session: Session, run: RunRow) -> None:
    run.state, run.ended_at = RunState.DONE, now()
    run.submission.state, run.submission.failure = SubmissionState.READY, None
    mark_changed(session, run.submission)


def close_for_another_try(session: Session, attempt: AttemptRow, outcome: AttemptOutcome, message: str) -> int:
    """Ends the attempt but not the step; answers how often the step has failed."""
    _close(attempt, outcome, message)
    step = attempt.step
    step.state, step.progress, step.message = StepState.WAITING, 0.0, message.splitlines()[0][:300]
    mark_changed(session, step.run.submission)
    return sum(other.outcome is AttemptOutcome.FAILED for other in step.attempts)


def end_run(session: Session, run: RunRow, stage: str, failure: Failure) -> None:
    """The run has failed at this stage; the submission says why."""
    moment = now()
    run.state, run.ended_at = RunState.FAILED, moment
    for step in run.steps:
        if step.name == stage:
            step.state, step.ended_at, step.message = StepState.FAILED, moment, failure.detail
        elif step.state in {StepState.WAITING, StepState.RUNNING}:
            step.state = StepState.SKIPPED
    run.submission.state = SubmissionState.FAILED
    run.submission.failure = {
        "code": failure.code,
        "detail": failure.detail,
        "remedy": failure.remedy,
        "retryable": failure.retryable,
    }
    mark_changed(session, run.submission)


def cancel_run(session: Session, run: RunRow) -> None:
    """A person does not want it any more; what is finished stays finished."""
    moment = now()
    run.state, run.ended_at = RunState.CANCELLED, moment
    for step in run.steps:
        close_open_attempts(step, AttemptOutcome.CANCELLED)
        if step.state in {StepState.WAITING, StepState.RUNNING}:
            step.state, step.ended_at = StepState.CANCELLED, moment
    run.submission.state = SubmissionState.CANCELLED
    mark_changed(session, run.submission)


def give_up(session: Session, attempt: AttemptRow, outcome: AttemptOutcome, message: str, failure: Failure) -> None:
    """Ends the attempt, its step and the run."""
    _close(attempt, outcome, message)
    end_run(session, attempt.step.run, attempt.step.name, failure)
