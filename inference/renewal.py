"""Evidence looked for again in a transcript that people have corrected.

The recording is not listened to a second time: what people said of voices and words stands, and what is read off the
transcript, its codes, evidence and measures, is found anew.
"""

import json
from dataclasses import replace
from pathlib import Path

from inference.artefact import SHIPPED, read_manifest
from inference.moments import find_evidence
from inference.steps import Summary, Tell, Work, kept_codes, measures_of, tagged
from model.preannotation import PreAnnotation, from_document


def renew(work: Work, tell: Tell) -> Summary:
    """preannotation.json out of the source, which is such a document with a corrected transcript.

    Raises InputRefused for a source that is none.
    """
    renewed = look_again(_read(work.source), tell)
    work.workspace.write_preannotation(renewed)
    return {"evidence": len(renewed.evidence)}


def look_again(corrected: PreAnnotation, tell: Tell) -> PreAnnotation:
    """`corrected` with codes, evidence and measures of its transcript as it now is, and the tagger that found them."""
    transcript = corrected.transcript
    manifest = read_manifest(SHIPPED)
    codes, telling = tagged(transcript, tell)
    others = tuple(version for version in corrected.versions if version.part != manifest.version.part)
    return replace(
        corrected,
        codes=kept_codes(codes),
        evidence=find_evidence(transcript, codes, showing=manifest.showing, telling=telling),
        measures=measures_of(transcript, codes, duration_s=corrected.media.duration),
        versions=(*others, manifest.version),
    )


def _read(source: Path) -> PreAnnotation:
    return from_document(json.loads(source.read_bytes()))
