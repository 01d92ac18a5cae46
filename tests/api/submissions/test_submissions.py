from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from api.auth.roles import PersonRole
from api.processing.stages import STAGES
from api.settings import Settings
from api.storage.base import Base
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AccessLogRow, DeletionRow, PersonRow, SubmissionRow, UploadRow
from api.submissions.removal import finish_deletions
from tests.api.conftest import SignIn, Statements
from tests.api.preparing import VIDEO, hand_in, prepare, read, upload
from tests.api.uploads.test_tus import create, patch


class TestHandingIn:
    def test_a_finished_upload_becomes_a_submission(self, staff: TestClient, objects: ObjectStore) -> None:
        submission = hand_in(staff, filename="Вода.mp4")
        assert submission["title"] == "Вода"
        assert submission["filename"] == "Вода.mp4"
        assert submission["size"] == len(VIDEO)
        assert submission["state"] == "received"
        assert [step["name"] for step in submission["steps"]] == [stage.name for stage in STAGES]
        assert {step["state"] for step in submission["steps"]} == {"waiting"}
        assert submission["failure"] is None
        assert submission["evidence_counts"] is None
        assert submission["sha256"] is None
        [original] = list(objects.list("originals/"))
        assert original.size == len(VIDEO)

    def test_a_title_may_be_given(self, staff: TestClient) -> None:
        assert hand_in(staff, title="  Boats  ")["title"] == "Boats"

    def test_asked_twice_it_is_the_same_submission(self, staff: TestClient, database: Database) -> None:
        upload_id = upload(staff)
        answers = [staff.post("/api/submissions", json={"upload_id": upload_id}) for _ in range(3)]
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(SubmissionRow)) == 1
            assert session.scalar(select(func.count()).select_from(UploadRow)) == 0

    def test_asked_many_times_at_once_it_is_the_same_submission(self, app: FastAPI, staff: TestClient) -> None:
        upload_id = upload(staff)

        def post(_: int) -> tuple[int, str]:
            answer = TestClient(app, cookies=staff.cookies).post("/api/submissions", json={"upload_id": upload_id})
            return answer.status_code, answer.json().get("id", "")

        with ThreadPoolExecutor(6) as pool:
            answers = set(pool.map(post, range(6)))
        assert len(answers) == 1
        assert answers.pop()[0] == 202

    def test_a_hand_in_cut_off_after_the_file_was_moved_can_be_asked_again(
        self, staff: TestClient, settings: Settings, objects: ObjectStore
    ) -> None:
        upload_id = upload(staff)
        objects.adopt(f"originals/{upload_id}", settings.data / "uploads" / f"{upload_id}.complete")
        assert staff.post("/api/submissions", json={"upload_id": upload_id}).status_code == 202

    def test_an_upload_whose_last_request_was_cut_off_is_whole(self, staff: TestClient, settings: Settings) -> None:
        location = create(staff, 10).headers["location"]
        upload_id = location.rsplit("/", 1)[1]
        (settings.data / "uploads" / f"{upload_id}.part").write_bytes(b"x" * 10)
        assert staff.post("/api/submissions", json={"upload_id": upload_id}).status_code == 202

    def test_an_unfinished_upload_is_refused(self, staff: TestClient) -> None:
        location = create(staff, 10).headers["location"]
        patch(staff, location, 0, b"xxx")
        answer = staff.post("/api/submissions", json={"upload_id": location.rsplit("/", 1)[1]})
        assert (answer.status_code, answer.json()["code"]) == (409, "upload.unfinished")
        assert "3 of 10" in answer.json()["detail"]

    def test_another_persons_upload_is_refused(self, staff: TestClient, sign_in: SignIn) -> None:
        upload_id = upload(staff)
        other = sign_in(PersonRole.ADMIN)
        assert other.post("/api/submissions", json={"upload_id": upload_id}).status_code == 404
        assert staff.post("/api/submissions", json={"upload_id": upload_id}).status_code == 202
        assert other.post("/api/submissions", json={"upload_id": upload_id}).status_code == 404


