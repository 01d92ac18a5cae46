"""The score model in service: fitted from what no suggestion touched, kept by version, and told to no reviewer."""

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from api.auth.roles import PersonRole
from api.storage.desk_tables import AssignmentRow
from api.storage.score_tables import ScoreModelRow
from api.storage.session import Database
from model.review import Protocol
from model.scoring import from_document
from tests.api.agreement.here import computing_here
from tests.api.conftest import SignIn
from tests.api.office import Office, fill, score
from tests.api.reviewing import person_id
from tests.api.running import eventually
from training.simulate import Arms, People, Scenario, simulate

DATABASES = ("sqlite",)  # what differs between them is tried with the figures
READS = People(reads=(0.7, 0.3))


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    return computing_here(app)


def filled(database: Database, submissions: int, **arms: float) -> str:
    """The rubric's hash in an installation with this many submissions."""
    with database.write() as session:
        scenario = Scenario(submissions=submissions, people=READS, arms=Arms(**{"blind_then_reveal": 0.0, **arms}))  # type: ignore[arg-type]
        return fill(session, simulate(scenario, seed=3)).kept.hash


def fitted(staff: TestClient, rubric: str) -> dict[str, Any]:
    """Asks for a fit and answers with what became of it."""
    answer = staff.post("/api/score-model/fits", json={"rubric": rubric})
    assert answer.status_code == 202, answer.text

    def done() -> dict[str, Any] | None:
        # A period without a score: only the state of the fit is looked at.
        state: dict[str, Any] = staff.get("/api/agreement", params={"until": "1999-12-31"}).json()["score_model"]
        return None if state["fitting"] else state

    return eventually(done, "the fit")


