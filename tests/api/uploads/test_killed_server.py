"""A server killed in the middle of a request, by SIGKILL, over a real socket."""

import hashlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.auth.roles import PersonRole
from api.settings import Settings
from tests.api.conftest import MIB
from tests.api.running import Service, eventually, running
from tests.api.uploads.test_tus import TUS, metadata

DATABASES = ("sqlite",)
SIZE = 24 * MIB
PATCH = TUS | {"Content-Type": "application/offset+octet-stream"}


def client_of(service: Service, cookies: httpx.Cookies | None = None) -> httpx.Client:
    return httpx.Client(base_url=service.url, cookies=cookies, timeout=60)


def begin_patch(service: Service, location: str, cookies: httpx.Cookies, offset: int, data: bytes) -> socket.socket:
    """Announces the whole rest, sends `data` of it, and leaves the connection open."""
    where = urlsplit(service.url)
    assert where.hostname is not None
    connection = socket.create_connection((where.hostname, where.port))
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    head = {**PATCH, "Host": where.netloc, "Cookie": cookie, "Upload-Offset": offset, "Content-Length": SIZE - offset}
    lines = [f"PATCH {location} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    connection.sendall("\r\n".join(lines).encode() + data)
    return connection


@pytest.fixture
def cookies(settings: Settings, link_for: Callable[..., str]) -> tuple[Service, httpx.Cookies]:
    service = Service(settings, "--web-only")
    with client_of(service) as client:
        client.post("/api/session", json={"token": link_for("Ada", PersonRole.STAFF)}).raise_for_status()
        return service, client.cookies


def test_killed_twice_it_resumes_to_the_same_bytes(
    settings: Settings, cookies: tuple[Service, httpx.Cookies], tmp_path: Path
) -> None:
    service, cookie = cookies
    data = os.urandom(SIZE)
    with running(service), client_of(service, cookie) as client:
        headers = TUS | {"Upload-Length": str(SIZE), "Upload-Metadata": metadata(filename="clip.mp4")}
        location = client.post("/api/uploads", headers=headers).headers["location"]
    part = tmp_path / "uploads" / f"{location.rsplit('/', 1)[1]}.part"
    assert not service.alive

    for share in (1 / 3, 2 / 3):
        service = Service(settings, "--web-only")
        with running(service), client_of(service, cookie) as client:
            offset = int(client.head(location, headers=TUS).headers["upload-offset"])
            assert offset == part.stat().st_size
            sent = data[offset : int(SIZE * share)]
            with begin_patch(service, location, cookie, offset, sent):
                eventually(lambda: part.stat().st_size > offset + MIB, "bytes to arrive")  # noqa: B023
                service.kill()
        assert offset < part.stat().st_size < SIZE

    service = Service(settings, "--web-only")
    with running(service), client_of(service, cookie) as client:
        offset = int(client.head(location, headers=TUS).headers["upload-offset"])
        with begin_patch(service, location, cookie, offset, data[offset : offset + MIB]):
            eventually(lambda: part.stat().st_size == offset + MIB, "its first bytes to be written")
            busy = client.patch(location, headers=PATCH | {"Upload-Offset": str(offset)}, content=data[offset:])
            assert busy.status_code == 423  # the other request is still open
        offset += MIB

        def finish() -> bool:
            answer = client.patch(location, headers=PATCH | {"Upload-Offset": str(offset)}, content=data[offset:])
            return answer.status_code == 204

        eventually(finish, "the lost connection to be noticed")
        handed_in = client.post("/api/submissions", json={"upload_id": location.rsplit("/", 1)[1]})
        assert handed_in.status_code == 202
        original = client.get(f"/api/submissions/{handed_in.json()['id']}/original").content
    assert hashlib.sha256(original).hexdigest() == hashlib.sha256(data).hexdigest()
    assert not part.exists()
