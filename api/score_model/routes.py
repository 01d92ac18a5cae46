from typing import Annotated

from fastapi import APIRouter, Depends

from api.agreement.schemas import ScoreModelState
from api.auth.access import Allow
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import ServicesDep
from api.score_model import service
from api.score_model.schemas import FitCreate

router = APIRouter(prefix="/score-model", tags=["agreement"])

Staff = Annotated[Person, Depends(Allow(PersonRole.STAFF, PersonRole.ADMIN))]


@router.post("/fits", status_code=202)
def fit_score_model(body: FitCreate, me: Staff, services: ServicesDep) -> ScoreModelState:
    """Fit the score model anew on final scores; it replaces the one in use only if it is not worse."""
    return service.start_fit(services, body.rubric, by=me)