class TestListing:
    @pytest.fixture
    def three(self, staff: TestClient) -> list[str]:
        return [hand_in(staff, title=title)["id"] for title in ("Bridges 50%", "aquarium", "Circuits")]

    def titles(self, client: TestClient, query: str) -> list[str]:
        answer = client.get(f"/api/submissions?{query}")
        assert answer.status_code == 200, answer.text
        return [item["title"] for item in answer.json()["items"]]

    @pytest.mark.parametrize(
        ("query", "titles"),
        [
            ("", ["Circuits", "aquarium", "Bridges 50%"]),
            ("sort=created_at", ["Bridges 50%", "aquarium", "Circuits"]),
            ("sort=title", ["aquarium", "Bridges 50%", "Circuits"]),
            ("sort=-title", ["Circuits", "Bridges 50%", "aquarium"]),
            ("q=AQUA", ["aquarium"]),
            ("q=clip.mp4&sort=title", ["aquarium", "Bridges 50%", "Circuits"]),
            ("q=%25", ["Bridges 50%"]),
            ("q=_", []),
            ("state=ready", []),
            ("state=received&page_size=2", ["Circuits", "aquarium"]),
            ("page_size=2&page=2", ["Bridges 50%"]),
            ("page=9", []),
        ],
    )
    def test_filter_sort_and_page(self, staff: TestClient, three: list[str], query: str, titles: list[str]) -> None:
        assert self.titles(staff, query) == titles

    def test_the_total_counts_what_matches_not_what_is_shown(self, staff: TestClient, three: list[str]) -> None:
        found = staff.get("/api/submissions?q=i&page_size=1").json()  # Bridges, aquarium, Circuits; clip.mp4
        assert (found["total"], found["page"], found["page_size"], len(found["items"])) == (3, 1, 1, 1)

    @pytest.mark.parametrize("query", ["page=0", "page_size=0", "page_size=201", "sort=size", "state=lost"])
    def test_nonsense_is_refused(self, staff: TestClient, query: str) -> None:
        assert staff.get(f"/api/submissions?{query}").status_code == 422

    def test_sorting_by_duration_puts_the_unknown_last(
        self, staff: TestClient, three: list[str], database: Database
    ) -> None:
        with database.write() as session:
            for submission_id, duration in zip(three[:2], (30.0, 10.0), strict=True):
                session.get_one(SubmissionRow, submission_id).duration = duration
        assert self.titles(staff, "sort=duration") == ["aquarium", "Bridges 50%", "Circuits"]
        assert self.titles(staff, "sort=-duration") == ["Bridges 50%", "aquarium", "Circuits"]

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, staff: TestClient, three: list[str], count_queries: Callable[[Callable[[], object]], int]
    ) -> None:
        def get(n: int) -> Callable[[], object]:
            return lambda: staff.get(f"/api/submissions?page_size={n}")

        assert count_queries(get(3)) == count_queries(get(1))


class TestWhoSees:
    def test_an_educator_sees_only_their_own(self, staff: TestClient, sign_in: SignIn) -> None:
        theirs = hand_in(staff)["id"]
        educator = sign_in(PersonRole.EDUCATOR)
        own = hand_in(educator)["id"]
        assert [item["id"] for item in educator.get("/api/submissions").json()["items"]] == [own]
        assert educator.get(f"/api/submissions/{theirs}").status_code == 404
        assert educator.delete(f"/api/submissions/{theirs}").status_code == 404
        assert {item["id"] for item in staff.get("/api/submissions").json()["items"]} == {own, theirs}

    def test_a_researcher_who_teaches_changes_only_their_own(self, staff: TestClient, sign_in: SignIn) -> None:
        theirs = hand_in(staff)["id"]
        both = sign_in(PersonRole.EDUCATOR, PersonRole.RESEARCHER)
        assert both.get(f"/api/submissions/{theirs}").status_code == 200
        for call in (
            both.delete(f"/api/submissions/{theirs}"),
            both.post(f"/api/submissions/{theirs}/cancel"),
            both.patch(f"/api/submissions/{theirs}", json={"title": "x"}),
        ):
            assert (call.status_code, call.json()["code"]) == (403, "submission.not_yours")


class TestChanging:
    def test_rename(self, staff: TestClient) -> None:
        submission = hand_in(staff)
        answer = staff.patch(f"/api/submissions/{submission['id']}", json={"title": "Boats"})
        assert answer.json()["title"] == "Boats"
        assert staff.patch(f"/api/submissions/{submission['id']}", json={"title": "   "}).status_code == 422

    def test_cancel_then_retry(self, staff: TestClient) -> None:
        submission_id = hand_in(staff)["id"]
        cancelled = staff.post(f"/api/submissions/{submission_id}/cancel")
        assert cancelled.status_code == 202
        assert cancelled.json()["state"] == "cancelled"
        assert {step["state"] for step in cancelled.json()["steps"]} == {"cancelled"}
        again = staff.post(f"/api/submissions/{submission_id}/cancel")
        assert (again.status_code, again.json()["code"]) == (409, "submission.not_running")
        retried = staff.post(f"/api/submissions/{submission_id}/retry")
        assert retried.status_code == 202
        assert retried.json()["state"] == "received"
        assert {step["state"] for step in retried.json()["steps"]} == {"waiting"}

    def test_what_is_running_or_ready_cannot_be_retried(
        self, staff: TestClient, settings: Settings, database: Database, objects: ObjectStore
    ) -> None:
        submission_id = hand_in(staff)["id"]
        answer = staff.post(f"/api/submissions/{submission_id}/retry")
        assert (answer.status_code, answer.json()["code"]) == (409, "submission.not_retryable")
        prepare(settings, database, objects, submission_id)
        answer = staff.post(f"/api/submissions/{submission_id}/retry")
        assert (answer.status_code, answer.json()["code"]) == (409, "submission.not_retryable")


