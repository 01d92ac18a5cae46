from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.access import Allow
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import ReadSession, WriteSession
from api.reviews import service
from api.reviews.schemas import ActsCreate, ActsSaved, EvidenceCards, ReviewList, ReviewRead

router = APIRouter(prefix="/reviews", tags=["reviews"])

# Staff and administrators may be asked to score as well; what they may see of a review is still only their own.
Rater = Annotated[Person, Depends(Allow(PersonRole.REVIEWER, PersonRole.STAFF, PersonRole.ADMIN))]


@router.get("")
def list_reviews(me: Rater, session: ReadSession) -> ReviewList:
    """My reviews: those to do, the soonest due first, then those handed in."""
    return ReviewList(items=service.list_mine(session, person=me))


@router.get("/{review_id}")
def read_review(review_id: str, me: Rater, session: ReadSession) -> ReviewRead:
    return service.read(session, service.find(session, review_id, person=me))


@router.post("/{review_id}/open")
def open_review(review_id: str, me: Rater, session: WriteSession) -> ReviewRead:
    """Begin: from here on the protocol is known and every act is recorded under it."""
    return service.open_review(session, review_id, person=me)


@router.get("/{review_id}/evidence")
def list_review_evidence(review_id: str, me: Rater, session: ReadSession) -> EvidenceCards:
    """The suggestions this review may see now; under *blind then reveal* more of them as criteria are scored."""
    return service.read_evidence(session, review_id, person=me)


@router.post("/{review_id}/acts")
def save_acts(review_id: str, body: ActsCreate, me: Rater, session: WriteSession) -> ActsSaved:
    """Append to the review. Sending an act twice is harmless; nothing is ever overwritten."""
    return service.save_acts(session, review_id, body, person=me)
