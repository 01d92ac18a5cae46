"""Staff's side: handing out work, seeing who is due, settling what differs."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from api.auth.roles import PersonRole
from api.queue.program import business_days_after, the_program
from api.queue.service import keep_rubric
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from model.rubric_pack import shipped_rubrics
from tests.api.conftest import SignIn, Statements
from tests.api.preparing import hand_in, prepare
from tests.api.reviewing import RUBRIC, Desk, assign, person_id, use_protocol


@pytest.fixture
def submission(staff: TestClient, settings: Settings, database: Database, objects: ObjectStore) -> str:
    handed_in = hand_in(staff, title="Bridges")
    prepare(settings, database, objects, handed_in["id"])
    return str(handed_in["id"])


@pytest.fixture
def pair(sign_in: SignIn) -> tuple[TestClient, TestClient]:
    return sign_in(PersonRole.REVIEWER, name="Ada"), sign_in(PersonRole.REVIEWER, name="Ben")


def shown(staff: TestClient, **query: str) -> list[str]:
    answer = staff.get("/api/queue", params=query)
    assert answer.status_code == 200, answer.text
    return [row["title"] for row in answer.json()["items"]]


def test_assigning_twice_changes_nothing_and_a_preview_changes_nothing(
    staff: TestClient, pair: tuple[TestClient, TestClient], submission: str
) -> None:
    body = {
        "submission_ids": [submission],
        "reviewer_ids": [person_id(reviewer) for reviewer in pair],
        "rubric_id": RUBRIC,
    }
    preview = staff.post("/api/assignments", json={**body, "preview": True}).json()
    assert (preview["assigned"], [item["assignment_id"] for item in preview["items"]]) == (2, [None, None])
    assert shown(staff, show="unassigned") == ["Bridges"]
    first = staff.post("/api/assignments", json=body).json()
    again = staff.post("/api/assignments", json=body).json()
    assert (first["assigned"], again["assigned"]) == (2, 0)
    assert {item["outcome"] for item in again["items"]} == {"already"}
    assert shown(staff, show="unassigned") == []


class TestAtOnce:
    DATABASES = ("postgres",)  # SQLite knows one writer at a time

    def test_work_is_handed_out_by_one_after_the_other(
        self,
        staff: TestClient,
        pair: tuple[TestClient, TestClient],
        submission: str,
        statements: Statements,
    ) -> None:
        """Or two could both find it not handed out yet."""
        sent = statements(lambda: assign(staff, submission, pair[0]))
        at = [
            next(place for place, statement in enumerate(sent) if part in statement)
            for part in ("UPDATE change_counter", "FROM program", "FROM rubric", "FROM assignment")
        ]
        assert at == sorted(at), sent

    def test_taking_work_back_locks_what_a_reviewer_who_saves_locks(
        self,
        staff: TestClient,
        pair: tuple[TestClient, TestClient],
        submission: str,
        statements: Statements,
    ) -> None:
        [review] = assign(staff, submission, pair[0])
        sent = statements(lambda: staff.delete(f"/api/assignments/{review}"))
        assert next(statement for statement in sent if "FROM assignment" in statement).endswith("FOR UPDATE")

    @pytest.mark.parametrize("first_use", [the_program, partial(keep_rubric, rubric=shipped_rubrics()[0])])
    def test_the_slower_of_two_first_users_gets_what_the_quicker_made(
        self, database: Database, first_use: Callable[[Session], object]
    ) -> None:
        def be_quicker(*_: object) -> None:
            with database.write() as other:
                first_use(other)

        with database.write() as session:
            session.connection()
            # when the slower one has looked and found nothing
            event.listen(database.engine, "after_cursor_execute", be_quicker, once=True)
            assert first_use(session) is first_use(session)


def test_nobody_is_given_their_own_upload_or_work_they_do_not_do(
    staff: TestClient, sign_in: SignIn, submission: str
) -> None:
    own = staff.post(
        "/api/assignments",
        json={"submission_ids": [submission], "reviewer_ids": [person_id(staff)], "rubric_id": RUBRIC},
    ).json()
    assert own["items"][0]["outcome"] == "own_upload"
    educator = sign_in(PersonRole.EDUCATOR, name="Eda")
    answer = staff.post(
        "/api/assignments",
        json={"submission_ids": [submission], "reviewer_ids": [person_id(educator)], "rubric_id": RUBRIC},
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "reviewer.none")


def test_the_queue_tells_progress_and_what_is_overdue(
    staff: TestClient, pair: tuple[TestClient, TestClient], submission: str
) -> None:
    use_protocol(staff, "assisted")
    staff.post(
        "/api/assignments",
        json={
            "submission_ids": [submission],
            "reviewer_ids": [person_id(pair[0])],
            "rubric_id": RUBRIC,
            "due_at": "2026-01-05T12:00:00Z",
        },
    )
    review = pair[0].get("/api/reviews").json()["items"][0]["id"]
    desk = Desk(pair[0], review)
    desk.score(desk.criteria[0], "2")
    row = staff.get("/api/queue", params={"show": "overdue"}).json()["items"][0]
    assert row["overdue"]
    assert [(r["reviewer"]["name"], r["scored"], r["criteria"], r["state"]) for r in row["reviewers"]] == [
        ("Ada", 1, len(desk.criteria), "open")
    ]
    assert shown(staff, reviewer_id=person_id(pair[1])) == []


def test_a_difference_is_shown_compared_and_settled_with_its_reason(
    staff: TestClient, pair: tuple[TestClient, TestClient], submission: str
) -> None:
    use_protocol(staff, "assisted")
    reviews = assign(staff, submission, *pair)
    ada, ben = Desk(pair[0], reviews[0]), Desk(pair[1], reviews[1])
    ada.finish("2")
    assert shown(staff, show="differs") == []  # one finished review differs from nothing
    ben.finish("3")
    assert shown(staff, show="differs") == ["Bridges"]
    comparison = staff.get(f"/api/submissions/{submission}/comparison").json()["rubrics"][0]
    assert comparison["differs"] == ada.criteria
    assert [[s["level"] for s in review["scores"]] for review in comparison["reviews"]] == [
        ["2"] * len(ada.criteria),
        ["3"] * len(ada.criteria),
    ]
    for criterion in ada.criteria:
        answer = staff.post(
            f"/api/submissions/{submission}/adjudications",
            json={"rubric_id": RUBRIC, "criterion": criterion, "level": "3", "reason": "The second half counts."},
        )
        assert answer.status_code == 201, answer.text
    assert shown(staff, show="differs") == []
    assert shown(staff, show="done") == ["Bridges"]
    settled = answer.json()["rubrics"][0]["settlements"]
    assert {s["reason"] for s in settled} == {"The second half counts."}


def test_a_settlement_is_refused_without_two_reviews_or_by_one_of_the_raters(
    staff: TestClient, sign_in: SignIn, pair: tuple[TestClient, TestClient], submission: str
) -> None:
    use_protocol(staff, "assisted")
    lead = sign_in(PersonRole.STAFF, name="Lena")
    reviews = assign(staff, submission, pair[0], lead)
    body = {"rubric_id": RUBRIC, "criterion": "question_kinds", "level": "3", "reason": "So be it."}
    Desk(pair[0], reviews[0]).finish("2")
    early = staff.post(f"/api/submissions/{submission}/adjudications", json=body)
    assert (early.status_code, early.json()["code"]) == (409, "adjudication.too_few")
    Desk(lead, reviews[1]).finish("3")
    own = lead.post(f"/api/submissions/{submission}/adjudications", json=body)
    assert (own.status_code, own.json()["code"]) == (409, "adjudication.own")
    odd = staff.post(f"/api/submissions/{submission}/adjudications", json={**body, "level": "9"})
    assert (odd.status_code, odd.json()["code"]) == (422, "adjudication.unknown")


def test_withdrawn_work_leaves_the_queue_and_finished_work_does_not(
    staff: TestClient, pair: tuple[TestClient, TestClient], submission: str
) -> None:
    use_protocol(staff, "assisted")
    reviews = assign(staff, submission, *pair)
    assert staff.delete(f"/api/assignments/{reviews[1]}").status_code == 204
    assert staff.delete(f"/api/assignments/{reviews[1]}").status_code == 404
    Desk(pair[0], reviews[0]).finish("2")
    answer = staff.delete(f"/api/assignments/{reviews[0]}")
    assert (answer.status_code, answer.json()["code"]) == (409, "assignment.submitted")
    people = {person["name"]: person["waiting"] for person in staff.get("/api/people").json()["items"]}
    assert (people["Ada"], people["Ben"]) == (0, 0)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [("2026-03-06", 1, "2026-03-09"), ("2026-03-07", 1, "2026-03-09"), ("2026-03-02", 10, "2026-03-16")],
)
def test_business_days_pass_over_weekends(start: str, days: int, due: str) -> None:
    # 2026-03-06 is a Friday: one business day later is Monday the 9th, and so it is from Saturday the 7th.
    assert business_days_after(datetime.fromisoformat(start).replace(tzinfo=UTC), days).date().isoformat() == due