class TestDeleting:
    def test_nothing_is_left_but_the_receipt_and_the_log(
        self, staff: TestClient, settings: Settings, database: Database, objects: ObjectStore
    ) -> None:
        kept = hand_in(staff, title="kept")["id"]
        submission_id = hand_in(staff)["id"]
        prepare(settings, database, objects, kept)
        prepare(settings, database, objects, submission_id)
        staff.get(f"/api/submissions/{submission_id}/media")
        before = rows_by_table(database)

        receipt = staff.delete(f"/api/submissions/{submission_id}")

        assert receipt.status_code == 200
        assert receipt.json()["id"] == submission_id
        assert sorted(item["kind"] for item in receipt.json()["objects"]) == [
            "original",
            "peaks",
            "proxy",
            "thumbnails",
            "thumbnails_index",
        ]
        assert staff.get(f"/api/submissions/{submission_id}").status_code == 404
        assert staff.get(f"/api/submissions/{submission_id}/media").status_code == 404
        after = rows_by_table(database)
        left = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        # two submissions were, one is; seven steps each, one attempt each, two pieces of evidence each
        assert left == {
            "submission": (2, 1),
            "media_object": (10, 5),
            "processing_run": (2, 1),
            "processing_step": (14, 7),
            "processing_attempt": (14, 7),
            "annotation": (2, 1),
            "evidence": (4, 2),
            "measure": (2, 1),
            "deletion": (0, 1),
        }
        keys = [item.key for item in objects.list("")]
        assert len(keys) == 5
        assert all(kept in key for key in keys if key.startswith("derived/"))
        with database.read() as session:
            assert session.scalars(select(DeletionRow.completed_at)).one() is not None
            assert session.scalars(select(AccessLogRow.submission_id)).all() == [submission_id]
        assert read(staff, kept)["state"] == "ready"

    def test_a_deletion_cut_off_before_the_objects_is_finished_later(
        self, staff: TestClient, database: Database, objects: ObjectStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        submission_id = hand_in(staff)["id"]

        def power_cut(*_: object) -> None:
            raise ConnectionError

        with monkeypatch.context() as cut:
            cut.setattr("api.submissions.deletion.remove_objects", power_cut)
            with pytest.raises(ConnectionError):
                staff.delete(f"/api/submissions/{submission_id}")
        assert staff.get(f"/api/submissions/{submission_id}").status_code == 404
        assert len(list(objects.list(""))) == 1
        finish_deletions(database, objects)
        assert list(objects.list("")) == []
        with database.read() as session:
            assert session.scalars(select(DeletionRow.completed_at)).one() is not None


class TestDeletingWhileOthersWork:
    DATABASES = ("postgres",)  # SQLite knows one writer at a time

    def test_rows_are_locked_in_the_order_of_reviewers_and_workers(
        self, staff: TestClient, statements: Statements
    ) -> None:
        submission_id = hand_in(staff)["id"]
        sent = statements(lambda: staff.delete(f"/api/submissions/{submission_id}"))
        locking = [line for line in sent if line.startswith(("UPDATE", "DELETE")) or line.endswith("FOR UPDATE")]
        order = ("FROM assignment", "FROM processing_run", "UPDATE change_counter")
        assert all(part in line for part, line in zip(order, locking[:3], strict=True)), locking


def rows_by_table(database: Database) -> dict[str, int]:
    with database.read() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name != "change_counter"
        }


def test_a_person_keeps_their_submissions_name(staff: TestClient, database: Database) -> None:
    with database.write() as session:
        session.scalars(select(PersonRow)).one().name = "Grace"
    assert hand_in(staff)["uploaded_by"]["name"] == "Grace"


def test_files_are_where_the_settings_say(staff: TestClient, tmp_path: Path) -> None:
    hand_in(staff)
    assert [path.name for path in (tmp_path / "objects").iterdir()] == ["originals"]
    assert list((tmp_path / "uploads").iterdir()) == []
