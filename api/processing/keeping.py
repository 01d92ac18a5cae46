"""What each stage's result adds to the rows, in the transaction that records the step as done."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.processing import ledger
from api.processing.child import Refused
from api.processing.stages import StageName
from api.settings import Limits
from api.storage.annotations import annotation_row
from api.storage.objects import ObjectStore
from api.storage.tables import (
    AnnotationRow,
    MediaObjectRow,
    ObjectKind,
    RunRow,
    SubmissionRow,
)
from model.errors import InputRefused
from model.formats.reading import Place
from model.preannotation import Media, MediaWarning, from_document, media_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a stage left: `read(name)` is a file of the workspace, whichever stage made it."""

    run: RunRow
    stored: dict[ObjectKind, str]  # keys of the objects made of its files
    read: Callable[[str], Path]


def _refuse(path: str, fact: str, remedy: str) -> InputRefused:
    return InputRefused("probe.invalid", f"probe.json: {path}: {fact}", remedy)


def _warning(warning: MediaWarning) -> dict[str, Any]:
    return {"code": warning.code, "text": warning.text, "at": list(warning.at)}


def _describe(submission: SubmissionRow, media: Media) -> None:
    kinds = {stream.kind for stream in media.streams}
    submission.duration = media.duration
    submission.sha256 = media.sha256
    submission.has_picture = "video" in kinds
    submission.has_sound = "audio" in kinds
    submission.warnings = [_warning(warning) for warning in media.warnings]


def _media(probe: Path) -> Media:
    return media_from(Place(json.loads(probe.read_bytes()), "", _refuse))


def too_long(probe: Path, limits: Limits) -> Refused | None:
    """This service's own limit; the stages know only what they could bear."""
    duration = _media(probe).duration
    if duration is None or duration <= limits.duration_s:
        return None
    return Refused(
        "media.too_long",
        f"The recording lasts {duration / 60:.0f} minutes; this service takes up to {limits.duration_s / 60:.0f}.",
        "Cut it into parts and upload them one by one.",
    )


def keep_probe(session: Session, result: Result) -> None:
    _describe(result.run.submission, _media(result.read("probe.json")))


PLAYBACK_FILES: dict[str, tuple[ObjectKind, str]] = {
    "proxy.mp4": (ObjectKind.PROXY, "video/mp4"),
    "peaks.json": (ObjectKind.PEAKS, "application/json"),
    "thumbnails.jpg": (ObjectKind.THUMBNAILS, "image/jpeg"),
    "thumbnails.json": (ObjectKind.THUMBNAILS_INDEX, "application/json"),
}


def store_playback(objects: ObjectStore, begun: ledger.Begun, made: list[str], folder: Path) -> dict[ObjectKind, str]:
    """Copies what browsers need out of the workspace; before the transaction, under keys known beforehand."""
    stored = {}
    for name, (kind, _) in PLAYBACK_FILES.items():
        if name in made:
            stored[kind] = f"derived/{begun.submission_id}/{begun.attempt_id}/{name}"
            objects.put(stored[kind], folder / name)
    return stored


def keep_playback(session: Session, result: Result) -> None:
    known = {row.kind: row for row in result.run.submission.objects}
    for name, (kind, content_type) in PLAYBACK_FILES.items():
        if kind not in result.stored:
            continue
        row = known.get(kind) or MediaObjectRow(submission_id=result.run.submission_id, kind=kind)
        row.key, row.content_type = result.stored[kind], content_type
        row.size = result.read(name).stat().st_size
        session.add(row)


def keep_preannotation(session: Session, result: Result) -> None:
    """Transcript, evidence, measures and versions at once, and with them the submission is ready."""
    document = result.read("preannotation.json").read_bytes()
    found = from_document(json.loads(document))
    submission = result.run.submission
    newest = session.scalar(select(func.max(AnnotationRow.version)).where(AnnotationRow.submission_id == submission.id))
    annotation = annotation_row(
        submission_id=submission.id, run_id=result.run.id, version=(newest or 0) + 1, found=found, document=document
    )
    session.add(annotation)
    _describe(submission, found.media)
    submission.coverage = found.transcript.speech.coverage if found.transcript.speech is not None else None
    ledger.finish_run(session, result.run)


KEEP: dict[StageName, Callable[[Session, Result], None]] = {
    "probe": keep_probe,
    "playback": keep_playback,
    "preannotation": keep_preannotation,
}
