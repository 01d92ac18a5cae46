from typing import Any

from fastapi import APIRouter, Request, Response

from api.auth.access import Viewer
from api.auth.person import Person
from api.deps import ServicesDep
from api.playback import service
from api.playback.schemas import PeaksRead, ThumbnailsRead
from api.storage.tables import ObjectKind
from api.submissions import reading

router = APIRouter(prefix="/submissions/{submission_id}", tags=["playback"])

FILE: dict[str, Any] = {"response_class": Response}
RANGES: dict[int | str, dict[str, Any]] = {
    206: {"description": "The range asked for"},
    307: {"description": "The file is in a bucket, at this address"},
    416: {"description": "No such range"},
}


def _derived(services: ServicesDep, submission_id: str, kind: ObjectKind, me: Person, request: Request) -> Response:
    with services.database.read() as session:
        row = service.object_of(session, submission_id, kind, person=me)
    return service.answer_with(services.objects, row, method=request.method)


@router.get("/media", responses={**RANGES, 200: {"content": {"video/mp4": {}}}}, **FILE)
@router.head("/media", include_in_schema=False, **FILE)
def read_media(submission_id: str, me: Viewer, services: ServicesDep, request: Request) -> Response:
    """The playback copy. Every look is logged."""
    row = service.open_for(services.database, submission_id, ObjectKind.PROXY, person=me)
    return service.answer_with(services.objects, row, method=request.method)


@router.get("/original", responses={**RANGES, 200: {"content": {"application/octet-stream": {}}}}, **FILE)
@router.head("/original", include_in_schema=False, **FILE)
def read_original(submission_id: str, me: Viewer, services: ServicesDep, request: Request) -> Response:
    """The file as it was handed in, as a download. Every look is logged."""
    row = service.open_for(services.database, submission_id, ObjectKind.ORIGINAL, person=me)
    with services.database.read() as session:
        filename = reading.find(session, submission_id, person=me).filename
    return service.answer_with(services.objects, row, method=request.method, download_as=filename)


@router.get("/peaks", response_model=PeaksRead)
def read_peaks(submission_id: str, me: Viewer, services: ServicesDep, request: Request) -> Response:
    return _derived(services, submission_id, ObjectKind.PEAKS, me, request)


@router.get("/thumbnails.jpg", responses={200: {"content": {"image/jpeg": {}}}}, **FILE)
def read_thumbnails(submission_id: str, me: Viewer, services: ServicesDep, request: Request) -> Response:
    """Small pictures of the video, all in one. Every look is logged."""
    row = service.open_for(services.database, submission_id, ObjectKind.THUMBNAILS, person=me)
    return service.answer_with(services.objects, row, method=request.method)


@router.get("/thumbnails.json", response_model=ThumbnailsRead)
def read_thumbnails_index(submission_id: str, me: Viewer, services: ServicesDep, request: Request) -> Response:
    return _derived(services, submission_id, ObjectKind.THUMBNAILS_INDEX, me, request)
