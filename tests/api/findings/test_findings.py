import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.auth.roles import PersonRole
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AnnotationRow, EvidenceRow, RunRow, RunState, SubmissionRow
from api.submissions.service import add_run
from model.preannotation import from_document
from tests.api.conftest import SignIn
from tests.api.preparing import hand_in, prepare, read

SUGGESTIONS = ("evidence", "measures", "preannotation")
FINDINGS = ("transcript", *SUGGESTIONS, "captions.vtt")
PLAYBACK = ("media", "original", "peaks", "thumbnails.jpg", "thumbnails.json")


@pytest.fixture
def ready(staff: TestClient, settings: Settings, database: Database, objects: ObjectStore) -> str:
    submission_id: str = hand_in(staff)["id"]
    prepare(settings, database, objects, submission_id)
    return submission_id


def test_everything_the_machine_found_can_be_read(staff: TestClient, ready: str) -> None:
    submission = read(staff, ready)
    assert submission["state"] == "ready"
    assert submission["evidence_counts"] == {"purposeful_questions": 1, "stem_relevance": 0, "youth_voice": 1}
    assert submission["coverage"] == 0.9  # 4.5 s recognised of 5.0 s heard
    assert (submission["duration"], submission["has_picture"], submission["has_sound"]) == (12.5, True, True)
    assert [warning["code"] for warning in submission["warnings"]] == ["too_short"]

    transcript = staff.get(f"/api/submissions/{ready}/transcript").json()
    assert transcript["language"] == "en"
    assert [(u["id"], u["role"], u["text"]) for u in transcript["utterances"]] == [
        ("u1", "facilitator", "What do you notice?"),
        ("u2", "youth", "It floats because it is hollow."),
    ]
    assert transcript["utterances"][0]["words"] == [{"text": "What", "start": 1.0, "end": 1.3, "p": 0.99}]
    assert transcript["speech"]["by_role"] == {
        "facilitator": {"heard_s": 2.0, "recognised_s": 2.0, "coverage": 1.0},
        "youth": {"heard_s": 3.0, "recognised_s": 2.5, "coverage": pytest.approx(2.5 / 3)},
    }

    evidence = staff.get(f"/api/submissions/{ready}/evidence").json()["items"]
    first = evidence[0]
    assert first.pop("id") != evidence[1]["id"]
    assert first == {
        "indicator": "purposeful_questions",
        "code": "open",
        "code_label": "Open question",
        "start": 1.0,
        "end": 7.5,
        "utterances": ["u1", "u2"],
        "p": 0.91,
        "said_by": "facilitator",
        "cues": [{"kind": "words", "text": "asks “what do you notice”"}],
        "quote": "What do you notice? It floats because it is hollow.",
    }

    measures = staff.get(f"/api/submissions/{ready}/measures").json()["items"]
    assert [(m["id"], m["value"], m["low"], m["high"], m["coverage"], m["n"]) for m in measures] == [
        ("talk_share_youth", 0.6, 0.4, 0.8, 0.9, 2)
    ]


def test_the_document_leaves_as_it_came(staff: TestClient, ready: str) -> None:
    answer = staff.get(f"/api/submissions/{ready}/preannotation")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-disposition"].startswith('attachment; filename="clip.preannotation.json"')
    found = from_document(answer.json())
    assert [evidence.id for evidence in found.evidence] == ["e1", "e2"]
    assert found.media.name == "clip.mp4"


def test_captions(staff: TestClient, ready: str) -> None:
    answer = staff.get(f"/api/submissions/{ready}/captions.vtt")
    assert answer.headers["content-type"] == "text/vtt; charset=utf-8"
    assert answer.text.startswith("WEBVTT")
    assert "It floats because it is hollow." in answer.text


def test_before_it_is_ready_a_problem_says_so(staff: TestClient) -> None:
    submission_id = hand_in(staff)["id"]
    for what in FINDINGS:
        answer = staff.get(f"/api/submissions/{submission_id}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "annotation.none"), what
        assert "received" in answer.json()["detail"]


def test_another_educator_learns_nothing(sign_in: SignIn, ready: str) -> None:
    educator = sign_in(PersonRole.EDUCATOR)
    for what in ("transcript", "captions.vtt", *PLAYBACK):
        answer = educator.get(f"/api/submissions/{ready}/{what}")
        assert (answer.status_code, answer.json()["code"]) == (404, "submission.none"), what
    for what in SUGGESTIONS:
        assert educator.get(f"/api/submissions/{ready}/{what}").status_code == 403, what


def test_a_researcher_sees_that_it_is_there_but_no_words_and_no_pictures(sign_in: SignIn, ready: str) -> None:
    researcher = sign_in(PersonRole.RESEARCHER)
    assert researcher.get(f"/api/submissions/{ready}").status_code == 200
    for what in (*FINDINGS, *PLAYBACK):
        assert researcher.get(f"/api/submissions/{ready}/{what}").status_code == 403, what


def test_a_new_run_adds_a_version_and_leaves_the_old_evidence(
    staff: TestClient, ready: str, settings: Settings, database: Database, objects: ObjectStore
) -> None:
    old = [item["id"] for item in staff.get(f"/api/submissions/{ready}/evidence").json()["items"]]
    with database.write() as session:
        submission = session.scalars(select(SubmissionRow)).one()
        add_run(session, submission, after=submission.runs[-1], keep_finished=False)
    prepare(settings, database, objects, ready)
    new = [item["id"] for item in staff.get(f"/api/submissions/{ready}/evidence").json()["items"]]
    assert len(new) == len(old) == 2
    assert not set(new) & set(old)
    with database.read() as session:
        assert set(session.scalars(select(EvidenceRow.id))) == {*old, *new}
        assert session.scalars(select(AnnotationRow.version).order_by(AnnotationRow.version)).all() == [1, 2]
        assert session.scalars(select(RunRow.state)).all() == [RunState.DONE, RunState.DONE]
    assert read(staff, ready)["evidence_counts"]["youth_voice"] == 1  # of the newest version alone


def test_about_names_the_models_of_the_newest_annotation(staff: TestClient, ready: str) -> None:
    about = staff.get("/api/about").json()
    assert about["models"] == [{"part": "transcriber", "name": "fake", "sha256": "0" * 64, "licence": "MIT"}]
    assert about["limits"] == {"bytes": 64 * 1024 * 1024, "duration_s": 3 * 3600}


def test_a_document_is_small_in_the_database(ready: str, database: Database) -> None:
    with database.read() as session:
        annotation = session.scalars(select(AnnotationRow)).one()
        compressed = annotation.document
    assert compressed[:2] == b"\x1f\x8b"
    assert json.dumps(annotation.versions)
