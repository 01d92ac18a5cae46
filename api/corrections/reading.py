"""A transcript as people have corrected it, read from rows."""

import gzip
import json
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.storage.desk_tables import CorrectionRow
from api.storage.tables import AnnotationRow
from model.corrections import Corrected, Correction, CorrectionKind, apply_corrections, standing
from model.preannotation import PreAnnotation, from_document


def newest_annotation(session: Session, submission_id: str, *, with_document: bool = False) -> AnnotationRow | None:
    statement = (
        select(AnnotationRow)
        .where(AnnotationRow.submission_id == submission_id)
        .order_by(AnnotationRow.version.desc())
        .limit(1)
    )
    if with_document:
        statement = statement.options(undefer(AnnotationRow.document))
    return session.scalar(statement)


def preannotation_of(annotation: AnnotationRow) -> PreAnnotation:
    return _read(annotation.document)


@lru_cache(maxsize=16)  # documents never change, a long one takes a while to read, and a correction holds a lock
def _read(document: bytes) -> PreAnnotation:
    return from_document(json.loads(gzip.decompress(document)))


def correction_of(row: CorrectionRow) -> Correction:
    return Correction(
        id=row.id,
        kind=None if row.kind is None else CorrectionKind(row.kind),
        targets=tuple(row.targets),
        value=row.value or "",
        undoes=row.undoes,
    )


@dataclass(frozen=True)
class Revision:
    """The newest annotation of a submission and what people have said of its transcript since the machine heard it."""

    newest: AnnotationRow
    machine: AnnotationRow  # the run that heard the recording; the newest itself, or the one it stands on
    rows: tuple[CorrectionRow, ...]  # about that run, in order, those taken back and those that take back included

    @cached_property
    def standing(self) -> tuple[Correction, ...]:
        return standing(correction_of(row) for row in self.rows)

    @property
    def seq(self) -> int:
        """How many facts about the transcript there are; pages compare it to know whether theirs is the newest."""
        return self.rows[-1].seq if self.rows else 0

    @property
    def looked_at(self) -> bool:
        """Whether the newest annotation's evidence was found in the transcript as it now stands."""
        return self.newest.corrections == [one.id for one in self.standing]

    @cached_property
    def heard(self) -> PreAnnotation:
        """What the machine heard."""
        return preannotation_of(self.machine)

    @cached_property
    def corrected(self) -> Corrected:
        return apply_corrections(self.heard.transcript, self.standing)


def read_revision(session: Session, newest: AnnotationRow) -> Revision:
    machine = newest if newest.base_id is None else session.get_one(AnnotationRow, newest.base_id)
    rows = session.scalars(
        select(CorrectionRow).where(CorrectionRow.annotation_id == machine.id).order_by(CorrectionRow.seq)
    ).all()
    return Revision(newest=newest, machine=machine, rows=tuple(rows))
