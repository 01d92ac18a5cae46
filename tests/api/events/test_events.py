"""Live progress over a real connection, whichever process made the change."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.auth.roles import PersonRole
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from tests.api.conftest import SignIn
from tests.api.preparing import hand_in, prepare
from tests.api.reviewing import Desk, assign, use_protocol
from tests.api.running import Service, eventually, running


class Listener:
    """An open stream and everything it was sent."""

    def __init__(self, url: str, cookies: httpx.Cookies) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.ended = threading.Event()
        self._client = httpx.Client(base_url=url, cookies=cookies, timeout=None)
        threading.Thread(target=self._listen, daemon=True).start()
        eventually(lambda: self.events, "the stream to open")

    def _listen(self) -> None:
        # The service may be killed at the end of a test, in the middle of the answer.
        with suppress(httpx.RemoteProtocolError), self._client.stream("GET", "/api/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            event = ""
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                if line.startswith("data: "):
                    self.events.append((event, json.loads(line.removeprefix("data: "))))
        self.ended.set()

    def told(self, event: str) -> list[dict[str, Any]]:
        return [data for name, data in self.events if name == event]


@pytest.fixture
def service(settings: Settings, database: Database) -> Iterator[Service]:
    with running(Service(settings, "--web-only")) as program:
        assert isinstance(program, Service)
        yield program


def cookies_of(client: TestClient) -> httpx.Cookies:
    return httpx.Cookies(dict(client.cookies))


def test_whoever_may_see_it_is_told_at_once(
    service: Service,
    staff: TestClient,
    sign_in: SignIn,
    settings: Settings,
    database: Database,
    objects: ObjectStore,
) -> None:
    """The changes are made by this process, the streams are served by another."""
    educator = sign_in(PersonRole.EDUCATOR)
    by_staff = Listener(service.url, cookies_of(staff))
    by_educator = Listener(service.url, cookies_of(educator))

    own = hand_in(educator)["id"]
    eventually(lambda: by_educator.told("submission"), "news of the own submission")
    other = hand_in(staff)["id"]
    prepare(settings, database, objects, other)
    eventually(lambda: any(item["state"] == "ready" for item in by_staff.told("submission")), "the end of it")
    assert {item["id"] for item in by_staff.told("submission")} == {own, other}
    last = [item for item in by_staff.told("submission") if item["id"] == other][-1]
    assert last == staff.get(f"/api/submissions/{other}").json()

    staff.delete(f"/api/submissions/{other}")
    eventually(lambda: by_staff.told("removed"), "news of the removal")
    assert by_staff.told("removed") == [{"id": other}]
    assert {item["id"] for item in by_educator.told("submission")} == {own}
    assert by_educator.told("removed") == []


def test_a_review_that_goes_on_is_told_to_its_reviewer_alone(
    service: Service,
    staff: TestClient,
    sign_in: SignIn,
    settings: Settings,
    database: Database,
    objects: ObjectStore,
) -> None:
    submission = hand_in(staff)["id"]
    prepare(settings, database, objects, submission)
    ada, ben = sign_in(PersonRole.REVIEWER, name="Ada"), sign_in(PersonRole.REVIEWER, name="Ben")
    use_protocol(staff, "assisted")
    mine, other = assign(staff, submission, ada, ben)
    desk = Desk(ada, mine)
    elsewhere = Listener(service.url, cookies_of(ada))
    others = [Listener(service.url, cookies_of(client)) for client in (ben, staff)]

    saved = desk.act("note", "note", {"text": "Listen again."})
    eventually(lambda: elsewhere.told("review"), "news of the own review")
    assert elsewhere.told("review") == [{"id": mine, "seq": saved["seq"]}]
    again = desk.act("note", "note", {"text": "Nobody waits."}, replaces="of-another-time")
    assert again["results"][0]["status"] == "conflict"  # nothing went on, so nothing is told

    Desk(ben, other).act("note", "note", {"text": "Mine."})
    eventually(lambda: others[0].told("review"), "news of the other review to its own reviewer")
    assert {item["id"] for item in others[0].told("review")} == {other}
    assert others[1].told("review") == []
    assert {item["seq"] for item in elsewhere.told("review")} == {saved["seq"]}


class TestTheStreamItself:
    DATABASES = ("sqlite",)

    def test_only_the_signed_in_listen_and_streams_do_not_keep_the_service_from_stopping(
        self, service: Service, staff: TestClient
    ) -> None:
        assert httpx.get(f"{service.url}/api/events").status_code == 401
        listener = Listener(service.url, cookies_of(staff))
        assert service.stop() == 0, service.said
        assert listener.ended.wait(10)

    def test_a_quiet_stream_says_that_it_lives_and_ends_with_its_session(
        self, served: str, staff: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("api.events.routes.PING_S", 0.2)
        listener = Listener(served, cookies_of(staff))
        eventually(lambda: len(listener.told("ping")) >= 3, "signs of life")
        assert not listener.ended.is_set()
        staff.delete("/api/session")
        assert listener.ended.wait(20)


@pytest.fixture
def served(app: FastAPI) -> Iterator[str]:
    """The app of this test on a real socket, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the server")
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
