from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.auth import service
from api.auth.roles import PersonRole
from api.auth.service import COOKIE, create_link, hash_of
from api.people import service as people
from api.settings import Sessions, Settings
from api.storage.base import now
from api.storage.session import Database
from api.storage.tables import PersonRow, SessionRow, SignInLinkRow
from tests.api.conftest import SignIn

LinkFor = Callable[..., str]


def test_a_link_signs_in_once(anonymous: TestClient, link_for: LinkFor) -> None:
    token = link_for("Ada", PersonRole.REVIEWER)
    first = anonymous.post("/api/session", json={"token": token})
    assert first.status_code == 200
    assert first.json()["name"] == "Ada"
    assert first.json()["roles"] == ["reviewer"]
    assert anonymous.get("/api/me").json() == first.json()
    second = anonymous.post("/api/session", json={"token": token})
    assert (second.status_code, second.json()["code"]) == (401, "link.used")
    assert second.json()["remedy"].startswith("Ask")


def test_of_many_at_the_same_moment_one_gets_in(app: FastAPI, anonymous: TestClient, link_for: LinkFor) -> None:
    token = link_for("Ada", PersonRole.REVIEWER)

    def redeem(_: int) -> int:
        return TestClient(app).post("/api/session", json={"token": token}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(redeem, range(8)))
    assert answers == [200] + [401] * 7


@pytest.mark.parametrize(("token", "code"), [("nonsense", "link.unknown"), ("", "link.unknown")])
def test_an_unknown_link_is_refused(anonymous: TestClient, token: str, code: str) -> None:
    answer = anonymous.post("/api/session", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert COOKIE not in answer.cookies


def test_an_expired_link_is_refused(anonymous: TestClient, database: Database) -> None:
    with database.write() as session:
        person = people.add(session, "Ada", frozenset({PersonRole.REVIEWER}))
        token = create_link(session, person, expiry=timedelta(seconds=-1))
    answer = anonymous.post("/api/session", json={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "link.expired")


def test_no_secret_is_stored(app: FastAPI, link_for: LinkFor, database: Database) -> None:
    token = link_for("Ada", PersonRole.REVIEWER)
    client = TestClient(app)
    client.post("/api/session", json={"token": token})
    cookie = client.cookies[COOKIE]
    with database.read() as session:
        assert session.scalars(select(SignInLinkRow.token_hash)).all() == [hash_of(token)]
        assert session.scalars(select(SessionRow.token_hash)).all() == [hash_of(cookie)]
    assert len(cookie) >= 43  # 32 random bytes


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(anonymous: TestClient, link_for: LinkFor) -> None:
    answer = anonymous.post("/api/session", json={"token": link_for("Ada", PersonRole.REVIEWER)})
    flags = answer.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert "path=/" in flags
    assert "secure" not in flags  # http://testserver; over https it is


def test_over_https_the_cookie_stays_there(app: FastAPI, link_for: LinkFor) -> None:
    client = TestClient(app, base_url="https://testserver")
    answer = client.post("/api/session", json={"token": link_for("Ada", PersonRole.REVIEWER)})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_signing_out_ends_the_session_on_the_server(app: FastAPI, sign_in: SignIn) -> None:
    client = sign_in(PersonRole.REVIEWER)
    stolen = client.cookies[COOKIE]
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/me").status_code == 401
    thief = TestClient(app, cookies={COOKIE: stolen})
    assert thief.get("/api/me").status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"seen_at": now() - Sessions().idle - timedelta(seconds=1)},
        {"expires_at": now() - timedelta(seconds=1)},
    ],
    ids=["idle too long", "too old"],
)
def test_a_session_ends(sign_in: SignIn, database: Database, change: dict[str, object]) -> None:
    client = sign_in(PersonRole.REVIEWER)
    assert client.get("/api/me").status_code == 200
    with database.write() as session:
        session.execute(update(SessionRow).values(**change))
    assert client.get("/api/me").status_code == 401


def test_use_keeps_a_session_alive(sign_in: SignIn, database: Database) -> None:
    client = sign_in(PersonRole.REVIEWER)
    long_ago = now() - Sessions().idle + timedelta(hours=1)
    with database.write() as session:
        session.execute(update(SessionRow).values(seen_at=long_ago))
    assert client.get("/api/me").status_code == 200
    with database.read() as session:
        assert session.scalars(select(SessionRow.seen_at)).one() > long_ago + timedelta(days=1)


def test_a_closed_account_is_out_at_once(app: FastAPI, sign_in: SignIn, database: Database, settings: Settings) -> None:
    client = sign_in(PersonRole.REVIEWER, name="Ada")
    with database.write() as session:
        row = people.find(session, "Ada")
        unused = create_link(session, row, expiry=settings.sessions.link_expiry)
        people.close(session, row)
    assert client.get("/api/me").status_code == 401
    answer = TestClient(app).post("/api/session", json={"token": unused})
    assert (answer.status_code, answer.json()["code"]) == (401, "person.disabled")


def test_sweeping_removes_only_what_is_over(database: Database, sign_in: SignIn, settings: Settings) -> None:
    sign_in(PersonRole.REVIEWER, name="Ada")
    sign_in(PersonRole.REVIEWER, name="Bob")
    with database.write() as session:
        ada = session.scalars(select(PersonRow).where(PersonRow.name == "Ada")).one()
        session.execute(update(SessionRow).where(SessionRow.person_id == ada.id).values(expires_at=now()))
    with database.write() as session:
        service.sweep(session, options=settings.sessions)
    with database.read() as session:
        assert session.scalars(select(PersonRow.name).join(SessionRow)).all() == ["Bob"]
