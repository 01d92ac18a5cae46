"""The tus 1.0 core, creation, termination and expiration, as a client meets them."""

import base64
import os
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.auth.roles import PersonRole
from api.processing.sweep import sweep_uploads
from api.settings import Limits, Settings
from api.storage.base import now
from api.storage.session import Database
from api.storage.tables import UploadRow
from api.uploads.files import PartFiles
from api.uploads.service import clean_filename, parse_metadata
from model.errors import InputRefused
from tests.api.conftest import MIB, SignIn

TUS = {"Tus-Resumable": "1.0.0"}


def metadata(**pairs: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def create(client: TestClient, length: int, filename: str = "clip.mp4") -> Any:
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": metadata(filename=filename, filetype="video/mp4")}
    return client.post("/api/uploads", headers=headers)


def patch(client: TestClient, location: str, offset: int, data: bytes) -> Any:
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return client.patch(location, headers=headers, content=data)


def offset_of(client: TestClient, location: str) -> int:
    answer = client.head(location, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


@pytest.fixture
def parts(settings: Settings) -> PartFiles:
    return PartFiles(settings.data / "uploads", disk_reserve_bytes=0)


def test_options_say_what_is_possible(anonymous: TestClient) -> None:
    headers = anonymous.options("/api/uploads").headers
    assert headers["tus-version"] == "1.0.0"
    assert headers["tus-extension"] == "creation,termination,expiration"
    assert headers["tus-max-size"] == str(64 * MIB)


def test_a_file_arrives_in_pieces(staff: TestClient, parts: PartFiles) -> None:
    data = os.urandom(3 * MIB + 17)
    created = create(staff, len(data))
    assert created.status_code == 201
    location = created.headers["location"]
    assert "upload-expires" in created.headers
    assert offset_of(staff, location) == 0
    offset = 0
    for size in (MIB, 1, 2 * MIB + 16):
        answer = patch(staff, location, offset, data[offset : offset + size])
        offset += size
        assert (answer.status_code, answer.headers["upload-offset"]) == (204, str(offset))
        assert answer.headers["tus-resumable"] == "1.0.0"
    assert offset_of(staff, location) == len(data)
    assert parts.complete(location.rsplit("/", 1)[1]).read_bytes() == data


def test_a_wrong_offset_is_a_conflict_and_writes_nothing(staff: TestClient) -> None:
    location = create(staff, 100).headers["location"]
    patch(staff, location, 0, b"x" * 40)
    for offset in (0, 39, 41):
        answer = patch(staff, location, offset, b"y" * 10)
        assert answer.status_code == 409
        assert answer.headers["upload-offset"] == "40"
        assert answer.json()["code"] == "upload.offset"
    assert offset_of(staff, location) == 40


def test_more_than_announced_is_refused_before_it_is_written(staff: TestClient) -> None:
    location = create(staff, 10).headers["location"]
    answer = patch(staff, location, 0, b"x" * 11)
    assert (answer.status_code, answer.json()["code"]) == (413, "upload.past_end")
    assert offset_of(staff, location) == 0


def test_more_than_announced_is_refused_without_a_content_length_too(staff: TestClient) -> None:
    location = create(staff, 10).headers["location"]

    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * 6

    headers = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = staff.patch(location, headers=headers, content=chunks())
    assert answer.status_code == 413
    assert offset_of(staff, location) <= 10


def test_a_file_over_the_limit_is_refused_at_once(staff: TestClient, parts: PartFiles) -> None:
    answer = create(staff, 64 * MIB + 1)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "upload.too_large"
    assert "0.07 GB" in answer.json()["detail"]
    assert parts.ids() == set()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Upload-Offset": "-1"}, 422),
        ({"Upload-Offset": "many"}, 422),
    ],
    ids=str,
)
def test_another_protocol_is_refused(staff: TestClient, headers: dict[str, str], status: int) -> None:
    location = create(staff, 10).headers["location"]
    given = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} | headers
    answer = staff.patch(location, headers=given, content=b"x")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert offset_of(staff, location) == 0


def test_another_persons_upload_is_not_there(staff: TestClient, sign_in: SignIn) -> None:
    location = create(staff, 10).headers["location"]
    other = sign_in(PersonRole.EDUCATOR)
    assert other.head(location, headers=TUS).status_code == 404
    assert patch(other, location, 0, b"x").status_code == 404
    assert other.delete(location, headers=TUS).status_code == 404
    assert offset_of(staff, location) == 0


def test_the_body_of_a_stranger_is_not_written(app: FastAPI, staff: TestClient) -> None:
    location = create(staff, 10).headers["location"]
    assert patch(TestClient(app), location, 0, b"x" * 10).status_code == 401
    assert offset_of(staff, location) == 0


