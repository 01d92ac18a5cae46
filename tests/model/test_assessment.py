"""Records of a review: what holds, what is missing, what settles a criterion."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from model.assessment import (
    Adjudication,
    Answer,
    Assessment,
    Decision,
    Given,
    Phase,
    RecordInvalid,
    Score,
    first_scores,
    gaps,
    latest_decisions,
    latest_scores,
    settled_levels,
    verdict,
)
from model.review import Protocol
from model.rubric import CANNOT_TELL, Outcome, Rubric
from model.rubric_pack import shipped_rubrics

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def given(minute: int, *, rater: str = "ana", phase: Phase = Phase.BLIND) -> Given:
    return Given(
        rater=rater,
        at=START + timedelta(minutes=minute),
        protocol=Protocol.BLIND_THEN_REVEAL,
        phase=phase,
        watched_s=60.0 * minute,
    )


def score(criterion: str, level: str, minute: int = 0, **rest: str) -> Score:
    return Score(criterion=criterion, level=level, given=given(minute), evidence=("e1",), **rest)


@pytest.fixture(scope="module")
def rubric() -> Rubric:
    return next(r for r in shipped_rubrics() if r.id == "purposeful-questions-three")


def assessment(rubric: Rubric, *scores: Score, rater: str = "ana") -> Assessment:
    mine = tuple(replace(s, given=replace(s.given, rater=rater)) for s in scores)
    return Assessment(submission="s1", rubric_hash=rubric.content_hash, rater=rater, scores=mine, submitted_at=START)


def test_the_latest_score_holds_and_the_first_is_kept() -> None:
    early, late = score("waits", "almost", 3), score("waits", "yes", 9)
    for order in ((early, late), (late, early)):  # however they are stored
        assert latest_scores(order) == {"waits": late}
        assert first_scores(order) == {"waits": early}


def test_the_latest_decision_on_each_piece_of_evidence_holds() -> None:
    def decision(evidence: str, answer: Answer, minute: int) -> Decision:
        return Decision(evidence=evidence, answer=answer, given=given(minute, phase=Phase.REVEALED))

    decisions = [
        decision("e1", Answer.SUPPORTS, 4),
        decision("e2", Answer.UNSURE, 5),
        decision("e1", Answer.DOES_NOT, 6),
    ]
    assert {e: d.answer for e, d in latest_decisions(decisions).items()} == {
        "e1": Answer.DOES_NOT,
        "e2": Answer.UNSURE,
    }


def test_what_is_missing_is_listed_in_rubric_order(rubric: Rubric) -> None:
    started = assessment(
        rubric,
        score("waits", CANNOT_TELL),
        replace(score("goes_on", "yes"), evidence=()),
        score("asks_for_thinking", "yes"),
    )
    assert [(gap.kind, gap.criterion) for gap in gaps(started, rubric)] == [
        ("evidence", "goes_on"),
        ("reason", "waits"),
        ("score", "reaches_all"),
    ]


def test_an_abstention_with_its_reason_is_complete_where_the_rubric_allows_it(rubric: Rubric) -> None:
    scores = [score(c.id, "yes") for c in rubric.criteria if c.id != "waits"]
    abstained = assessment(rubric, *scores, score("waits", CANNOT_TELL, note="The sound drops out."))
    assert gaps(abstained, rubric) == ()
    assert verdict(abstained, rubric).outcome is Outcome.CANNOT_TELL  # "waits" must be almost or better

    strict = replace(rubric, allow_cannot_tell=False)
    under_strict = replace(abstained, rubric_hash=strict.content_hash)
    assert [gap.kind for gap in gaps(under_strict, strict)] == ["abstention"]


def test_a_note_of_what_was_seen_counts_as_evidence(rubric: Rubric) -> None:
    seen = replace(score("reaches_all", "yes"), evidence=(), note="All six youth pour water and report.")
    others = [score(c.id, "yes") for c in rubric.criteria if c.id != "reaches_all"]
    assert gaps(assessment(rubric, seen, *others), rubric) == ()


def test_an_assessment_under_another_rubric_is_refused(rubric: Rubric) -> None:
    other = replace(rubric, title="Reworded")
    with pytest.raises(RecordInvalid, match="was made under rubric"):
        gaps(assessment(rubric), other)


@pytest.mark.parametrize(("criterion", "level"), [("nonsense", "yes"), ("waits", "7")])
def test_ids_the_rubric_does_not_have_are_refused(rubric: Rubric, criterion: str, level: str) -> None:
    with pytest.raises(RecordInvalid, match=criterion):
        gaps(assessment(rubric, score(criterion, level)), rubric)


@pytest.mark.parametrize(
    ("protocol", "phase"), [(Protocol.UNASSISTED, Phase.REVEALED), (Protocol.ASSISTED, Phase.BLIND)]
)
def test_a_protocol_rules_out_the_other_phase(protocol: Protocol, phase: Phase) -> None:
    with pytest.raises(RecordInvalid, match="cannot be"):
        replace(given(1), protocol=protocol, phase=phase)


def test_records_say_when_in_the_world_they_were_made() -> None:
    with pytest.raises(RecordInvalid, match="time zone"):
        replace(given(1), at=datetime(2026, 3, 2, 9, 0))  # the very mistake
    with pytest.raises(RecordInvalid, match="watched"):
        replace(given(1), watched_s=-1.0)


def test_an_assessment_holds_one_raters_records(rubric: Rubric) -> None:
    with pytest.raises(RecordInvalid, match="ben"):
        Assessment(
            submission="s1",
            rubric_hash=rubric.content_hash,
            rater="ana",
            scores=(replace(score("waits", "yes"), given=given(1, rater="ben")),),
        )


def adjudication(criterion: str, level: str, minute: int = 60, reason: str = "Heard twice.") -> Adjudication:
    return Adjudication(
        submission="s1",
        rubric_hash="h",
        criterion=criterion,
        level=level,
        reason=reason,
        settles=("ana", "ben"),
        by="kim",
        at=START + timedelta(minutes=minute),
    )


def test_what_stands_is_adjudicated_or_agreed(rubric: Rubric) -> None:
    ana = assessment(rubric, score("waits", "yes"), score("goes_on", "yes"), score("asks_for_thinking", CANNOT_TELL))
    ben = assessment(
        rubric, score("waits", "almost"), score("goes_on", "yes"), score("asks_for_thinking", "almost"), rater="ben"
    )
    unfinished = replace(assessment(rubric, score("goes_on", "not_yet"), rater="cy"), submitted_at=None)
    # "waits" is disputed; "goes_on" agreed, cy not having submitted; an abstention disputes nothing.
    assert settled_levels([ana, ben, unfinished], []) == {"goes_on": "yes", "asks_for_thinking": "almost"}
    settled = settled_levels([ana, ben], [adjudication("waits", "yes", 70), adjudication("waits", "almost", 60)])
    assert settled["waits"] == "yes"  # the later settlement


def test_a_settlement_gives_its_reason() -> None:
    with pytest.raises(RecordInvalid, match="no reason"):
        adjudication("waits", "yes", reason="  ")
