from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from api.auth.access import PUBLIC, SignedIn
from api.auth.person import Person
from api.auth.schemas import MeRead, SessionCreate
from api.auth.service import COOKIE, redeem, sign_out
from api.deps import SettingsDep, WriteSession
from api.storage.base import now

router = APIRouter(tags=["session"])


def _read(person: Person) -> MeRead:
    return MeRead(id=person.id, name=person.name, roles=sorted(person.roles))


@router.post("/session", dependencies=[PUBLIC])
def sign_in(
    body: SessionCreate, request: Request, response: Response, session: WriteSession, settings: SettingsDep
) -> MeRead:
    """Spend a one-time link. The page behind the link posts its secret, so a preview of the link cannot burn it."""
    signed_in = redeem(session, body.token, options=settings.sessions)
    response.set_cookie(
        COOKIE,
        signed_in.token,
        expires=datetime.fromtimestamp((now() + settings.sessions.absolute).timestamp(), UTC),
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies or request.url.scheme == "https",
        path="/",
    )
    return _read(signed_in.person)


@router.delete("/session", status_code=204)
def end_session(me: SignedIn, response: Response, session: WriteSession) -> None:
    sign_out(session, me.session_id)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")


@router.get("/me")
def read_me(me: SignedIn) -> MeRead:
    return _read(me)