def test_an_upload_can_be_given_up(staff: TestClient, parts: PartFiles, database: Database) -> None:
    location = create(staff, 10).headers["location"]
    patch(staff, location, 0, b"x")
    assert staff.delete(location, headers=TUS).status_code == 204
    assert staff.head(location, headers=TUS).status_code == 404
    assert parts.ids() == set()
    with database.read() as session:
        assert session.scalars(select(UploadRow)).all() == []


def test_while_one_writes_the_other_is_told_so(staff: TestClient, parts: PartFiles) -> None:
    """The lock is the kernel's, on a file: it holds between processes as it does here between descriptors."""
    location = create(staff, 10).headers["location"]
    with parts.lock(location.rsplit("/", 1)[1]):
        answer = patch(staff, location, 0, b"x")
        assert (answer.status_code, answer.json()["code"]) == (423, "upload.busy")
        assert staff.delete(location, headers=TUS).status_code == 423
    assert patch(staff, location, 0, b"x").status_code == 204


def test_many_writers_at_once_leave_each_byte_once(app: FastAPI, staff: TestClient) -> None:
    location = create(staff, 4 * MIB).headers["location"]

    def send(_: int) -> int:
        status: int = patch(TestClient(app, cookies=staff.cookies), location, 0, b"x" * MIB).status_code
        return status

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert answers.count(204) == 1
    assert set(answers) <= {204, 409, 423}
    assert offset_of(staff, location) == MIB


def test_an_empty_file_is_complete_at_once(staff: TestClient, parts: PartFiles) -> None:
    location = create(staff, 0).headers["location"]
    assert parts.complete(location.rsplit("/", 1)[1]).exists()
    assert offset_of(staff, location) == 0


def test_an_upload_left_alone_expires_and_is_swept(
    staff: TestClient, database: Database, settings: Settings, parts: PartFiles
) -> None:
    location = create(staff, 10).headers["location"]
    kept = create(staff, 10).headers["location"]
    upload_id = location.rsplit("/", 1)[1]
    with database.write() as session:
        session.execute(
            update(UploadRow).where(UploadRow.id == upload_id).values(expires_at=now() - timedelta(seconds=1))
        )
    answer = patch(staff, location, 0, b"x")
    assert (answer.status_code, answer.json()["code"]) == (410, "upload.expired")
    parts.create("left-by-a-crash")
    for path in (settings.data / "uploads").iterdir():
        os.utime(path, (0, 0))
    parts.create("not-yet-committed")
    sweep_uploads(settings, database)
    assert parts.ids() == {kept.rsplit("/", 1)[1], "not-yet-committed"}
    assert staff.head(location, headers=TUS).status_code == 404


class TestFullDisk:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"limits": Limits(upload_bytes=1 << 50, disk_reserve_bytes=0)})

    def test_what_cannot_fit_is_refused_before_a_byte_is_sent(self, staff: TestClient, parts: PartFiles) -> None:
        answer = create(staff, 1 << 49)  # half a petabyte
        assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")
        assert parts.ids() == set()

    def test_a_disk_that_fills_while_writing_keeps_what_fitted(self, staff: TestClient) -> None:
        location = create(staff, 8 * MIB).headers["location"]
        with largest_file(3 * MIB):
            answer = patch(staff, location, 0, b"x" * 8 * MIB)
        assert (answer.status_code, answer.json()["code"]) == (507, "storage.full")
        assert "Try again later" in answer.json()["remedy"]
        have = offset_of(staff, location)
        assert have == 3 * MIB
        assert patch(staff, location, have, b"x" * (8 * MIB - have)).headers["upload-offset"] == str(8 * MIB)


@contextmanager
def largest_file(n_bytes: int) -> Iterator[None]:
    """The kernel refuses to let any file of this process grow further: as on a full disk, a real write fails."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("clip.mp4", "clip.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\videos\\clip.mov", "clip.mov"),
        ("Работа с водой 🌊.mp4", "Работа с водой 🌊.mp4"),
        ("a\x00b\nc.mp4", "abc.mp4"),
        ("", "video"),
        ("/", "video"),
        ("x" * 300, "x" * 255),
    ],
)
def test_a_name_is_kept_but_never_a_path(given: str, kept: str) -> None:
    assert clean_filename(given) == kept


def test_metadata_that_cannot_be_read_is_refused() -> None:
    assert parse_metadata(metadata(filename="é.mp4") + ",is_private") == {"filename": "é.mp4", "is_private": ""}
    assert parse_metadata(None) == {}
    with pytest.raises(InputRefused, match="filename"):
        parse_metadata("filename ###")
