"""Every route says who may call it, and is held to it."""

from collections.abc import Callable

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient

from api.app import create_app
from api.auth.access import PUBLIC, Allow, Anyone, DeclaredRoute, RouteUndeclared, SignedIn, declared_routes
from api.auth.roles import PersonRole
from api.settings import Settings
from tests.api.conftest import SignIn

# What anybody on the network may call. A route added here is a decision, not a detail.
PUBLIC_ROUTES = {
    ("GET", "/api/health"),
    ("POST", "/api/session"),
    ("OPTIONS", "/api/uploads"),
    ("GET", "/{path:path}"),
    ("HEAD", "/{path:path}"),
}


def filled(route: DeclaredRoute) -> str:
    path = route.path
    for name in ("submission_id", "upload_id", "rubric_id", "review_id", "assignment_id"):
        path = path.replace(f"{{{name}}}", "00000000-0000-7000-8000-000000000000")
    return path.replace("{path:path}", "")


def call(client: TestClient, method: str, route: DeclaredRoute) -> int:
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": "1", "Upload-Offset": "0"}
    if method == "PATCH" and "uploads" in route.path:
        headers["Content-Type"] = "application/offset+octet-stream"
    return client.request(method, filled(route), headers=headers).status_code


def pairs(app: FastAPI) -> list[tuple[str, DeclaredRoute]]:
    return [(method, route) for route in declared_routes(app) for method in sorted(route.methods)]


def test_only_the_listed_routes_are_public(app: FastAPI) -> None:
    public = {(method, route.path) for method, route in pairs(app) if isinstance(route.declaration, Anyone)}
    assert public == PUBLIC_ROUTES


def test_anonymous_is_asked_to_sign_in_everywhere_else(app: FastAPI, anonymous: TestClient) -> None:
    answers = {
        (method, route.path): call(anonymous, method, route)
        for method, route in pairs(app)
        if isinstance(route.declaration, Allow)
    }
    assert len(answers) > 20
    assert set(answers.values()) == {401}, answers


@pytest.mark.parametrize("role", list(PersonRole))
def test_a_wrong_role_is_refused_and_a_right_one_is_not(app: FastAPI, sign_in: SignIn, role: PersonRole) -> None:
    client = sign_in(role)
    for method, route in pairs(app):
        if not isinstance(route.declaration, Allow) or route.path in {"/api/events", "/api/session"}:
            continue
        status = call(client, method, route)
        if role in route.declaration.roles:
            assert status not in {401, 403}, (method, route.path)
        else:
            assert status == 403, (method, route.path)


def test_some_route_is_closed_to_some_role(app: FastAPI) -> None:
    """Keeps the test above from passing because everybody may do everything."""
    closed = [
        r for r in declared_routes(app) if isinstance(r.declaration, Allow) and r.declaration.roles < set(PersonRole)
    ]
    assert closed


@pytest.mark.parametrize(
    "add",
    [
        lambda router: router.get("/x")(lambda: None),
        lambda router: router.get("/x", dependencies=[PUBLIC, PUBLIC])(lambda: None),
        lambda router: router.get("/x", dependencies=[PUBLIC])(_also_signed_in),
        lambda router: router.add_route("/x", lambda request: None),
    ],
    ids=["undeclared", "twice", "two ways", "not an API route"],
)
def test_an_app_with_an_undeclared_route_is_refused(add: Callable[[APIRouter], object]) -> None:
    router = APIRouter()
    add(router)
    app = FastAPI(openapi_url=None)
    app.include_router(router, prefix="/api")
    with pytest.raises(RouteUndeclared):
        declared_routes(app)


def _also_signed_in(me: SignedIn) -> None: ...


def test_create_app_itself_refuses(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    router = APIRouter()
    router.get("/stray")(lambda: None)
    monkeypatch.setattr("api.app.AREAS", (router,))
    with pytest.raises(RouteUndeclared, match="/api/stray"):
        create_app(settings)
