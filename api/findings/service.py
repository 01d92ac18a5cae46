"""Reads the newest annotation of a submission, and its transcript as people have corrected it."""

import gzip
import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.person import Person
from api.corrections.reading import Revision, newest_annotation, preannotation_of, read_revision
from api.errors import NotFound
from api.findings.schemas import (
    CueRead,
    EvidenceRead,
    HeardRead,
    MeasureRead,
    SpeechRead,
    SpeechShareRead,
    TranscriptRead,
    UtteranceRead,
    WordRead,
)
from api.storage.tables import AnnotationRow, EvidenceRow, MeasureRow
from api.submissions import reading
from model.indicators import CODE_BY_ID, Indicator, looked_for_in
from model.measures import FROM_CODES, measure
from model.transcript import Role, SpeechHeard


def annotation_of(
    session: Session, submission_id: str, *, person: Person, with_document: bool = False
) -> AnnotationRow:
    """Raises NotFound where there is no such submission, or nothing has been found in it yet."""
    row = reading.find(session, submission_id, person=person)
    annotation = newest_annotation(session, row.id, with_document=with_document)
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


def revision_of(session: Session, submission_id: str, *, person: Person) -> Revision:
    """The transcript as it now stands, with what stands on it. Raises as `annotation_of`."""
    return read_revision(session, annotation_of(session, submission_id, person=person, with_document=True))


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


def read_transcript(revision: Revision) -> TranscriptRead:
    transcript, heard = revision.corrected.transcript, revision.corrected.heard
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
                heard=HeardRead.model_validate(heard[utterance.id]) if utterance.id in heard else None,
            )
            for utterance in transcript.utterances
        ],
        speech=_speech(transcript.speech),
        corrections=revision.seq,
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


def read_measures(session: Session, revision: Revision) -> list[MeasureRead]:
    """Of the transcript as it now stands.

    Until evidence has been looked for again, those that come from the codes alone stay as they were found: the
    document leaves out the small probabilities they are summed from.
    """
    rows = session.scalars(
        select(MeasureRow).where(MeasureRow.annotation_id == revision.newest.id).order_by(MeasureRow.position)
    )
    stored = [_measure_of(row) for row in rows]
    if revision.looked_at:
        return stored
    transcript, media = revision.corrected.transcript, revision.heard.media
    codes = preannotation_of(revision.newest).codes if looked_for_in(transcript.language) else ()
    now = {one.id: one for one in measure(transcript, codes, duration_s=media.duration) if one.id not in FROM_CODES}
    return [MeasureRead.model_validate(now.get(one.id, one)) for one in stored]


def _measure_of(row: MeasureRow) -> MeasureRead:
    return MeasureRead(
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
