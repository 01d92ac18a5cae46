from fastapi import APIRouter

from api.adjudication import service
from api.adjudication.schemas import AdjudicationCreate, ComparisonRead
from api.deps import ReadSession, WriteSession
from api.queue.routes import Staff

router = APIRouter(prefix="/submissions/{submission_id}", tags=["adjudication"])


@router.get("/comparison")
def compare_reviews(submission_id: str, me: Staff, session: ReadSession) -> ComparisonRead:
    """Finished reviews side by side, with the moments each cites."""
    return service.compare(session, submission_id)


@router.post("/adjudications", status_code=201)
def settle_difference(submission_id: str, body: AdjudicationCreate, me: Staff, session: WriteSession) -> ComparisonRead:
    """Record how a difference is settled, and why."""
    return service.settle(session, submission_id, body, by=me)
