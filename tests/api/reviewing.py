"""A small office for tests of the desk: staff, reviewers, a prepared submission and work handed out over HTTP."""

import itertools
from datetime import UTC, datetime
from typing import Any

from fastapi.testclient import TestClient

RUBRIC = "purposeful-questions"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC).isoformat()


def person_id(client: TestClient) -> str:
    answer: dict[str, Any] = client.get("/api/me").json()
    return str(answer["id"])


def use_protocol(staff: TestClient, protocol: str) -> None:
    """From now on every review is under `protocol`, none drawn without suggestions."""
    answer = staff.patch("/api/program", json={"protocol": protocol, "unassisted_share": 0.0, "audit_windows": 0})
    assert answer.status_code == 200, answer.text


def assign(staff: TestClient, submission_id: str, *reviewers: TestClient, rubric: str = RUBRIC) -> list[str]:
    """Ids of the reviews, in the order of the reviewers."""
    answer = staff.post(
        "/api/assignments",
        json={
            "submission_ids": [submission_id],
            "reviewer_ids": [person_id(reviewer) for reviewer in reviewers],
            "rubric_id": rubric,
        },
    )
    assert answer.status_code == 200, answer.text
    return [item["assignment_id"] for item in answer.json()["items"]]


class Desk:
    """One reviewer at one review, as a page would be: names acts and says what each replaces."""

    _numbers = itertools.count()

    def __init__(self, client: TestClient, review_id: str, *, tab: str = "tab-1") -> None:
        self.client = client
        self.id = review_id
        self.tab = tab
        answer = client.post(f"/api/reviews/{review_id}/open")
        assert answer.status_code == 200, answer.text
        self.review: dict[str, Any] = answer.json()
        self.held = {subject: act["id"] for subject, act in self.review["current"].items()}

    @property
    def criteria(self) -> list[str]:
        return [criterion["id"] for criterion in self.review["rubric"]["criteria"]]

    def act(self, kind: str, subject: str, value: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
        body = {
            "id": f"act-{next(self._numbers):08d}",
            "kind": kind,
            "subject": subject,
            "value": value,
            "at": NOW,
            "replaces": self.held.get(subject),
            "tab": self.tab,
            **more,
        }
        answer = self.client.post(f"/api/reviews/{self.id}/acts", json={"acts": [body]})
        assert answer.status_code == 200, answer.text
        saved: dict[str, Any] = answer.json()
        if saved["results"][0]["status"] == "saved":
            self.held[subject] = body["id"]
        return saved

    def result(self, kind: str, subject: str, value: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
        result: dict[str, Any] = self.act(kind, subject, value, **more)["results"][0]
        return result

    def score(self, criterion: str, level: str, **more: str) -> dict[str, Any]:
        self.result("cite", f"cite:{criterion}", {"seen": "They all lean in."})
        return self.result("score", f"score:{criterion}", {"level": level, **more})

    def evidence(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.client.get(f"/api/reviews/{self.id}/evidence").json()["items"]
        return items

    def finish(self, level: str) -> None:
        for criterion in self.criteria:
            assert self.score(criterion, level)["status"] == "saved"
        assert self.result("submit", "submit", {})["status"] == "saved"
