from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.auth.access import Allow
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.deps import PagingDep, ReadSession, ServicesDep, WriteSession
from api.queue import program, service
from api.queue.schemas import (
    AssignmentsCreate,
    AssignmentsRead,
    PeopleRead,
    ProgramPatch,
    ProgramRead,
    QueueFilter,
    QueueRow,
    QueueSort,
)
from api.schemas import Page
from api.score_model.service import second_reads

router = APIRouter(tags=["queue"])

Staff = Annotated[Person, Depends(Allow(PersonRole.STAFF, PersonRole.ADMIN))]


@router.get("/queue")
def read_queue(
    me: Staff,
    session: ReadSession,
    services: ServicesDep,
    paging: PagingDep,
    q: Annotated[str | None, Query(max_length=200)] = None,
    show: QueueFilter = "all",
    reviewer_id: Annotated[str | None, Query(max_length=36)] = None,
    sort: QueueSort = "due",
) -> Page[QueueRow]:
    """Every submission with its health, its reviewers and what they differ on."""
    second = second_reads(services, session)
    items, total = service.read_queue(
        session, q=q, show=show, reviewer_id=reviewer_id, sort=sort, paging=paging, second=second, person=me
    )
    return Page(items=items, total=total, page=paging.page, page_size=paging.page_size)


@router.get("/people")
def list_people(me: Staff, session: ReadSession) -> PeopleRead:
    return PeopleRead(items=service.list_people(session))


@router.post("/assignments")
def create_assignments(body: AssignmentsCreate, me: Staff, session: WriteSession) -> AssignmentsRead:
    return service.assign(session, body, by=me)


@router.delete("/assignments/{assignment_id}", status_code=204)
def withdraw_assignment(assignment_id: str, me: Staff, session: WriteSession) -> None:
    service.withdraw(session, assignment_id)


@router.get("/program")
def read_program(me: Staff, session: WriteSession) -> ProgramRead:
    return program.read_program(program.the_program(session))


@router.patch("/program")
def change_program(body: ProgramPatch, me: Staff, session: WriteSession) -> ProgramRead:
    """Protocol, share without suggestions, term and audit windows of assignments made from now on."""
    return program.change_program(session, body)
