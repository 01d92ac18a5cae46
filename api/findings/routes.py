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
    annotation = service.annotation_of(session, submission_id, person=me, with_document=True)
    return service.read_transcript(service.preannotation_of(annotation).transcript)


@router.get("/evidence")
def list_evidence(submission_id: str, me: Overseer, session: ReadSession) -> EvidenceList:
    """The moments the machine points at, in order of time. Reviewers see them in their reviews, when they may."""
    unless_blind(session, submission_id, person=me)
    annotation = service.annotation_of(session, submission_id, person=me)
    return EvidenceList(items=service.read_evidence(session, annotation))


@router.get("/measures")
def list_measures(submission_id: str, me: Overseer, session: ReadSession) -> MeasureList:
    unless_blind(session, submission_id, person=me)
    annotation = service.annotation_of(session, submission_id, person=me)
    return MeasureList(items=service.read_measures(session, annotation))


@router.get("/preannotation", response_model=dict[str, Any])
def read_preannotation(submission_id: str, me: Overseer, session: ReadSession) -> Response:
    """The whole document, format lookfors.preannotation/1, as it left the machine."""
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
    annotation = service.annotation_of(session, submission_id, person=me, with_document=True)
    captions = write_webvtt(service.preannotation_of(annotation).transcript)
    return Response(captions, media_type="text/vtt; charset=utf-8")
