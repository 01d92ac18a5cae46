from datetime import UTC
from email.utils import format_datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Header, Request, Response

from api.auth.access import PUBLIC, Uploader
from api.deps import ReadSession, ServicesDep, WriteSession
from api.errors import PreconditionFailed, UnsupportedMedia
from api.uploads import service
from api.uploads.service import Upload

TUS = "1.0.0"
OFFSET_STREAM = "application/offset+octet-stream"
ANY_SIZE = 1 << 62  # the app's small limit for bodies does not hold here; the announced length does


def _speaks_tus(tus_resumable: Annotated[str | None, Header()] = None) -> None:
    if tus_resumable != TUS:
        raise PreconditionFailed(
            "upload.version",
            f"This service speaks tus {TUS}, the request {tus_resumable or 'none'}.",
            f"Send “Tus-Resumable: {TUS}”.",
            headers={"Tus-Version": TUS},
        )


Tus = Depends(_speaks_tus)
router = APIRouter(prefix="/uploads", tags=["uploads"])


def _answer(status: int, upload: Upload, offset: int, **more: str) -> Response:
    headers = {
        "Tus-Resumable": TUS,
        "Upload-Offset": str(offset),
        "Upload-Expires": format_datetime(upload.expires_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "no-store",
    }
    return Response(status_code=status, headers=headers | {k.replace("_", "-"): v for k, v in more.items()})


@router.options("", status_code=204, dependencies=[PUBLIC])
def upload_options(services: ServicesDep) -> Response:
    """What this upload service can do."""
    return Response(
        status_code=204,
        headers={
            "Tus-Resumable": TUS,
            "Tus-Version": TUS,
            "Tus-Extension": "creation,termination,expiration",
            "Tus-Max-Size": str(services.settings.limits.upload_bytes),
        },
    )


@router.post("", status_code=201, dependencies=[Tus])
def create_upload(
    me: Uploader,
    services: ServicesDep,
    session: WriteSession,
    upload_length: Annotated[int, Header(ge=0)],
    upload_metadata: Annotated[str | None, Header()] = None,
) -> Response:
    """Announce a file; the answer's Location is where its bytes go."""
    upload = service.create(
        session,
        services.parts,
        person=me,
        length=upload_length,
        metadata=service.parse_metadata(upload_metadata),
        limits=services.settings.limits,
    )
    return _answer(201, upload, 0, Location=f"/api/uploads/{upload.id}")


@router.head("/{upload_id}", dependencies=[Tus])
def read_upload(upload_id: str, me: Uploader, services: ServicesDep, session: ReadSession) -> Response:
    """How far it is."""
    upload = service.find(session, upload_id, person=me)
    return _answer(200, upload, service.offset_of(services.parts, upload), Upload_Length=str(upload.length))


@router.patch("/{upload_id}", status_code=204, dependencies=[Tus], max_body_size=ANY_SIZE)
async def append_to_upload(
    upload_id: str,
    me: Uploader,
    services: ServicesDep,
    request: Request,
    upload_offset: Annotated[int, Header(ge=0)],
    content_length: Annotated[int | None, Header(ge=0)] = None,
) -> Response:
    """Add bytes. Everything is checked before the first of them is read."""
    if request.headers.get("content-type") != OFFSET_STREAM:
        raise UnsupportedMedia(
            "upload.content_type", "The bytes came as another type.", f"Send them as {OFFSET_STREAM}."
        )

    def find() -> Upload:
        with services.database.read() as session:
            return service.find(session, upload_id, person=me)

    upload = await to_thread.run_sync(find)
    offset = await service.append(
        services.database,
        services.parts,
        upload,
        offset=upload_offset,
        n_bytes=content_length,
        body=request.stream(),
    )
    return _answer(204, upload, offset)


@router.delete("/{upload_id}", status_code=204, dependencies=[Tus])
def terminate_upload(upload_id: str, me: Uploader, services: ServicesDep, session: WriteSession) -> Response:
    """Give it up; its bytes are removed."""
    service.terminate(session, services.parts, service.find(session, upload_id, person=me))
    return Response(status_code=204, headers={"Tus-Resumable": TUS})
