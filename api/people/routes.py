from typing import Annotated

from fastapi import APIRouter, Depends

from api.auth.access import Allow
from api.auth.person import Person
from api.auth.roles import PersonRole
from api.auth.service import create_link
from api.deps import SettingsDep, WriteSession
from api.errors import NotFound
from api.people import service
from api.people.desk import LINK_PATH
from api.people.schemas import PersonCreate, SignInLink
from api.settings import Settings
from api.storage.tables import PersonRow

router = APIRouter(prefix="/people", tags=["people"])

Admin = Annotated[Person, Depends(Allow(PersonRole.ADMIN))]


@router.post("", status_code=201)
def add_person(body: PersonCreate, me: Admin, session: WriteSession, settings: SettingsDep) -> SignInLink:
    """Adds somebody and answers with a link that signs them in once."""
    return _link(session, service.add(session, body.name, frozenset(body.roles)), settings)


@router.post("/{person_id}/link", status_code=201)
def link_person(person_id: str, me: Admin, session: WriteSession, settings: SettingsDep) -> SignInLink:
    """A new sign-in link for somebody who lost theirs."""
    row = session.get(PersonRow, person_id)
    if row is None or row.disabled_at is not None:
        raise NotFound("person.none", "There is no such person with an open account.", "Reload the list of people.")
    return _link(session, row, settings)


def _link(session: WriteSession, row: PersonRow, settings: Settings) -> SignInLink:
    token = create_link(session, row, expiry=settings.sessions.link_expiry)
    return SignInLink(person_id=row.id, name=row.name, link=f"{settings.address}{LINK_PATH}{token}")
