"""Reads the newest annotation of a submission."""

import gzip
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from api.auth.person import Person
from api.errors import NotFound
from api.findings.schemas import (
    CueRead,
    EvidenceRead,
    MeasureRead,
    SpeechRead,
    SpeechShareRead,
    TranscriptRead,
    UtteranceRead,
    WordRead,
)
from api.storage.tables import AnnotationRow, EvidenceRow, MeasureRow
from api.submissions import reading
from model.indicators import CODE_BY_ID, Indicator
from model.preannotation import PreAnnotation, from_document
from model.transcript import Role, SpeechHeard, Transcript


def annotation_of(
    session: Session, submission_id: str, *, person: Person, with_document: bool = False
) -> AnnotationRow:
    """Raises NotFound where there is no such submission, or nothing has been found in it yet."""
    row = reading.find(session, submission_id, person=person)
    statement = (
        select(AnnotationRow)
        .where(AnnotationRow.submission_id == row.id)
        .order_by(AnnotationRow.version.desc())
        .limit(1)
    )
    if with_document:
        statement = statement.options(undefer(AnnotationRow.document))
    annotation = session.scalar(statement)
    if annotation is None:
        raise NotFound(
            "annotation.none",
            f"This submission is {row.state.value}; there is no transcript yet.",
            "Come back when it is ready.",
        )
    return annotation


def document_of(annotation: AnnotationRow) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(gzip.decompress(annotation.document))
    return document


def preannotation_of(annotation: AnnotationRow) -> PreAnnotation:
    return from_document(document_of(annotation))


def _share(heard_s: float, recognised_s: float, coverage: float | None) -> SpeechShareRead:
    return SpeechShareRead(heard_s=heard_s, recognised_s=recognised_s, coverage=coverage)


def _speech(speech: SpeechHeard | None) -> SpeechRead | None:
    if speech is None:
        return None
    recognised = dict(speech.recognised_by_role_s)
    by_role: dict[Role, SpeechShareRead] = {
        role: _share(heard_s, recognised.get(role, 0.0), speech.coverage_of(role))
        for role, heard_s in speech.heard_by_role_s
    }
    return SpeechRead(
        heard_s=speech.heard_s, recognised_s=speech.recognised_s, coverage=speech.coverage, by_role=by_role
    )


def read_transcript(transcript: Transcript) -> TranscriptRead:
    return TranscriptRead(
        language=transcript.language,
        utterances=[
            UtteranceRead(
                id=utterance.id,
                start=utterance.start,
                end=utterance.end,
                speaker=utterance.speaker,
                role=utterance.role,
                role_p=utterance.role_p,
                text=utterance.text,
                words=[WordRead.model_validate(word) for word in utterance.words],
            )
            for utterance in transcript.utterances
        ],
        speech=_speech(transcript.speech),
    )


def read_evidence(session: Session, annotation: AnnotationRow) -> list[EvidenceRead]:
    rows = session.scalars(
        select(EvidenceRow).where(EvidenceRow.annotation_id == annotation.id).order_by(EvidenceRow.position)
    )
    return [evidence_read(row) for row in rows]


def evidence_read(row: EvidenceRow) -> EvidenceRead:
    return EvidenceRead(
        id=row.id,
        indicator=Indicator(row.indicator),
        code=row.code,
        code_label=CODE_BY_ID[row.code].label if row.code in CODE_BY_ID else row.code,
        start=row.start,
        end=row.end,
        utterances=row.utterances,
        p=row.p,
        said_by=Role(row.said_by),
        cues=[CueRead.model_validate(cue) for cue in row.cues],
        quote=row.quote,
    )


def read_measures(session: Session, annotation: AnnotationRow) -> list[MeasureRead]:
    rows = session.scalars(
        select(MeasureRow).where(MeasureRow.annotation_id == annotation.id).order_by(MeasureRow.position)
    )
    return [
        MeasureRead(
            id=row.ref,
            label=row.label,
            unit=row.unit,
            value=row.value,
            low=row.low,
            high=row.high,
            coverage=row.coverage,
            n=row.n,
            reason=row.reason,
            note=row.note,
        )
        for row in rows
    ]
