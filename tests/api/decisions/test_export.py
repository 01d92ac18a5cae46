"""What a finished review teaches, from the desk over HTTP to the file `lookfors train` reads."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.auth.roles import PersonRole
from api.decisions import export
from api.decisions.export import export_decisions
from api.findings.service import document_of
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.storage.tables import AnnotationRow
from model.indicators import CODE_IDS
from tests.api.conftest import SignIn
from tests.api.preparing import hand_in, prepare
from tests.api.reviewing import Desk, assign, use_protocol
from training.corpora.decisions import WEIGHTS, read_decisions


@pytest.fixture
def desk(staff: TestClient, sign_in: SignIn, settings: Settings, database: Database, objects: ObjectStore) -> Desk:
    submission = hand_in(staff)["id"]
    prepare(settings, database, objects, submission)
    use_protocol(staff, "assisted")
    reviewer = sign_in(PersonRole.REVIEWER, name="Ada")
    return Desk(reviewer, assign(staff, submission, reviewer)[0])


def exported(database: Database) -> dict[str, Any]:
    with database.read() as session:
        return export_decisions(session).document


def test_nothing_leaves_before_a_review_is_handed_in(desk: Desk, database: Database) -> None:
    desk.result("decision", f"evidence:{desk.evidence()[0]['id']}", {"verdict": "supports"})
    assert exported(database)["sessions"] == []


def test_decisions_arrive_as_weighted_examples(desk: Desk, database: Database, tmp_path: Path) -> None:
    first, second = desk.evidence()[:2]
    desk.result("decision", f"evidence:{first['id']}", {"verdict": "supports"})
    desk.result("decision", f"evidence:{second['id']}", {"verdict": "does_not"})
    desk.finish(desk.review["rubric"]["levels"][-1]["id"])
    path = tmp_path / "decisions.json"
    path.write_text(json.dumps(exported(database)))
    (session,) = read_decisions(path)
    # one confirmed (.5) and one turned down (2.0); the rest weighs nothing
    assert session.weight.sum() == pytest.approx(WEIGHTS["supports"] + WEIGHTS["does_not"])
    assert session.weight[:, CODE_IDS.index(first["code"])].sum() >= WEIGHTS["supports"]
    assert session.target.sum() == 1
    (line,) = np.flatnonzero(session.target.any(axis=1))
    assert session.lines[line].text in first["quote"]


def test_unsure_teaches_nothing(desk: Desk, database: Database) -> None:
    desk.result("decision", f"evidence:{desk.evidence()[0]['id']}", {"verdict": "unsure"})
    desk.finish(desk.review["rubric"]["levels"][-1]["id"])
    assert exported(database)["sessions"] == []


def test_what_a_reviewer_put_right_is_learnt_as_they_put_it(desk: Desk, database: Database) -> None:
    piece = next(p for p in desk.evidence() if p["code"] == "open")
    desk.result("evidence_edit", f"span:{piece['id']}", {"indicator": "purposeful_questions", "code": "press"})
    desk.result("decision", f"evidence:{piece['id']}", {"verdict": "supports"})
    desk.finish(desk.review["rubric"]["levels"][-1]["id"])
    (session,) = exported(database)["sessions"]
    assert {(d["code"], d["verdict"]) for d in session["decisions"]} == {("open", "does_not"), ("press", "supports")}


def test_another_kind_is_laid_on_the_words_that_were_pointed_at(
    desk: Desk, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = next(p for p in desk.evidence() if p["code"] == "open")
    desk.result("evidence_edit", f"span:{piece['id']}", {"indicator": "purposeful_questions", "code": "press"})
    desk.result("decision", f"evidence:{piece['id']}", {"verdict": "supports"})
    desk.finish(desk.review["rubric"]["levels"][-1]["id"])
    asked, *rest = piece["utterances"]

    def with_a_second_question(row: AnnotationRow) -> dict[str, Any]:
        document = document_of(row)
        for spoken in document["utterances"]:
            if spoken["id"] in rest:  # likelier to press than what was pointed at, and in the same moment
                spoken |= {"role": "facilitator", "codes": {"press": 0.9}}
        return document

    monkeypatch.setattr(export, "document_of", with_a_second_question)
    (session,) = exported(database)["sessions"]
    assert [d["utterance"] for d in session["decisions"]] == [asked, asked]


def test_a_mark_of_ones_own_is_laid_on_the_likeliest_utterance(desk: Desk, database: Database) -> None:
    piece = next(p for p in desk.evidence() if p["indicator"] == "purposeful_questions")
    mark = {"indicator": "purposeful_questions", "start": piece["start"], "end": piece["end"], "note": ""}
    desk.result("own_evidence", "own:mine", mark)
    nowhere = {"indicator": "stem_relevance", "start": 1e6, "end": 1e6 + 5, "note": ""}
    desk.result("own_evidence", "own:nowhere", nowhere)
    desk.finish(desk.review["rubric"]["levels"][-1]["id"])
    with database.read() as session:
        found = export_decisions(session)
    assert found.left_out == 1
    (lesson,) = found.document["sessions"][0]["decisions"]
    assert (lesson["verdict"], lesson["p_shown"]) == ("added", 1.0)
    assert lesson["code"] in ("open", "press")
