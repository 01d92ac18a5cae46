import gzip
from typing import Any

from fastapi import APIRouter, Response

from api.auth.access import Overseer, Viewer
from api.deps import ReadSession
from api.findings import service
from api.findings.schemas import EvidenceList, MeasureList, TranscriptRead
from api.playback.names import attachment
from api.reviews.blindness import unless_blind
from api.submissions import reading
from model.formats.webvtt import write_webvtt

router = APIRouter(prefix="/submissions/{submission_id}", tags=["findings"])


@router.get("/transcript")
def read_transcript(submission_id: str, me: Viewer, session: ReadSession) -> TranscriptRead:
    """As people have corrected it."""
    return service.read_transcript(service.revision_of(session, submission_id, person=me))


@router.get("/evidence")
def list_evidence(submission_id: str, me: Overseer, session: ReadSession) -> EvidenceList:
    """The moments the machine points at, in order of time. Reviewers see them in their reviews, when they may."""
    unless_blind(session, submission_id, person=me)
    annotation = service.annotation_of(session, submission_id, person=me)
    return EvidenceList(items=service.read_evidence(session, annotation))


@router.get("/measures")
def list_measures(submission_id: str, me: Overseer, session: ReadSession) -> MeasureList:
    unless_blind(session, submission_id, person=me)
    revision = service.revision_of(session, submission_id, person=me)
    return MeasureList(items=service.read_measures(session, revision))


@router.get("/preannotation", response_model=dict[str, Any])
def read_preannotation(submission_id: str, me: Overseer, session: ReadSession) -> Response:
    """The whole document, format lookfors.preannotation/1, as the machine last left it.

    Where people corrected the transcript, theirs is in it once evidence has been looked for again, and its versions
    say so.
    """
    unless_blind(session, submission_id, person=me)
    annotation = service.annotation_of(session, submission_id, person=me, with_document=True)
    title = reading.find(session, submission_id, person=me).title
    return Response(
        gzip.decompress(annotation.document),
        media_type="application/json",
        headers={"content-disposition": attachment(f"{title}.preannotation.json")},
    )


@router.get("/captions.vtt", response_class=Response, responses={200: {"content": {"text/vtt": {}}}})
def read_captions(submission_id: str, me: Viewer, session: ReadSession) -> Response:
    """Of the transcript as people have corrected it."""
    revision = service.revision_of(session, submission_id, person=me)
    captions = write_webvtt(revision.corrected.transcript)
    return Response(captions, media_type="text/vtt; charset=utf-8")
