"""From a pre-annotation to the rows it is kept in."""

import gzip

from api.storage.base import new_id
from api.storage.tables import AnnotationRow, EvidenceRow, MeasureRow
from model.evidence import Evidence
from model.preannotation import FORMAT, PreAnnotation
from model.transcript import Transcript


def _quote(evidence: Evidence, transcript: Transcript) -> str:
    wanted = set(evidence.span.utterances)
    return " ".join(u.text for u in transcript.utterances if u.id in wanted)


def annotation_row(
    *, submission_id: str, run_id: str, version: int, found: PreAnnotation, document: bytes
) -> AnnotationRow:
    """The whole document with a row for each piece of evidence and each measure. Every piece has its id already."""
    row = AnnotationRow(
        submission_id=submission_id,
        version=version,
        run_id=run_id,
        format=FORMAT,
        language=found.transcript.language,
        versions=[{"part": v.part, "name": v.name, "sha256": v.sha256, "licence": v.licence} for v in found.versions],
        document=gzip.compress(document, mtime=0),
    )
    for position, evidence in enumerate(found.evidence):
        row.evidence.append(
            EvidenceRow(
                id=new_id(),
                ref=evidence.id,
                position=position,
                indicator=evidence.indicator.value,
                code=evidence.code,
                start=evidence.span.start,
                end=evidence.span.end,
                p=evidence.p,
                said_by=evidence.said_by.value,
                utterances=list(evidence.span.utterances),
                cues=[{"kind": cue.kind, "text": cue.text} for cue in evidence.cues],
                quote=_quote(evidence, found.transcript),
            )
        )
    for position, measure in enumerate(found.measures):
        row.measures.append(
            MeasureRow(
                ref=measure.id,
                position=position,
                label=measure.label,
                unit=measure.unit,
                value=measure.value,
                low=measure.low,
                high=measure.high,
                coverage=measure.coverage,
                n=measure.n,
                reason=measure.reason,
                note=measure.note,
            )
        )
    return row
