from typing import Annotated

from fastapi import APIRouter, Query

from api.auth.access import SignedIn, Uploader
from api.deps import PagingDep, ReadSession, ServicesDep, WriteSession
from api.schemas import Page
from api.storage.tables import SubmissionState
from api.submissions import deletion, reading, service
from api.submissions.schemas import (
    DeletionReceipt,
    SubmissionCreate,
    SubmissionPatch,
    SubmissionRead,
    SubmissionSort,
)

router = APIRouter(prefix="/submissions", tags=["submissions"])


@router.post("", status_code=202)
def create_submission(body: SubmissionCreate, me: Uploader, services: ServicesDep) -> SubmissionRead:
    """Hand a finished upload in; its preparation starts by itself."""
    return service.hand_in(services, body, person=me)


@router.get("")
def list_submissions(
    me: SignedIn,
    session: ReadSession,
    paging: PagingDep,
    q: Annotated[str | None, Query(max_length=200)] = None,
    state: SubmissionState | None = None,
    sort: SubmissionSort = "-created_at",
) -> Page[SubmissionRead]:
    """The submissions this person may see; `q` looks in title and file name."""
    found = service.list_visible(session, person=me, q=q, state=state, sort=sort, paging=paging)
    return Page(items=found.items, total=found.total, page=paging.page, page_size=paging.page_size)


@router.get("/{submission_id}")
def read_submission(submission_id: str, me: SignedIn, session: ReadSession) -> SubmissionRead:
    return reading.read_one(session, reading.find(session, submission_id, person=me).id, person=me)


@router.patch("/{submission_id}")
def rename_submission(submission_id: str, body: SubmissionPatch, me: Uploader, session: WriteSession) -> SubmissionRead:
    return service.rename(session, submission_id, body.title, person=me)


@router.delete("/{submission_id}")
def delete_submission(submission_id: str, me: Uploader, services: ServicesDep) -> DeletionReceipt:
    """Remove the video and all that was made from it, for good; the answer is the receipt."""
    return deletion.delete_for_good(services, submission_id, person=me)


@router.post("/{submission_id}/retry", status_code=202)
def retry_submission(submission_id: str, me: Uploader, session: WriteSession) -> SubmissionRead:
    return service.retry(session, submission_id, person=me)


@router.post("/{submission_id}/cancel", status_code=202)
def cancel_submission(submission_id: str, me: Uploader, session: WriteSession) -> SubmissionRead:
    return service.cancel(session, submission_id, person=me)
