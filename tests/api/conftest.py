import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event

from api.app import create_app
from api.auth.roles import PersonRole
from api.auth.service import create_link
from api.people import service as people
from api.settings import Limits, Settings, Worker
from api.storage.objects import ObjectStore, open_objects
from api.storage.session import Database
from tests.api.buckets import S3Server
from tests.api.databases import Postgres, Sqlite, postgres_server

MIB = 1024 * 1024
SignIn = Callable[..., TestClient]
Statements = Callable[[Callable[[], object]], list[str]]  # what a call sends to any database


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    # Its own folder: the server refuses paths that other people's folders on the way close to it.
    with tempfile.TemporaryDirectory(prefix="lookfors-pg-") as folder, postgres_server(Path(folder)) as server:
        made = Postgres(server)
        yield made
        made.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests run on both databases, unless their class or module says `DATABASES = ("sqlite",)`: nothing there depends
    on it."""
    if "database_url" in metafunc.fixturenames:
        place = metafunc.cls if hasattr(metafunc.cls, "DATABASES") else metafunc.module
        databases = getattr(place, "DATABASES", ("sqlite", "postgres"))
        metafunc.parametrize("database_url", databases, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated database; every test that asks for it runs on both."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite").database(tmp_path)
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server
    server.close()


@pytest.fixture
def bucket_url(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    return s3_server.place(monkeypatch)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    """What the fake stages shall do; absent, they succeed at once."""
    return tmp_path / "plan.json"


@pytest.fixture
def settings(tmp_path: Path, database_url: str, plan: Path) -> Settings:
    return Settings(
        data=tmp_path,
        database_url=database_url,
        sample=tmp_path / "sample",
        web_dist=tmp_path / "dist",
        limits=Limits(upload_bytes=64 * MIB, disk_reserve_bytes=0),
        worker=Worker(stage_command=fake_stage(plan), stage_options={}, backoff_s=0.05),
    )


def fake_stage(plan: Path) -> tuple[str, ...]:

    return (sys.executable, "-m", "tests.api.fake_stage", str(plan))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    opened = Database(settings.database, process="command")
    yield opened
    opened.close()


@pytest.fixture
def objects(settings: Settings) -> ObjectStore:
    return open_objects(settings)


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def anonymous(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def link_for(database: Database, settings: Settings) -> Callable[..., str]:
    """Adds a person and answers with the secret of a sign-in link."""

    def add(name: str, *roles: PersonRole) -> str:
        with database.write() as session:
            row = people.add(session, name, frozenset(roles))
            return create_link(session, row, expiry=settings.sessions.link_expiry)

    return add


@pytest.fixture
def sign_in(app: FastAPI, link_for: Callable[..., str], anonymous: TestClient) -> SignIn:
    """A client signed in as a new person with these roles."""

    def make(*roles: PersonRole, name: str | None = None) -> TestClient:
        client = TestClient(app)
        answer = client.post("/api/session", json={"token": link_for(name or "+".join(roles), *roles)})
        assert answer.status_code == 200, answer.text
        return client

    return make


@pytest.fixture
def staff(sign_in: SignIn) -> TestClient:
    return sign_in(PersonRole.STAFF)


@pytest.fixture
def statements() -> Statements:
    """What a call sends to any database, in its order."""

    def listen(call: Callable[[], object]) -> list[str]:
        sent: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            call()
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return sent

    return listen


@pytest.fixture
def count_queries(statements: Statements) -> Callable[[Callable[[], object]], int]:
    """How many statements a call sends to any database."""
    return lambda call: len(statements(call))
