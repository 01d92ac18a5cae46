"""Transcripts corrected over HTTP: who may, what follows, and what nobody learns from it."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from api.auth.roles import PersonRole
from api.settings import Settings
from api.storage.desk_tables import ActRow, CorrectionRow, RenewalRow
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AnnotationRow, EvidenceRow, RunState, SubmissionRow, SubmissionState
from tests.api.conftest import SignIn
from tests.api.preparing import hand_in, prepare, read, renew
from tests.api.reviewing import NOW, Desk, assign, use_protocol

IDS = (f"correction-{number:08d}" for number in itertools.count())
Renew = Callable[[], None]


@pytest.fixture
def submission(staff: TestClient, settings: Settings, database: Database, objects: ObjectStore) -> str:
    """u1 is the facilitator's question, u2 a youth's reason; one moment for each."""
    handed_in = hand_in(staff)
    prepare(settings, database, objects, handed_in["id"])
    return str(handed_in["id"])


@pytest.fixture
def look_again(settings: Settings, database: Database, submission: str) -> Renew:
    return lambda: renew(settings, database, submission)


@pytest.fixture
def reviewer(sign_in: SignIn) -> TestClient:
    return sign_in(PersonRole.REVIEWER, name="Ada")


@pytest.fixture
def other(sign_in: SignIn) -> TestClient:
    return sign_in(PersonRole.REVIEWER, name="Ben")


def post(client: TestClient, submission: str, kind: str, targets: list[str], value: str, id_: str = "") -> Any:
    body = {"id": id_ or next(IDS), "kind": kind, "targets": targets, "value": value, "at": NOW}
    return client.post(f"/api/submissions/{submission}/corrections", json=body)


def correct(client: TestClient, submission: str, kind: str, targets: list[str], value: str) -> dict[str, Any]:
    answer = post(client, submission, kind, targets, value)
    assert answer.status_code == 200, answer.text
    saved: dict[str, Any] = answer.json()
    return saved


def take_back(client: TestClient, submission: str, saved: dict[str, Any]) -> dict[str, Any]:
    answer = client.delete(f"/api/submissions/{submission}/corrections/{saved['correction']['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def transcript(client: TestClient, submission: str) -> dict[str, dict[str, Any]]:
    found = client.get(f"/api/submissions/{submission}/transcript").json()
    return {one["id"]: one for one in found["utterances"]}


def evidence(client: TestClient, submission: str) -> dict[str, str]:
    """Ids by indicator."""
    items = client.get(f"/api/submissions/{submission}/evidence").json()["items"]
    return {item["indicator"]: item["id"] for item in items}


class TestWhatFollowsAtOnce:
    def test_transcript_captions_and_measures_are_the_corrected_ones(self, staff: TestClient, submission: str) -> None:
        saved = correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
        assert saved["revision"] == {"corrections": 1, "annotation": 1, "evidence": "looking"}
        correct(staff, submission, "words_of_utterance", ["u1"], " What do  you\nsee? ")
        now = transcript(staff, submission)
        assert (now["u2"]["role"], now["u2"]["role_p"]) == ("facilitator", 1.0)
        assert now["u2"]["heard"] == {"role": "youth", "text": None}
        assert (now["u1"]["text"], now["u1"]["heard"]) == (
            "What do you see?",
            {"role": None, "text": "What do you notice?"},
        )
        assert "What do you see?" in staff.get(f"/api/submissions/{submission}/captions.vtt").text
        measures = staff.get(f"/api/submissions/{submission}/measures").json()["items"]
        # Only the facilitator speaks now: u2 for certain, u1 with 0.97.
        assert [(m["id"], m["value"]) for m in measures] == [("talk_share_youth", 0.0)]
        told = read(staff, submission)
        assert told["state"] == "ready"
        assert told["revision"] == {"corrections": 2, "annotation": 1, "evidence": "looking"}

    def test_taken_back_it_is_as_if_it_had_never_been(self, staff: TestClient, submission: str) -> None:
        before = transcript(staff, submission), staff.get(f"/api/submissions/{submission}/measures").json()
        saved = correct(staff, submission, "role_of_speaker", ["s2"], "unknown")
        assert transcript(staff, submission)["u2"]["role"] == "unknown"
        back = take_back(staff, submission, saved)
        assert back["correction"]["taken_back"] is True
        assert back["revision"]["corrections"] == 2  # a fact of its own
        assert (transcript(staff, submission), staff.get(f"/api/submissions/{submission}/measures").json()) == before
        assert take_back(staff, submission, saved)["revision"]["corrections"] == 2  # twice is once
        listed = staff.get(f"/api/submissions/{submission}/corrections").json()["items"]
        assert [(one["kind"], one["taken_back"]) for one in listed] == [("role_of_speaker", True)]

    def test_the_latest_holds_whoever_made_it(self, staff: TestClient, reviewer: TestClient, submission: str) -> None:
        assign(staff, submission, reviewer)
        first = correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
        second = correct(reviewer, submission, "role_of_speaker", ["s2"], "unknown")
        assert transcript(staff, submission)["u2"]["role"] == "unknown"
        take_back(reviewer, submission, second)
        assert transcript(staff, submission)["u2"]["role"] == "facilitator"
        take_back(reviewer, submission, first)
        assert transcript(staff, submission)["u2"]["heard"] is None

    def test_sending_it_twice_keeps_it_once(self, staff: TestClient, submission: str, database: Database) -> None:
        id_ = next(IDS)
        answers = [post(staff, submission, "role_of_utterance", ["u1"], "youth", id_).json() for _ in range(2)]
        assert answers[0] == answers[1]
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(CorrectionRow)) == 1


class TestWhatMakesNoSense:
    @pytest.mark.parametrize(
        ("kind", "targets", "value", "code"),
        [
            ("role_of_utterance", ["u9"], "youth", "correction.no_utterance"),
            ("role_of_speaker", ["s9"], "youth", "correction.no_voice"),
            ("role_of_utterance", ["u1"], "teacher", "correction.role"),
            ("words_of_utterance", ["u1"], " \n ", "correction.no_words"),
            ("words_of_utterance", ["u1"], "na " * 1000, "correction.too_long"),
            ("words_of_utterance", ["u1", "u2"], "Yes.", "correction.targets"),
            ("colour_of_utterance", ["u1"], "red", "request.invalid"),
        ],
    )
    def test_it_is_refused_with_a_sentence_and_nothing_changes(
        self, staff: TestClient, submission: str, kind: str, targets: list[str], value: str, code: str
    ) -> None:
        answer = post(staff, submission, kind, targets, value)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["remedy"].endswith(".")
        assert read(staff, submission)["revision"] == {"corrections": 0, "annotation": 1, "evidence": "up_to_date"}

    def test_what_is_not_ready_has_no_transcript_to_correct(
        self, staff: TestClient, submission: str, database: Database
    ) -> None:
        waiting = hand_in(staff, b"another video")["id"]
        assert post(staff, waiting, "role_of_utterance", ["u1"], "youth").json()["code"] == "correction.not_ready"
        with database.write() as session:
            session.execute(
                update(SubmissionRow).where(SubmissionRow.id == submission).values(state=SubmissionState.PROCESSING)
            )
        answer = post(staff, submission, "role_of_utterance", ["u1"], "youth")
        assert (answer.status_code, answer.json()["code"]) == (409, "correction.not_ready")

    def test_an_id_of_somebody_else_and_one_that_does_not_exist(
        self, staff: TestClient, reviewer: TestClient, submission: str
    ) -> None:
        assign(staff, submission, reviewer)
        saved = correct(staff, submission, "role_of_utterance", ["u1"], "youth")
        again = post(reviewer, submission, "role_of_utterance", ["u1"], "youth", saved["correction"]["id"])
        assert (again.status_code, again.json()["code"]) == (409, "correction.id")
        assert staff.delete(f"/api/submissions/{submission}/corrections/none-such").status_code == 404


class TestWhoMay:
    def test_only_staff_and_those_who_are_reviewing_it(
        self, staff: TestClient, reviewer: TestClient, other: TestClient, sign_in: SignIn, submission: str
    ) -> None:
        use_protocol(staff, "assisted")
        (review,) = assign(staff, submission, reviewer)
        owner_like = sign_in(PersonRole.EDUCATOR, name="Cy")
        assert post(other, submission, "role_of_utterance", ["u1"], "youth").status_code == 404
        assert post(owner_like, submission, "role_of_utterance", ["u1"], "youth").status_code == 403
        assert post(reviewer, submission, "role_of_utterance", ["u1"], "youth").status_code == 200
        Desk(reviewer, review).finish("2")
        refused = post(reviewer, submission, "role_of_utterance", ["u1"], "youth")
        assert (refused.status_code, refused.json()["code"]) == (403, "correction.not_reviewing")
        assert reviewer.get(f"/api/submissions/{submission}/corrections").status_code == 403

    def test_raters_do_not_learn_who_corrected(
        self, staff: TestClient, reviewer: TestClient, other: TestClient, sign_in: SignIn, submission: str
    ) -> None:
        assign(staff, submission, reviewer, other)
        saved = correct(reviewer, submission, "role_of_utterance", ["u1"], "youth")
        assert saved["correction"]["by"] is None
        seen = other.get(f"/api/submissions/{submission}/corrections").json()["items"]
        assert [(one["by"], one["mine"]) for one in seen] == [(None, False)]
        assert "Ada" not in other.get(f"/api/submissions/{submission}/transcript").text
        told = staff.get(f"/api/submissions/{submission}/corrections").json()["items"]
        assert told[0]["by"]["name"] == "Ada"
        both = sign_in(PersonRole.STAFF, PersonRole.REVIEWER, name="Di")
        assign(staff, submission, both)  # staff who score it themselves are raters as well
        assert both.get(f"/api/submissions/{submission}/corrections").json()["items"][0]["by"] is None


class TestLookingAgain:
    def test_ten_corrections_are_one_run(
        self, staff: TestClient, submission: str, database: Database, look_again: Renew
    ) -> None:
        for role in ("facilitator", "youth") * 5:
            correct(staff, submission, "role_of_utterance", ["u2"], role)
        with database.read() as session:
            renewal = session.scalars(select(RenewalRow)).one()
            assert (renewal.due_at - renewal.wanted_at).total_seconds() <= 15
        look_again()
        assert read(staff, submission)["revision"] == {"corrections": 10, "annotation": 2, "evidence": "up_to_date"}

    def test_moments_found_again_keep_their_ids_and_the_old_version_stays(
        self, staff: TestClient, submission: str, database: Database, look_again: Renew
    ) -> None:
        before = evidence(staff, submission)
        saved = correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
        look_again()
        # The question is found again; a reason is only looked for in what youths say.
        assert evidence(staff, submission) == {"purposeful_questions": before["purposeful_questions"]}
        assert read(staff, submission)["evidence_counts"]["youth_voice"] == 0
        take_back(staff, submission, saved)
        look_again()
        assert evidence(staff, submission) == before  # what went and came back is the same moment
        with database.read() as session:
            kept = session.scalars(select(AnnotationRow).order_by(AnnotationRow.version)).all()
            assert [(a.version, a.base_id, a.corrections) for a in kept] == [
                (1, None, []),
                (2, kept[0].id, [saved["correction"]["id"]]),
                (3, kept[0].id, []),
            ]
            parts = [[v["part"] for v in annotation.versions] for annotation in kept]
            assert parts == [["transcriber"], ["transcriber", "corrections", "tagger"], ["transcriber", "tagger"]]
            n = session.scalar(select(func.count()).select_from(EvidenceRow))
            assert n == 2 + 1 + 2

    def test_corrected_and_taken_back_before_it_began_nothing_is_looked_for(
        self, staff: TestClient, submission: str, look_again: Renew
    ) -> None:
        take_back(staff, submission, correct(staff, submission, "role_of_utterance", ["u2"], "facilitator"))
        look_again()
        assert read(staff, submission)["revision"] == {"corrections": 2, "annotation": 1, "evidence": "up_to_date"}

    def test_the_document_says_what_people_changed(self, staff: TestClient, submission: str, look_again: Renew) -> None:
        correct(staff, submission, "words_of_utterance", ["u2"], "It floats because it is hollow inside.")
        look_again()
        document = staff.get(f"/api/submissions/{submission}/preannotation").json()
        assert document["utterances"][1]["text"] == "It floats because it is hollow inside."
        assert [v["name"] for v in document["versions"] if v["part"] == "corrections"] == ["1 correction by people"]
        models = staff.get("/api/about").json()["models"]
        assert {model["part"] for model in models} == {"transcriber", "tagger"}

    def test_after_a_failure_a_person_can_ask_again(
        self, staff: TestClient, submission: str, database: Database, look_again: Renew
    ) -> None:
        correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
        with database.write() as session:
            session.execute(update(RenewalRow).values(state=RunState.FAILED))
        assert read(staff, submission)["revision"]["evidence"] == "failed"
        assert staff.post(f"/api/submissions/{submission}/look-again").json()["evidence"] == "looking"
        look_again()
        assert read(staff, submission)["revision"] == {"corrections": 1, "annotation": 2, "evidence": "up_to_date"}
        assert staff.post(f"/api/submissions/{submission}/look-again").json()["evidence"] == "up_to_date"


class TestInAReview:
    def test_decisions_stay_with_their_moments(
        self, staff: TestClient, reviewer: TestClient, submission: str, database: Database, look_again: Renew
    ) -> None:
        use_protocol(staff, "assisted")
        desk = Desk(reviewer, assign(staff, submission, reviewer, rubric="youth-voice")[0])
        question, reason = (card["id"] for card in desk.evidence())
        for id_ in (question, reason):
            assert desk.result("decision", f"evidence:{id_}", {"verdict": "supports"})["status"] == "saved"
        saved = correct(reviewer, submission, "role_of_utterance", ["u2"], "facilitator")
        look_again()
        assert [(card["id"], card["after_correction"]) for card in desk.evidence()] == [
            (question, None),
            (reason, "gone"),
        ]
        # It may still be changed, cited and taken back.
        criterion = desk.criteria[0]
        assert desk.result("cite", f"cite:{criterion}", {"evidence": [reason]})["status"] == "saved"
        assert desk.result("decision", f"evidence:{reason}", {"verdict": "unsure"})["status"] == "saved"
        take_back(reviewer, submission, saved)
        look_again()
        assert {card["id"]: card["after_correction"] for card in desk.evidence()} == {question: None, reason: None}
        with database.read() as session:
            on = session.execute(select(ActRow.seq, AnnotationRow.version).join(AnnotationRow)).all()
        assert dict(on) == {1: 1, 2: 1, 3: 2, 4: 2}  # each decision with the run that was on the screen

    def test_a_moment_nobody_decided_on_goes_and_a_new_one_says_so(
        self, staff: TestClient, reviewer: TestClient, submission: str, look_again: Renew
    ) -> None:
        use_protocol(staff, "assisted")
        desk = Desk(reviewer, assign(staff, submission, reviewer)[0])
        correct(reviewer, submission, "role_of_utterance", ["u2"], "facilitator")
        correct(reviewer, submission, "words_of_utterance", ["u2"], "Does it float?")
        correct(reviewer, submission, "role_of_utterance", ["u1"], "youth")
        correct(reviewer, submission, "words_of_utterance", ["u1"], "It is because of the air")
        look_again()
        assert [(card["quote"], card["after_correction"]) for card in desk.evidence()] == [
            ("It is because of the air", "new"),
            ("Does it float?", "new"),
        ]

    def test_the_comparison_knows_moments_that_are_gone(
        self, staff: TestClient, reviewer: TestClient, other: TestClient, submission: str, look_again: Renew
    ) -> None:
        use_protocol(staff, "assisted")
        ids = assign(staff, submission, reviewer, other)
        desks = [Desk(who, id_) for who, id_ in zip((reviewer, other), ids, strict=True)]
        reason = desks[0].evidence()[1]["id"]
        for criterion in desks[0].criteria:
            desks[0].result("cite", f"cite:{criterion}", {"evidence": [reason]})
            desks[0].result("score", f"score:{criterion}", {"level": "2"})
        correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
        look_again()
        assert desks[0].result("submit", "submit", {})["status"] == "saved"
        desks[1].finish("3")
        compared = staff.get(f"/api/submissions/{submission}/comparison").json()["rubrics"][0]["reviews"]
        assert [[cited["id"] for cited in review["cited"]] for review in compared] == [[reason], []]

    def test_a_review_that_is_handed_in_keeps_the_evidence_it_was_done_on(
        self, staff: TestClient, reviewer: TestClient, submission: str, look_again: Renew
    ) -> None:
        use_protocol(staff, "assisted")
        desk = Desk(reviewer, assign(staff, submission, reviewer)[0])
        before = desk.evidence()
        desk.finish("2")
        correct(staff, submission, "role_of_utterance", ["u2"], "facilitator")
        look_again()
        assert desk.evidence() == before

    @pytest.mark.parametrize("protocol", ["unassisted", "blind_then_reveal"])
    def test_correcting_opens_nothing_to_a_blind_review(
        self, staff: TestClient, reviewer: TestClient, submission: str, look_again: Renew, protocol: str
    ) -> None:
        use_protocol(staff, protocol)
        desk = Desk(reviewer, assign(staff, submission, reviewer)[0])
        correct(reviewer, submission, "role_of_utterance", ["u2"], "facilitator")
        look_again()
        assert desk.evidence() == []
        assert read(reviewer, submission)["evidence_counts"] is None
        for what in ("evidence", "measures", "preannotation"):
            assert reviewer.get(f"/api/submissions/{submission}/{what}").status_code == 403
        kept = next(iter(evidence(staff, submission).values()))
        refused = desk.result("decision", f"evidence:{kept}", {"verdict": "supports"})
        assert refused["status"] == "refused"
