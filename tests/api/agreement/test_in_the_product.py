"""`GET /api/agreement`: figures checked by hand on a handful of reviews, under codes, for those who may see them."""

import csv
import io
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.agreement.background import Child
from api.agreement.schemas import TableId
from api.agreement.scored import read_scored, rubrics_scored
from api.agreement.tables import table, to_csv
from api.agreement.wanted import Wanted, as_plain
from api.auth.roles import PersonRole
from api.errors import Conflict
from api.storage.session import Database
from model.indicators import Indicator
from model.review import Protocol
from tests.api.agreement.here import Here, computing_here
from tests.api.conftest import SignIn
from tests.api.office import MARCH, Office, own_mark, score, supports
from tests.api.running import eventually

TABLES: tuple[str, ...] = TableId.__args__  # type: ignore[attr-defined]
QUESTIONS = Indicator.PURPOSEFUL_QUESTIONS.value


@pytest.fixture
def app(app: FastAPI) -> FastAPI:
    return computing_here(app)


@pytest.fixture
def researcher(sign_in: SignIn) -> TestClient:
    return sign_in(PersonRole.RESEARCHER, name="Rita Research")


def asked(client: TestClient, **query: str) -> dict[str, Any]:
    """The answer once the figures are there."""

    def ready() -> dict[str, Any] | None:
        answer = client.get("/api/agreement", params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return None if found["computing"] else found

    return eventually(ready, "the figures to be computed")


def figure(answer: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in answer["figures"]["figures"] if one["id"] == name)
    return found


def rows(found: dict[str, Any], table: str) -> list[dict[str, Any]]:
    chosen = next(one for one in found["tables"] if one["id"] == table)
    names = [column["id"] for column in chosen["columns"]]
    return [dict(zip(names, row, strict=True)) for row in chosen["rows"]]


def two_raters(office: Office) -> None:
    """One criterion scored by both raters of five submissions: 1/1, 2/2, 3/2, 4/4, 4/3."""
    for place, levels in enumerate(("11", "22", "32", "44", "43")):
        submission = office.submission(f"Session {place}")
        office.scores(submission, "Ada Achieng", levels[0])
        office.scores(submission, "Ben Brandt", levels[1])


def test_coefficients_are_those_of_the_scores(researcher: TestClient, database: Database) -> None:
    with database.write() as session:
        two_raters(Office(session))
    answer = asked(researcher)
    table_rows = rows(figure(answer, "agreement"), "agreement")
    assert {row["criterion"] for row in table_rows} == {"Kinds of question"}
    of = {row["figure"]: row for row in table_rows}
    # Three of five pairs are equal, the other two one level apart.
    assert of["Exact agreement"]["value"] == pytest.approx(3 / 5)
    assert of["Agreement within one level"]["value"] == pytest.approx(1.0)
    # α with interval distances: observed = (0+0+1+0+1)·2/10 = .4; the ten values 1 1 2 2 2 3 3 4 4 4 have mean 2.6 and
    # squared deviations 12.4, so expected = 2·12.4/9; α = 1 - .4·9/24.8.
    assert of["Krippendorff's α, interval"]["value"] == pytest.approx(1 - 0.4 * 9 / 24.8)
    assert (of["Krippendorff's α, interval"]["n"], of["Krippendorff's α, interval"]["raters"]) == (5, 2)
    assert answer["figures"]["n_double"] == 5
    # Every pair both ways round: levels 3/2 and 4/3 off the diagonal, four agreements… each counted twice.
    matrix = figure(answer, "confusion")["chart"]["matrices"][0]
    assert matrix["n_pairs"] == 5
    assert matrix["rows"] == [[2, 0, 0, 0], [0, 2, 1, 0], [0, 1, 0, 1], [0, 0, 1, 2]]


def test_nothing_on_it_names_a_person_or_a_recording(researcher: TestClient, database: Database) -> None:
    with database.write() as session:
        two_raters(Office(session))
    asked(researcher)
    texts = [researcher.get("/api/agreement").text]
    texts += [researcher.get(f"/api/agreement/{table}.csv").text for table in TABLES]
    for secret in ("Ada", "Ben", "Achieng", "Session", "Lena", "Olga"):
        assert not any(secret in text for text in texts)
    scores = list(csv.DictReader(io.StringIO(researcher.get("/api/agreement/ratings.csv").text)))
    assert len(scores) == 10
    assert {len(row["rater"]) for row in scores} == {6}  # R- and four letters
    assert {row["time"] for row in scores} == {"2026-03-02"}  # the day, not the hour


def test_scores_with_suggestions_are_kept_apart_until_asked_for(researcher: TestClient, database: Database) -> None:
    with database.write() as session:
        office = Office(session)
        two_raters(office)
        submission = office.submission("Assisted")
        for rater in ("Cleo", "Dan"):
            office.review(
                submission,
                rater,
                [score(office.criteria[0], "1", [QUESTIONS])],
                protocol=Protocol.ASSISTED,
            )
    own = asked(researcher)
    assert (own["figures"]["n_submissions"], own["figures"]["n_raters"]) == (5, 2)
    assert "2 scores given with suggestions in view are kept apart." in own["figures"]["notes"]
    assisted = asked(researcher, arm="assisted")
    assert (assisted["figures"]["n_submissions"], assisted["figures"]["n_raters"]) == (1, 2)
    assert "not the agreement of independent raters" in " ".join(assisted["figures"]["notes"])
    assert asked(researcher, arm="final")["figures"]["n_submissions"] == 6


def test_a_blind_score_is_the_last_one_before_the_reveal(researcher: TestClient, database: Database) -> None:
    with database.write() as session:
        office = Office(session)
        first = office.criteria[0]
        for place, (blind, later) in enumerate((("2", "4"), ("3", "3"))):
            submission = office.submission(f"Session {place}")
            office.scores(submission, "Ada", [blind])
            acts = [score(first, "1"), score(first, blind), score(first, later, [QUESTIONS])]
            office.review(submission, "Ben", acts, protocol=Protocol.BLIND_THEN_REVEAL)
    exact = {
        arm: next(
            row["value"]
            for row in rows(figure(asked(researcher, arm=arm), "agreement"), "agreement")
            if row["figure"] == "Exact agreement"
        )
        for arm in ("own", "final")
    }
    # Ada 2, 3. Ben before the reveal 2, 3; as handed in 4, 3.
    assert exact == {"own": pytest.approx(1.0), "final": pytest.approx(0.5)}
    reason = figure(asked(researcher), "suggestions")
    assert not reason["shown"]
    assert "after a reveal" in reason["need"]["text"]  # such data show influence where there is none


def test_the_period_counts_the_days_scores_were_given_on(researcher: TestClient, database: Database) -> None:
    with database.write() as session:
        office = Office(session)
        for day in range(3):
            submission = office.submission(f"Session {day}")
            for rater in ("Ada", "Ben"):
                office.scores(submission, rater, "2", at=MARCH + timedelta(days=day))
    assert asked(researcher)["figures"]["n_submissions"] == 3
    assert asked(researcher, since="2026-03-03")["figures"]["n_submissions"] == 2
    assert asked(researcher, since="2026-03-03", until="2026-03-03")["figures"]["n_submissions"] == 1
    assert researcher.get("/api/agreement", params={"since": "soon"}).status_code == 422


def test_evidence_and_misses(researcher: TestClient, database: Database) -> None:
    """Ada marks 10-20 and 100-110 s, Ben 12-20 s and, in an audit window, 205 s; both support a suggestion at 50 s."""
    everything = [indicator.value for indicator in Indicator]
    with database.write() as session:
        office = Office(session)
        submission = office.submission("Session", duration=400.0, evidence=[("e-1", QUESTIONS, 50.0, 60.0)])
        for rater, marks in (
            ("Ada", [own_mark("a1", 10, 20), own_mark("a2", 100, 110)]),
            ("Ben", [own_mark("b1", 12, 20), own_mark("b2", 205, 210, everything)]),
        ):
            office.review(
                submission,
                rater,
                [*marks, score(office.criteria[0], "2"), supports("e-1")],
                protocol=Protocol.BLIND_THEN_REVEAL,
                windows=[(200.0, 220.0, 0.25)] if rater == "Ben" else [],
            )
    answer = asked(researcher)
    curve = {
        (row["counted"], row["tolerance_s"]): row["f1"]
        for row in rows(figure(answer, "evidence"), "tolerance")
        if row["look_for"] == "All look-fors"
    }
    # On one's own: Ada 2 marks, Ben 1 (his second came after the reveal); starts lie 2 s apart: F1 = 2·1/3 from 2 s on.
    assert curve["Marked on one's own", 1] == 0.0
    assert curve["Marked on one's own", 2] == pytest.approx(2 / 3)
    # As handed in: 3 marks each, the suggestion matches at once, the first marks from 2 s on.
    assert curve["As handed in", 0] == pytest.approx(2 * 1 / 6)
    assert curve["As handed in", 2] == pytest.approx(2 * 2 / 6)
    missed = next(row for row in rows(figure(answer, "missed"), "missed") if row["look_for"] == "Purposeful questions")
    # One moment found in a window drawn with chance 1/4 stands for four; one suggestion was confirmed: 4/5 missed.
    assert (missed["windows"], missed["found"], missed["confirmed"]) == (1, 1, 1)
    assert missed["total"] == pytest.approx(4.0)
    assert missed["share"] == pytest.approx(0.8)
    assert missed["share_high"] <= 1.0


def test_too_little_says_what_is_missing(researcher: TestClient, database: Database) -> None:
    empty = researcher.get("/api/agreement").json()
    assert (empty["rubrics"], empty["figures"], empty["computing"]) == ([], None, False)
    assert researcher.get("/api/agreement/agreement.csv").status_code == 404
    with database.write() as session:
        office = Office(session)
        submission = office.submission("Session")
        office.scores(submission, "Ada", "2")
        office.scores(submission, "Ben", "3", submitted=False)  # not handed in: not looked at
    answer = asked(researcher)
    needs = {one["id"]: (one["shown"], one["need"]) for one in answer["figures"]["figures"]}
    assert not any(shown for shown, _ in needs.values())
    assert needs["agreement"][1]["text"].startswith("Not enough data yet: 0 of 2 submissions read by two people.")
    assert (needs["reliability"][1]["have"], needs["reliability"][1]["needed"]) == (0, 20)
    assert all(need["text"] for _, need in needs.values())
    assert "second readers" in " ".join(answer["figures"]["lead"])


def test_a_new_review_is_seen_at_once_and_a_known_state_is_not_computed_again(
    researcher: TestClient, database: Database
) -> None:
    with database.write() as session:
        two_raters(Office(session))
    assert asked(researcher)["figures"]["n_scores"] == 10
    assert not researcher.get("/api/agreement").json()["computing"]
    with database.write() as session:
        again = Office(session, prefix="Later ")
        again.scores(again.submission("Another"), "Later Cleo", "2")
    assert asked(researcher)["figures"]["n_scores"] == 11


@pytest.mark.parametrize("path", ["/api/agreement", *(f"/api/agreement/{table}.csv" for table in TABLES)])
class TestRights:
    DATABASES = ("sqlite",)

    def test_reviewers_educators_and_strangers_are_refused(
        self, sign_in: SignIn, anonymous: TestClient, path: str
    ) -> None:
        assert anonymous.get(path).status_code == 401
        for role in (PersonRole.REVIEWER, PersonRole.EDUCATOR):
            assert sign_in(role).get(path).status_code == 403

    def test_researchers_staff_and_administrators_are_not(self, sign_in: SignIn, path: str) -> None:
        for role in (PersonRole.RESEARCHER, PersonRole.STAFF, PersonRole.ADMIN):
            assert sign_in(role).get(path).status_code in {200, 404}


def test_csv_is_kept_from_being_run_as_a_formula() -> None:
    found = table("ratings", "", (("a", "A", "text"), ("b", "B", "figure")), [("=1+1", float("nan")), ("x", 1 / 3)])
    assert to_csv(found) == "a,b\r\n'=1+1,\r\nx,0.3333333333\r\n"


class TestChild:
    DATABASES = ("sqlite",)

    def test_a_real_child_answers_as_this_process_does(self, app: FastAPI, database: Database) -> None:
        with database.write() as session:
            two_raters(Office(session))
        with database.read() as session:
            (rubric,) = rubrics_scored(session)
            job = {"kind": "figures", **as_plain(read_scored(session, rubric.hash), Wanted(resamples=100))}
        child = Child()
        assert child(job) == Here()(job)
        with pytest.raises(Conflict, match="KeyError"):
            child({"kind": "guess"})
        child.close()
        with pytest.raises(Conflict, match="stopping"):
            child(job)


def test_only_the_child_does_the_numbers() -> None:
    """The web process loads neither the score model's library nor the speech models."""
    heavy = ("sklearn", "scipy.optimize", "torch", "inference")
    code = f"import api.app, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
