"""Clears away what nobody needs any more. Safe to run at any time, in any number of workers."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from api.auth import service as auth
from api.processing import lease
from api.processing.ledger import OPEN_RUNS
from api.processing.renewing import renewals_folder
from api.processing.steps import work_folder
from api.processing.workspace import Workspace
from api.settings import Settings
from api.storage.base import now
from api.storage.desk_tables import RenewalRow
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import MediaObjectRow, RunRow, SubmissionRow, SubmissionState, UploadRow
from api.submissions.removal import finish_deletions
from api.uploads.files import PartFiles

UNOWNED_FOR = timedelta(days=1)  # objects younger than this may belong to a transaction that is not over
UNKNOWN_FOR = timedelta(minutes=10)  # so may files of uploads


def sweep(settings: Settings, database: Database, objects: ObjectStore) -> None:
    finish_deletions(database, objects)
    sweep_workspaces(settings, database, objects)
    sweep_renewals(settings, database)
    sweep_uploads(settings, database)
    with database.write() as session:
        auth.sweep(session, options=settings.sessions)
        lease.sweep(session)


def sweep_workspaces(settings: Settings, database: Database, objects: ObjectStore) -> None:
    """Working files of submissions that are gone, ready, beyond retry, or have not been retried for long."""
    root = work_folder(settings)
    if not root.is_dir():
        return
    for folder in root.iterdir():
        with database.read() as session:
            submission = session.get(SubmissionRow, folder.name)
            runs = [] if submission is None else submission.runs
        if any(run.state in OPEN_RUNS for run in runs):
            continue
        if submission is None or not _may_be_retried(submission) or _idle(folder, settings.worker.keep_work):
            Workspace(root, folder.name, objects).remove()


def sweep_renewals(settings: Settings, database: Database) -> None:
    """Working files of renewals that are over; a worker that was killed could not remove them."""
    root = renewals_folder(settings)
    for folder in root.iterdir() if root.is_dir() else ():
        with database.read() as session:
            row = session.get(RenewalRow, folder.name)
        if row is None or row.state not in OPEN_RUNS:
            shutil.rmtree(folder, ignore_errors=True)


def _may_be_retried(submission: SubmissionRow) -> bool:
    if submission.state is SubmissionState.CANCELLED:
        return True
    return (
        submission.state is SubmissionState.FAILED
        and submission.failure is not None
        and bool(submission.failure["retryable"])
    )


def _idle(folder: Path, for_long: timedelta) -> bool:
    try:
        changed = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return changed < now() - for_long


def sweep_uploads(settings: Settings, database: Database) -> None:
    """Uploads nobody finished or handed in, and files without an upload."""
    parts = PartFiles(settings.data / "uploads", disk_reserve_bytes=settings.limits.disk_reserve_bytes)
    present = parts.ids()
    with database.write() as session:
        for row in session.scalars(select(UploadRow).where(UploadRow.expires_at <= now())):
            session.delete(row)
        session.flush()
        known = set(session.scalars(select(UploadRow.id)))
    old = (now() - UNKNOWN_FOR).timestamp()
    for upload_id in present - known:
        if parts.changed_at(upload_id) < old:
            parts.remove(upload_id)


def sweep_objects(database: Database, objects: ObjectStore) -> None:
    """Objects that no row names: left by a hand-in or a step that was cut off for good."""
    with database.read() as session:
        named = set(session.scalars(select(MediaObjectRow.key)))
        uploads = {f"originals/{upload_id}" for upload_id in session.scalars(select(UploadRow.id))}
        working = set(session.scalars(select(RunRow.submission_id).where(RunRow.state.in_(OPEN_RUNS))))
    old = now() - UNOWNED_FOR
    for prefix in ("originals/", "derived/"):
        for item in objects.list(prefix):
            owner = item.key.split("/")[1]
            if item.key not in named | uploads and owner not in working and item.modified < old:
                objects.delete([item.key])
