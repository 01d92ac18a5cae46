from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from api.answers import install_error_answers
from api.errors import STATUSES, ApiError
from model.errors import InputRefused, RubricInvalid

DATABASES = ("sqlite",)


def test_every_family_has_one_line_in_the_table() -> None:
    families = set(ApiError.__subclasses__())
    assert {family for family, _, _ in STATUSES} == families | {InputRefused}


def answer_to(error: Exception) -> tuple[int, dict[str, object]]:
    router = APIRouter()

    @router.get("/raise")
    def fail() -> None:
        raise error

    app = FastAPI()
    install_error_answers(app)
    app.include_router(router)
    answer = TestClient(app, raise_server_exceptions=False).get("/raise")
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()


def test_a_domain_error_becomes_its_two_sentences() -> None:
    status, problem = answer_to(RubricInvalid("a.toml", "levels", "there is none.", "Add one."))
    assert status == 422
    assert problem == {
        "type": "urn:lookfors:problem:rubric.invalid",
        "title": "Cannot be used",
        "status": 422,
        "detail": "a.toml: levels: there is none.",
        "code": "rubric.invalid",
        "remedy": "Add one.",
    }


def test_our_own_fault_tells_nothing_of_the_inside() -> None:
    status, problem = answer_to(RuntimeError("password=hunter2"))
    assert status == 500
    assert "hunter2" not in str(problem)
    assert problem["code"] == "internal"


def test_a_database_that_fails_is_not_our_fault_and_says_whether_to_wait() -> None:
    locked = OperationalError("BEGIN", {}, Exception("database is locked"))
    full = OperationalError("COMMIT", {}, Exception("database or disk is full"))
    assert [answer_to(error)[1]["code"] for error in (locked, full)] == ["storage.unavailable", "storage.full"]
    assert [answer_to(error)[0] for error in (locked, full)] == [503, 507]


def test_an_invalid_field_is_named(staff: TestClient) -> None:
    answer = staff.post("/api/submissions", json={"upload": "x"})
    assert answer.status_code == 422
    assert "upload_id: Field required" in answer.json()["detail"]
    assert answer.json()["code"] == "request.invalid"


def test_unknown_addresses_below_api_are_problems_and_others_are_the_page(
    anonymous: TestClient, tmp_path: Path
) -> None:
    answer = anonymous.get("/api/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "http.404")
    answer = anonymous.put("/api/health")
    assert (answer.status_code, answer.json()["code"]) == (405, "http.405")
