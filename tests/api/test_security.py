import pytest
from fastapi.testclient import TestClient

from api.security import content_security_policy

DATABASES = ("sqlite",)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),  # not a browser
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"}, False),
        ({"Origin": "http://testserver"}, True),
        ({"Origin": "http://TESTSERVER"}, True),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "http://testserver.evil.example"}, False),
        ({"Origin": "null"}, False),
    ],
    ids=str,
)
def test_another_sites_page_cannot_change_anything(staff: TestClient, headers: dict[str, str], allowed: bool) -> None:
    answer = staff.post("/api/submissions/x/cancel", headers=headers)
    assert answer.json()["code"] == ("submission.none" if allowed else "request.cross_site")
    assert staff.get("/api/me", headers=headers).status_code == 200


def test_every_answer_carries_the_security_headers(anonymous: TestClient) -> None:
    for path in ("/", "/api/health", "/api/submissions", "/api/nothing"):
        headers = anonymous.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    assert anonymous.get("/api/health").headers["cache-control"] == "private, no-store"


def test_scripts_come_from_here_alone() -> None:
    rules = dict(rule.split(" ", 1) for rule in content_security_policy("https://bucket.example").split("; "))
    assert rules["script-src"] == "'self'"
    assert rules["media-src"] == "'self' blob: https://bucket.example"


def test_a_large_body_is_refused(staff: TestClient) -> None:
    answer = staff.post(
        "/api/submissions", content=b"x" * (3 * 1024 * 1024), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["status"] == 413
