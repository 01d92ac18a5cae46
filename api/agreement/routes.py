from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from api.agreement import service
from api.agreement.schemas import AgreementRead, Arm, TableId
from api.agreement.tables import to_csv
from api.agreement.wanted import Wanted
from api.auth.access import Allow
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import ServicesDep
from api.playback.names import attachment

router = APIRouter(prefix="/agreement", tags=["agreement"])

Researcher = Annotated[Person, Depends(Allow(PersonRole.RESEARCHER, PersonRole.STAFF, PersonRole.ADMIN))]
RubricHash = Annotated[str | None, Query(max_length=64, description="Hash of a rubric; else the one read twice most")]


def _wanted(
    arm: Arm = "own",
    since: date | None = None,
    until: date | None = None,
    estimand: Literal["these raters", "raters like these"] = "these raters",
) -> Wanted:
    return Wanted(arm=arm, since=since, until=until, estimand=estimand)


WantedDep = Annotated[Wanted, Depends(_wanted)]


@router.get("")
def read_agreement(
    me: Researcher, services: ServicesDep, wanted: WantedDep, rubric: RubricHash = None
) -> AgreementRead:
    """Agreement over what has been scored here, under codes. `computing`: ask again in a moment."""
    return service.read_agreement(services, wanted, rubric=rubric, person=me)


@router.get("/{table}.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def read_agreement_table(
    table: TableId, me: Researcher, services: ServicesDep, wanted: WantedDep, rubric: RubricHash = None
) -> Response:
    """The figures of one table; `ratings` holds the scores themselves, in the form `lookfors agreement` reads."""
    found = service.read_table(services, table, wanted, rubric=rubric)
    return Response(
        to_csv(found),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": attachment(f"lookfors-{table}.csv")},
    )
