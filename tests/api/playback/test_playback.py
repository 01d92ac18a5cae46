from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from api.playback.names import attachment
from api.settings import Settings
from api.storage.base import now
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AccessLogRow
from tests.api.preparing import VIDEO, hand_in, prepare

PROXY = VIDEO[::-1]  # what the fake stage makes of it


@pytest.fixture
def ready(staff: TestClient, settings: Settings, database: Database, objects: ObjectStore) -> str:
    submission_id: str = hand_in(staff, filename="Вода 1.mp4")["id"]
    prepare(settings, database, objects, submission_id)
    return f"/api/submissions/{submission_id}"


class TestMedia:
    def test_whole(self, staff: TestClient, ready: str) -> None:
        answer = staff.get(f"{ready}/media")
        assert (answer.status_code, answer.content) == (200, PROXY)
        assert answer.headers["content-type"] == "video/mp4"
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["cache-control"] == "private, no-cache"

    def test_head_tells_the_size_and_sends_nothing(self, staff: TestClient, ready: str) -> None:
        answer = staff.head(f"{ready}/media")
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-length"] == str(len(PROXY))

    def test_ranges(self, staff: TestClient, ready: str) -> None:
        ends = ((0, None, "0-"), (100, 200, "100-199"), (-50, None, "-50"), (199_999, None, "199999-"))
        for start, end, wanted in ends:
            answer = staff.get(f"{ready}/media", headers={"Range": f"bytes={wanted}"})
            assert (answer.status_code, answer.content) == (206, PROXY[start:end]), wanted

    def test_a_range_past_the_end_is_refused(self, staff: TestClient, ready: str) -> None:
        answer = staff.get(f"{ready}/media", headers={"Range": "bytes=200000-"})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == "bytes */200000"

    def test_a_range_of_another_version_is_not_mixed_in(self, staff: TestClient, ready: str) -> None:
        etag = staff.head(f"{ready}/media").headers["etag"]
        same = staff.get(f"{ready}/media", headers={"Range": "bytes=0-9", "If-Range": etag})
        other = staff.get(f"{ready}/media", headers={"Range": "bytes=0-9", "If-Range": '"other"'})
        assert (same.status_code, other.status_code) == (206, 200)


def test_the_original_is_a_download_under_its_own_name(staff: TestClient, ready: str) -> None:
    answer = staff.get(f"{ready}/original")
    assert answer.content == VIDEO
    disposition = answer.headers["content-disposition"]
    assert disposition.startswith("attachment;")
    assert disposition.endswith("filename*=UTF-8''%D0%92%D0%BE%D0%B4%D0%B0%201.mp4")


def test_names_cannot_break_out_of_the_header() -> None:
    assert attachment('a"\r\nSet-Cookie: x.mp4').split(";")[1] == ' filename="a___Set-Cookie: x.mp4"'


def test_what_the_page_draws(staff: TestClient, ready: str) -> None:
    assert staff.get(f"{ready}/peaks").json() == {"version": 1, "rate": 20, "peaks": [0, 128, 255]}
    assert staff.get(f"{ready}/thumbnails.json").json()["columns"] == 10
    picture = staff.get(f"{ready}/thumbnails.jpg")
    assert (picture.headers["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")


def test_what_is_not_made_yet_is_a_problem(staff: TestClient) -> None:
    submission_id = hand_in(staff)["id"]
    for what in ("media", "peaks", "thumbnails.jpg", "thumbnails.json"):
        answer = staff.get(f"/api/submissions/{submission_id}/{what}")
        assert answer.status_code == 404
        assert answer.json()["code"].startswith("media.no_")


def test_every_look_is_on_record_and_one_sitting_is_one_look(staff: TestClient, ready: str, database: Database) -> None:
    def looks() -> list[tuple[str, str]]:
        with database.read() as session:
            rows = session.execute(select(AccessLogRow.what, AccessLogRow.person_id).order_by(AccessLogRow.id))
            return [(what, person) for what, person in rows]

    me = staff.get("/api/me").json()["id"]
    assert looks() == []
    for _ in range(5):
        staff.get(f"{ready}/media", headers={"Range": "bytes=0-9"})
    assert looks() == [("proxy", me)]
    staff.get(f"{ready}/original")
    assert looks() == [("proxy", me), ("original", me)]
    with database.write() as session:
        session.execute(update(AccessLogRow).values(last_at=now() - timedelta(minutes=2)))
    staff.get(f"{ready}/media")
    assert len(looks()) == 2
    with database.read() as session:
        assert session.scalars(
            select(AccessLogRow.last_at).where(AccessLogRow.what == "proxy")
        ).one() > now() - timedelta(minutes=1)
    with database.write() as session:
        session.execute(update(AccessLogRow).values(last_at=now() - timedelta(hours=1)))
    staff.get(f"{ready}/media")
    assert looks() == [("proxy", me), ("original", me), ("proxy", me)]


class TestFromABucket:
    @pytest.fixture
    def settings(self, settings: Settings, bucket_url: str) -> Settings:
        return settings.model_copy(update={"objects_url": bucket_url})

    def test_a_browser_is_sent_to_a_signed_address(self, staff: TestClient, ready: str) -> None:
        from urllib.request import Request, urlopen

        answer = staff.get(f"{ready}/media", follow_redirects=False)
        assert answer.status_code == 307
        assert answer.headers["cache-control"] == "private, no-cache"
        with urlopen(Request(answer.headers["location"], headers={"Range": "bytes=100-199"})) as part:
            assert (part.status, part.read()) == (206, PROXY[100:200])
        head = staff.head(f"{ready}/media", follow_redirects=False)
        with urlopen(Request(head.headers["location"], method="HEAD")) as size:
            assert size.headers["content-length"] == str(len(PROXY))

    def test_the_policy_lets_the_page_play_it(self, staff: TestClient, s3_server: object) -> None:
        policy = staff.get("/").headers["content-security-policy"]
        assert f"media-src 'self' blob: {s3_server.endpoint}" in policy  # type: ignore[attr-defined]

    def test_nothing_stays_in_the_bucket_but_what_is_used(
        self, staff: TestClient, ready: str, objects: ObjectStore
    ) -> None:
        keys = [item.key.split("/")[0] for item in objects.list("")]
        assert sorted(keys) == ["derived"] * 4 + ["originals"]
        assert staff.delete(ready).status_code == 200
        assert list(objects.list("")) == []
