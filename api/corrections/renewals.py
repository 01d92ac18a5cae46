"""What is on record about looking for evidence again. Every function works in its caller's transaction.

Corrections come in bursts: the wish to look again waits until they pause (`settle_s`), but not for ever
(`settle_most_s`), and takes along all that were made until it begins. What comes later is a wish of its own, so there
are never more than one waiting and one at work.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from api.corrections.reading import Revision, newest_annotation, read_revision
from api.settings import Worker
from api.storage.annotations import annotation_row
from api.storage.base import now
from api.storage.changes import mark_changed
from api.storage.desk_tables import AssignmentRow, RenewalRow
from api.storage.tables import AnnotationRow, EvidenceRow, RunState
from model.indicators import Indicator
from model.preannotation import PreAnnotation, Version, to_document
from model.same_moment import Found, match_moments

OPEN = (RunState.WANTED, RunState.QUEUED, RunState.RUNNING)
PART = "corrections"  # of the versions of an annotation
MESSAGE_KEPT = 2000  # characters


def want(session: Session, submission_id: str, *, options: Worker) -> None:
    """Evidence is to be looked for again, soon after the last correction. The submission must be locked."""
    moment = now()
    row = session.scalar(
        select(RenewalRow)
        .where(RenewalRow.submission_id == submission_id, RenewalRow.state == RunState.WANTED)
        .with_for_update()
    )
    due = moment + timedelta(seconds=options.settle_s)
    if row is None:
        session.add(RenewalRow(submission_id=submission_id, wanted_at=moment, due_at=due))
    else:
        row.due_at = min(due, row.wanted_at + timedelta(seconds=options.settle_most_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    renewal_id: str
    number: int  # of the try
    submission_id: str
    machine_id: str  # the annotation whose transcript is corrected
    corrections: tuple[str, ...]
    document: bytes  # what is to be looked at: the corrected transcript, without findings


def _open(session: Session, renewal_id: str) -> RenewalRow | None:
    """The renewal, locked, if it is still to be done."""
    row = session.get(RenewalRow, renewal_id)
    if row is None:
        return None
    # The change counter is locked first, here as where corrections are made: two that wait for each other never end.
    mark_changed(session, row.submission)
    session.flush()
    session.refresh(row, with_for_update=True)
    return row if row.state in OPEN else None


def begin(session: Session, *, renewal_id: str, interruptions: int) -> Begun | None:
    """None where there is nothing to do: done, deleted, or the newest evidence is of this very transcript."""
    row = _open(session, renewal_id)
    if row is None:
        return None
    newest = newest_annotation(session, row.submission_id)
    revision = None if newest is None else read_revision(session, newest)
    if revision is None or revision.looked_at:
        _end(row, RunState.DONE)
        return None
    row.tries += 1
    if row.tries > interruptions:
        _end(row, RunState.FAILED, "The worker stopped in the middle of it too often.")
        return None
    row.state, row.started_at, row.message = RunState.RUNNING, row.started_at or now(), None
    return Begun(
        renewal_id=row.id,
        number=row.tries,
        submission_id=row.submission_id,
        machine_id=revision.machine.id,
        corrections=tuple(one.id for one in revision.standing),
        document=json.dumps(to_document(_without_findings(revision)), ensure_ascii=False).encode(),
    )


def _without_findings(revision: Revision) -> PreAnnotation:
    """The machine's document with the corrected transcript; its versions name the corrections among what took part."""
    n = len(revision.standing)
    said = json.dumps([[one.id, one.kind, one.targets, one.value] for one in revision.standing], ensure_ascii=False)
    by_people = Version(
        part=PART,
        name=f"{n} correction{'' if n == 1 else 's'} by people",
        sha256=hashlib.sha256(said.encode()).hexdigest(),
        licence="",
    )
    return replace(
        revision.heard,
        transcript=revision.corrected.transcript,
        codes=(),
        evidence=(),
        measures=(),
        versions=(*revision.heard.versions, *((by_people,) if n else ())),
    )


def _owned(session: Session, begun: Begun) -> RenewalRow | None:
    """The renewal if this try may still write: not one that was taken for dead and overtaken."""
    row = _open(session, begun.renewal_id)
    return row if row is not None and row.state is RunState.RUNNING and row.tries == begun.number else None


def fail(session: Session, *, begun: Begun, message: str, attempts: int) -> bool:
    """Whether there are tries left."""
    row = _owned(session, begun)
    if row is None:
        return False
    row.message = message[:MESSAGE_KEPT]
    if row.tries < attempts:
        return True
    _end(row, RunState.FAILED, row.message)
    return False


def give_up(session: Session, renewal_id: str) -> None:
    """The engine ended it without our ledger saying so: a fault of ours."""
    row = _open(session, renewal_id)
    if row is not None:
        _end(row, RunState.FAILED, "Looking again stopped without a result.")


def keep(session: Session, *, begun: Begun, found: PreAnnotation, document: bytes) -> None:
    """A new annotation beside the old ones, `found` as it is read from `document`.

    Moments found again keep their ids, open reviews go on with it.
    """
    reviews = _open_reviews(session, begun)
    row = _owned(session, begun)
    if row is None:
        return
    newest = session.scalar(
        select(func.max(AnnotationRow.version)).where(AnnotationRow.submission_id == row.submission_id)
    )
    annotation = annotation_row(
        submission_id=row.submission_id, run_id=row.id, version=(newest or 0) + 1, found=found, document=document
    )
    annotation.base_id, annotation.corrections = begun.machine_id, list(begun.corrections)
    ids = match_moments(_known_moments(session, begun.machine_id), [_found(piece) for piece in annotation.evidence])
    for piece, id_ in zip(annotation.evidence, ids, strict=True):
        if id_ is not None:
            piece.id = id_
    session.add(annotation)
    session.flush()
    for review in reviews:
        review.annotation_id = annotation.id
    _end(row, RunState.DONE)


def _open_reviews(session: Session, begun: Begun) -> Sequence[AssignmentRow]:
    """Reviews that go on with the new evidence, locked: whoever saves in one locks it before anything else."""
    return session.scalars(
        select(AssignmentRow)
        .where(
            AssignmentRow.submission_id == begun.submission_id,
            AssignmentRow.annotation_id.in_(_lineage(begun.machine_id)),
            AssignmentRow.submitted_at.is_(None),
            AssignmentRow.withdrawn_at.is_(None),
        )
        .order_by(AssignmentRow.id)
        .with_for_update()
    ).all()


def _lineage(machine_id: str) -> Select[str]:
    """Ids of the annotations of one transcript: the machine's run and every look at corrections of it."""
    return select(AnnotationRow.id).where(or_(AnnotationRow.id == machine_id, AnnotationRow.base_id == machine_id))


def _known_moments(session: Session, machine_id: str) -> dict[str, Found]:
    """Every moment ever found in this transcript, as it was found last: one that went may come back."""
    rows = session.scalars(
        select(EvidenceRow)
        .join(AnnotationRow)
        .where(AnnotationRow.id.in_(_lineage(machine_id)))
        .order_by(AnnotationRow.version)
    )
    return {row.id: _found(row) for row in rows}


def _found(row: EvidenceRow) -> Found:
    return Found(
        indicator=Indicator(row.indicator),
        code=row.code,
        start=row.start,
        end=row.end,
        utterances=tuple(row.utterances),
    )


def _end(row: RenewalRow, state: RunState, message: str | None = None) -> None:
    row.state, row.ended_at, row.message = state, now(), message
