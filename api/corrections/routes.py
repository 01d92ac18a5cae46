from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.access import Allow
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.corrections import service
from api.corrections.schemas import CorrectionCreate, CorrectionList, CorrectionSaved
from api.deps import ReadSession, SettingsDep, WriteSession
from api.submissions.schemas import RevisionRead

router = APIRouter(prefix="/submissions/{submission_id}", tags=["corrections"])

# Of reviewers, only those who are reviewing this recording: the service looks.
Corrector = Annotated[Person, Depends(Allow(PersonRole.REVIEWER, PersonRole.STAFF, PersonRole.ADMIN))]


@router.get("/corrections")
def list_corrections(submission_id: str, me: Corrector, session: ReadSession) -> CorrectionList:
    return service.list_corrections(session, submission_id, person=me)


@router.post("/corrections")
def add_correction(
    submission_id: str, body: CorrectionCreate, me: Corrector, session: WriteSession, settings: SettingsDep
) -> CorrectionSaved:
    """Say whose voice a turn or every turn of a voice is, or what is said. Transcript, captions and measures follow at
    once, evidence a little later."""
    return service.add(session, submission_id, body, person=me, options=settings.worker)


@router.delete("/corrections/{correction_id}")
def take_correction_back(
    submission_id: str, correction_id: str, me: Corrector, session: WriteSession, settings: SettingsDep
) -> CorrectionSaved:
    """As if it had never been made; that it was, and was taken back, stays on record."""
    return service.take_back(session, submission_id, correction_id, person=me, options=settings.worker)


@router.post("/look-again")
def look_again(submission_id: str, me: Corrector, session: WriteSession, settings: SettingsDep) -> RevisionRead:
    """Look for evidence again after that has failed."""
    return service.look_again(session, submission_id, person=me, options=settings.worker)