def queue(client: TestClient, **query: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get("/api/queue", params={"page_size": "200", **query}).json()["items"]
    return items


def with_chances(client: TestClient, **query: str) -> list[dict[str, Any]]:
    def there() -> list[dict[str, Any]] | None:
        rows = queue(client, **query)
        return rows if any(row["second_read"] for row in rows) else None

    return eventually(there, "the chances of second reads")


def test_nineteen_are_not_enough(staff: TestClient, database: Database) -> None:
    state = fitted(staff, filled(database, 19, unassisted=1.0))
    assert state["versions"] == []
    assert state["message"].startswith("Not enough data: 19 submissions")
    assert all(row["second_read"] is None for row in queue(staff))


def test_a_fit_is_judged_kept_and_replaced_only_by_one_no_worse(staff: TestClient, database: Database) -> None:
    rubric = filled(database, 30, unassisted=1.0)
    first = fitted(staff, rubric)
    assert [(v["used"], v["n_submissions"]) for v in first["versions"]] == [(True, 30)]
    answer = staff.get("/api/agreement", params={"until": "1999-12-31"}).json()
    shown = next(one for one in answer["figures"]["figures"] if one["id"] == "reliability")
    assert shown["shown"]
    assert "raters with each other" in shown["sentences"][0]
    csv = staff.get("/api/agreement/reliability.csv", params={"until": "1999-12-31"})
    assert csv.status_code == 200
    # The very same scores again: not worse, so the newer fit is in use and the older one is still there.
    again = fitted(staff, rubric)
    assert [v["used"] for v in again["versions"]] == [True, False]
    # A last model that foretold its own submissions perfectly cannot be bettered: it stays in use.
    with database.write() as session:
        newest = session.scalars(select(ScoreModelRow).order_by(ScoreModelRow.id.desc())).first()
        assert newest is not None
        document = dict(newest.document)
        document["held_out"] = [[s, c, level, 0.0, weight] for s, c, level, _, weight in document["held_out"]]
        from_document(document)  # the hash covers what shapes an answer, not how it was judged
        newest.document = document
    stayed = fitted(staff, rubric)
    assert [v["used"] for v in stayed["versions"]] == [False, True, False]
    assert stayed["versions"][0]["text"].startswith("The last model stays")


def test_it_never_learns_from_scores_a_suggestion_touched(staff: TestClient, database: Database) -> None:
    """25 submissions scored with suggestions in view: none of them counts."""
    state = fitted(staff, filled(database, 25, assisted=1.0, unassisted=0.0))
    assert state["message"].startswith("Not enough data: 0 submissions")


def test_settled_scores_count_though_the_reads_were_assisted(staff: TestClient, database: Database) -> None:
    with database.write() as session:
        office = Office(session)
        for place in range(21):
            submission = office.submission(f"S{place}", measures={"purposeful_share": 0.02 * place})
            for rater in ("Ada", "Ben"):
                acts = [score(c, "2", ["purposeful_questions"]) for c in office.criteria]
                office.review(submission, rater, acts, protocol=Protocol.ASSISTED)
            office.settle(submission, office.criteria[0], str(1 + place % 4))
        rubric = office.kept.hash
    assert [v["n_scores"] for v in fitted(staff, rubric)["versions"]] == [21]


class TestSecondReads:
    def test_the_queue_tells_staff_where_one_is_worth_most(self, staff: TestClient, database: Database) -> None:
        fitted(staff, filled(database, 30, unassisted=1.0))
        rows = with_chances(staff, sort="second_read")
        told = [row["second_read"]["p"] for row in rows if row["second_read"]]
        assert told == sorted(told, reverse=True)
        assert all(0.0 <= p <= 1.0 for p in told)
        assert all(row["second_read"] is None for row in rows if len(row["reviewers"]) != 1)
        assert rows[-1]["second_read"] is None
        assert "second blind read would decide otherwise" in rows[0]["second_read"]["text"]

    def test_it_is_kept_from_staff_who_have_yet_to_score_it(
        self, staff: TestClient, sign_in: SignIn, database: Database
    ) -> None:
        fitted(staff, filled(database, 30, unassisted=1.0))
        row = with_chances(staff, sort="second_read")[0]
        lead = sign_in(PersonRole.STAFF, PersonRole.REVIEWER, name="Second Reader")
        with database.write() as session:
            first = session.scalars(
                select(AssignmentRow).where(AssignmentRow.submission_id == row["submission_id"])
            ).one()
            session.add(
                AssignmentRow(
                    program_id=first.program_id, submission_id=first.submission_id, reviewer_id=person_id(lead),
                    rubric_hash=first.rubric_hash, assigned_by_id=first.assigned_by_id, due_at=first.due_at,
                    protocol=Protocol.UNASSISTED.value, protocol_p=1.0,
                )
            )  # fmt: skip
        seen = next(one for one in queue(lead) if one["submission_id"] == row["submission_id"])
        assert seen["second_read"] is None

    def test_no_route_a_reviewer_may_read_tells_it(
        self, staff: TestClient, sign_in: SignIn, database: Database
    ) -> None:
        rubric = filled(database, 25, unassisted=1.0)
        fitted(staff, rubric)
        row = with_chances(staff)[0]
        reviewer = sign_in(PersonRole.REVIEWER, name="Next Reader")
        review = staff.post(
            "/api/assignments",
            json={
                "submission_ids": [row["submission_id"]],
                "reviewer_ids": [person_id(reviewer)],
                "rubric_id": "purposeful-questions",
            },
        ).json()["items"][0]["assignment_id"]
        open_to_them = {
            path: reviewer.get(path)
            for path in (
                "/api/reviews",
                f"/api/reviews/{review}",
                f"/api/reviews/{review}/evidence",
                "/api/submissions",
                f"/api/submissions/{row['submission_id']}",
                "/api/about",
            )
        }
        assert {answer.status_code for answer in open_to_them.values()} == {200}
        for path, answer in open_to_them.items():
            for word in ("second_read", "flip", "decide otherwise", "score_model", "reliability"):
                assert word not in answer.text, path
        for path in ("/api/queue", "/api/agreement", "/api/agreement/reliability.csv"):
            assert reviewer.get(path).status_code == 403
        assert reviewer.post("/api/score-model/fits", json={"rubric": rubric}).status_code == 403

    def test_researchers_see_how_reliable_it_is_and_cannot_fit_it(
        self, staff: TestClient, sign_in: SignIn, database: Database
    ) -> None:
        rubric = filled(database, 25, unassisted=1.0)
        fitted(staff, rubric)
        researcher = sign_in(PersonRole.RESEARCHER)
        answer = researcher.get("/api/agreement", params={"until": "1999-12-31"}).json()
        assert not answer["score_model"]["may_refit"]
        assert len(answer["score_model"]["versions"]) == 1
        assert researcher.post("/api/score-model/fits", json={"rubric": rubric}).status_code == 403
        assert researcher.get("/api/queue").status_code == 403
