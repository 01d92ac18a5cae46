from fastapi.testclient import TestClient

from api.auth.roles import PersonRole
from model.indicators import CODES
from model.rubric_pack import shipped_rubrics
from tests.api.conftest import SignIn

DATABASES = ("sqlite",)


def test_health_needs_nobody(anonymous: TestClient) -> None:
    assert anonymous.get("/api/health").json()["status"] == "ok"


def test_the_indicators_are_those_of_the_model(sign_in: SignIn) -> None:
    indicators = sign_in(PersonRole.RESEARCHER).get("/api/indicators").json()
    assert [item["id"] for item in indicators] == ["youth_voice", "stem_relevance", "purposeful_questions"]
    codes = [code["id"] for item in indicators for code in item["codes"]]
    assert sorted(codes) == sorted(code.id for code in CODES if code.indicator is not None)


def test_every_shipped_rubric_can_be_read_whole(staff: TestClient) -> None:
    listed = staff.get("/api/rubrics").json()
    assert [item["id"] for item in listed] == [rubric.id for rubric in shipped_rubrics()]
    for rubric in shipped_rubrics():
        read = staff.get(f"/api/rubrics/{rubric.id}").json()
        assert read["content_hash"] == rubric.content_hash
        assert [c["id"] for c in read["criteria"]] == [c.id for c in rubric.criteria]
        assert read["pass_rule"]["type"] == rubric.pass_rule.type


def test_an_unknown_rubric_is_a_problem(staff: TestClient) -> None:
    answer = staff.get("/api/rubrics/none")
    assert (answer.status_code, answer.json()["code"]) == (404, "rubric.none")


def test_before_anything_was_prepared_about_names_no_model(staff: TestClient) -> None:
    assert staff.get("/api/about").json()["models"] == []
