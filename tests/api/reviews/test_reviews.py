"""The desk over HTTP: what is saved, what is told, and what no request can get out before its time."""

import pytest
from fastapi.testclient import TestClient

from api.auth.roles import PersonRole
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from tests.api.conftest import SignIn
from tests.api.preparing import hand_in, prepare
from tests.api.reviewing import Desk, assign, use_protocol


@pytest.fixture
def submission(staff: TestClient, settings: Settings, database: Database, objects: ObjectStore) -> str:
    handed_in = hand_in(staff)
    prepare(settings, database, objects, handed_in["id"])
    return str(handed_in["id"])


@pytest.fixture
def reviewer(sign_in: SignIn) -> TestClient:
    return sign_in(PersonRole.REVIEWER, name="Ada")


@pytest.fixture
def other(sign_in: SignIn) -> TestClient:
    return sign_in(PersonRole.REVIEWER, name="Ben")


def desk(staff: TestClient, reviewer: TestClient, submission: str, protocol: str) -> Desk:
    use_protocol(staff, protocol)
    return Desk(reviewer, assign(staff, submission, reviewer)[0])


class TestSaving:
    def test_an_act_is_kept_and_read_back(self, staff: TestClient, reviewer: TestClient, submission: str) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        evidence = at.evidence()[0]["id"]
        assert at.result("decision", f"evidence:{evidence}", {"verdict": "supports"})["status"] == "saved"
        again = reviewer.get(f"/api/reviews/{at.id}").json()
        assert again["current"][f"evidence:{evidence}"]["value"] == {"verdict": "supports"}
        assert again["seq"] == 1

    def test_sending_an_act_twice_keeps_it_once(self, staff: TestClient, reviewer: TestClient, submission: str) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        first = at.result("note", "note", {"text": "Listen again."}, id="the-same-act")
        again = at.result("note", "note", {"text": "Listen again."}, id="the-same-act", replaces=None)
        assert (first["status"], again["status"], again["seq"]) == ("saved", "already", first["seq"])

    def test_another_text_under_the_id_of_a_kept_act_is_not_taken_for_it(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        at.result("note", "note", {"text": "Listen"}, id="the-same-act")
        longer = at.result("note", "note", {"text": "Listen again."}, id="the-same-act", replaces=None)
        assert (longer["status"], longer["current"]["value"]) == ("conflict", {"text": "Listen"})

    def test_a_second_tab_is_told_what_holds_and_overwrites_nothing(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        one = desk(staff, reviewer, submission, "assisted")
        two = Desk(reviewer, one.id, tab="tab-2")
        subject = f"feedback:{one.criteria[0]}"
        one.result("feedback", subject, {"text": "From the first."})
        told = two.result("feedback", subject, {"text": "From the second."})
        assert told["status"] == "conflict"
        assert told["current"]["value"] == {"text": "From the first."}
        two.held[subject] = told["current"]["id"]  # having seen it, the second may go on
        assert two.result("feedback", subject, {"text": "Both."})["status"] == "saved"

    def test_a_refused_act_says_why_and_does_not_stop_the_next(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        batch = [
            {"id": "refused-1", "kind": "score", "subject": "score:nothing", "value": {"level": "3"}},
            {"id": "saved-001", "kind": "note", "subject": "note", "value": {"text": "kept"}},
        ]
        acts = [{**act, "at": "2026-03-02T09:00:00Z"} for act in batch]
        results = reviewer.post(f"/api/reviews/{at.id}/acts", json={"acts": acts}).json()["results"]
        assert [r["status"] for r in results] == ["refused", "saved"]
        assert results[0]["detail"] == "The rubric has no criterion “nothing”."

    def test_what_was_heard_is_known_of_each_decision(
        self, staff: TestClient, reviewer: TestClient, submission: str, database: Database
    ) -> None:
        from sqlalchemy import select

        from api.storage.desk_tables import ActRow

        at = desk(staff, reviewer, submission, "assisted")
        first, second = (piece["id"] for piece in at.evidence())  # 1–7.5 s and 5–7.5 s
        at.result("watched", "watched", {"intervals": [[0.0, 5.5, 1.0]]})  # 4.5 of 6.5 s, and 0.5 of 2.5 s
        at.result("decision", f"evidence:{first}", {"verdict": "supports"})
        at.result("decision", f"evidence:{second}", {"verdict": "unsure"})
        with database.read() as session:
            rows = session.scalars(select(ActRow).where(ActRow.kind == "decision").order_by(ActRow.seq)).all()
        assert [(row.heard, row.watched_s) for row in rows] == [(True, 5.5), (False, 5.5)]


class TestProtocols:
    def test_the_protocol_is_told_only_once_opened(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        use_protocol(staff, "blind_then_reveal")
        review = assign(staff, submission, reviewer)[0]
        assert reviewer.get(f"/api/reviews/{review}").json()["protocol"] is None
        assert Desk(reviewer, review).review["protocol"] == "blind_then_reveal"

    def test_unassisted_never_shows_a_suggestion(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "unassisted")
        for criterion in at.criteria:
            at.score(criterion, "2")
        assert at.evidence() == []

    def test_blind_then_reveal_cannot_be_passed_by(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "blind_then_reveal")
        assert at.evidence() == []
        for path in ("evidence", "measures", "preannotation", "comparison"):
            assert reviewer.get(f"/api/submissions/{submission}/{path}").status_code == 403, path
        assert reviewer.get(f"/api/submissions/{submission}").json()["evidence_counts"] is None
        listed = reviewer.get("/api/submissions").json()["items"][0]
        assert listed["evidence_counts"] is None
        hidden = next(e["id"] for e in staff.get(f"/api/submissions/{submission}/evidence").json()["items"])
        assert at.result("decision", f"evidence:{hidden}", {"verdict": "supports"})["status"] == "refused"
        assert at.result("cite", f"cite:{at.criteria[0]}", {"evidence": [hidden]})["status"] == "refused"
        for criterion in at.criteria:
            at.score(criterion, "2")
        assert hidden in {piece["id"] for piece in at.evidence()}

    def test_staff_who_score_blind_are_kept_from_suggestions_too(
        self, staff: TestClient, sign_in: SignIn, submission: str
    ) -> None:
        lead = sign_in(PersonRole.STAFF, PersonRole.REVIEWER, name="Lena")
        use_protocol(staff, "blind_then_reveal")
        review = assign(staff, submission, lead)[0]
        for path in ("evidence", "measures", "preannotation"):
            answer = lead.get(f"/api/submissions/{submission}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (403, "review.blind")
        Desk(lead, review).finish("3")
        assert lead.get(f"/api/submissions/{submission}/evidence").status_code == 200

    def test_a_change_after_the_reveal_is_a_second_score_with_its_reason(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "blind_then_reveal")
        for criterion in at.criteria:
            at.score(criterion, "2")
        first = at.criteria[0]
        assert at.result("score", f"score:{first}", {"level": "3"})["status"] == "refused"
        kept = at.result("score", f"score:{first}", {"level": "3", "reason": "I missed the one at the end."})
        assert kept["status"] == "saved"

    def test_a_track_record_needs_twenty_decisions(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        assert all(piece["track"] is None for piece in desk(staff, reviewer, submission, "assisted").evidence())


class TestWhoseReview:
    def test_nobody_reads_or_writes_another_reviewers_review(
        self, staff: TestClient, reviewer: TestClient, other: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        for client in (other, staff):
            assert client.get(f"/api/reviews/{at.id}").status_code == 404
            assert client.get(f"/api/reviews/{at.id}/evidence").status_code == 404
            assert client.post(f"/api/reviews/{at.id}/open").status_code == 404
        assert other.get("/api/reviews").json()["items"] == []

    def test_a_reviewer_sees_only_what_they_are_to_review(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        assert reviewer.get(f"/api/submissions/{submission}/transcript").status_code == 404
        use_protocol(staff, "assisted")
        review = assign(staff, submission, reviewer)[0]
        assert reviewer.get(f"/api/submissions/{submission}/transcript").status_code == 200
        assert staff.delete(f"/api/assignments/{review}").status_code == 204
        assert reviewer.get(f"/api/submissions/{submission}/transcript").status_code == 404

    def test_the_queue_of_a_reviewer_puts_the_soonest_due_first_and_the_finished_last(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        use_protocol(staff, "assisted")
        reviews = [
            assign(staff, submission, reviewer, rubric=rubric)[0]
            for rubric in ("purposeful-questions", "youth-voice", "stem-relevance")
        ]
        Desk(reviewer, reviews[0]).finish("3")
        items = reviewer.get("/api/reviews").json()["items"]
        assert [item["id"] for item in items] == [reviews[1], reviews[2], reviews[0]]
        assert [item["state"] for item in items] == ["assigned", "assigned", "submitted"]


class TestSubmitting:
    def test_an_incomplete_review_says_what_is_missing(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        answer = at.act("submit", "submit", {})
        assert answer["results"][0]["status"] == "refused"
        assert [gap["target"] for gap in answer["missing"]] == at.criteria

    def test_a_submitted_review_is_closed(self, staff: TestClient, reviewer: TestClient, submission: str) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        at.finish("3")
        assert at.result("note", "note", {"text": "One more thing."})["status"] == "refused"
        assert reviewer.get(f"/api/reviews/{at.id}").json()["state"] == "submitted"

    def test_a_review_cannot_begin_before_the_recording_is_ready(self, staff: TestClient, reviewer: TestClient) -> None:
        use_protocol(staff, "assisted")
        review = assign(staff, hand_in(staff)["id"], reviewer)[0]
        answer = reviewer.post(f"/api/reviews/{review}/open")
        assert (answer.status_code, answer.json()["code"]) == (409, "review.not_ready")

    def test_deleting_the_submission_takes_its_reviews_with_it(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        at = desk(staff, reviewer, submission, "assisted")
        at.score(at.criteria[0], "2")
        assert staff.delete(f"/api/submissions/{submission}").status_code == 200
        assert reviewer.get("/api/reviews").json()["items"] == []
