"""The log of acts: what holds, what is refused, what is shown when."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from model.indicators import Indicator
from model.review import (
    Act,
    ActConflicts,
    ActKind,
    ActRefused,
    CriterionRules,
    Protocol,
    ReviewRules,
    ReviewState,
    apply,
    check,
    fold,
    heard,
    merge_stretches,
    missing,
    visible,
)

Q = Indicator.PURPOSEFUL_QUESTIONS
V = Indicator.YOUTH_VOICE
CRITERIA = (
    CriterionRules(id="types", label="Kinds of questions", levels=("1", "2", "3", "4"), indicators=(Q,)),
    CriterionRules(id="wait", label="Time to think", levels=("1", "2", "3", "4"), indicators=(Q,)),
    CriterionRules(id="ideas", label="Ideas used", levels=("1", "2", "3", "4"), indicators=(V,)),
)
EVIDENCE = (("e1", Q), ("e2", V))
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


class Desk:
    """A reviewer at work: numbers acts, checks each and appends it, as the service does."""

    def __init__(self, protocol: Protocol, audit_windows: tuple[str, ...] = ()) -> None:
        self.rules = ReviewRules(protocol=protocol, criteria=CRITERIA, evidence=EVIDENCE, audit_windows=audit_windows)
        self.log: list[Act] = []
        self.state = fold([], self.rules)

    def act(
        self, kind: ActKind, subject: str, value: Mapping[str, Any] | None, *, replaces: str | None = "latest"
    ) -> Act:
        held = self.state.current.get(subject)
        seq = len(self.log) + 1
        act = Act(
            id=f"a{seq}",
            seq=seq,
            kind=kind,
            subject=subject,
            value=value,
            at=START + timedelta(seconds=seq),
            replaces=(held.id if held else None) if replaces == "latest" else replaces,
        )
        check(self.state, act, self.rules)
        self.log.append(act)
        self.state = apply(self.state, act, self.rules)
        return act

    def saw(self, criterion: str) -> None:
        self.act(ActKind.CITE, f"cite:{criterion}", {"seen": "A child holds up her own drawing."})

    def score(self, criterion: str, level: str, **more: str) -> Act:
        return self.act(ActKind.SCORE, f"score:{criterion}", {"level": level, **more})


def test_the_latest_act_on_a_subject_holds_and_the_log_keeps_both() -> None:
    desk = Desk(Protocol.ASSISTED)
    desk.act(ActKind.DECISION, "evidence:e1", {"verdict": "supports"})
    desk.act(ActKind.DECISION, "evidence:e1", None)
    assert desk.state.value("evidence:e1") is None
    assert [a.value for a in desk.log] == [{"verdict": "supports"}, None]


@pytest.mark.parametrize("reasons", [["too_long"], "not_stem", [3], {}])
def test_a_reason_is_one_of_those_offered(reasons: object) -> None:
    desk = Desk(Protocol.ASSISTED)
    with pytest.raises(ActRefused):
        desk.act(ActKind.DECISION, "evidence:e1", {"verdict": "does_not", "reasons": reasons})
    desk.act(ActKind.DECISION, "evidence:e1", {"verdict": "does_not", "reasons": ["wrong_words", "other"]})


def test_state_is_the_fold_of_the_log() -> None:
    desk = Desk(Protocol.BLIND_THEN_REVEAL)
    desk.saw("ideas")
    desk.score("ideas", "3")
    desk.act(ActKind.WATCHED, "watched", {"intervals": [[0, 30, 1.0], [20, 60, 1.75]]})
    assert fold(desk.log, desk.rules) == desk.state
    assert desk.state.watched == ((0, 60),)


def test_a_score_needs_a_citation_first() -> None:
    desk = Desk(Protocol.ASSISTED)
    with pytest.raises(ActRefused, match=r"no evidence yet.*Cite a moment"):
        desk.score("types", "3")
    desk.act(ActKind.CITE, "cite:types", {"evidence": ["e1"]})
    desk.score("types", "3")
    assert desk.state.scored("types")


def test_cannot_tell_is_an_answer_and_needs_no_citation() -> None:
    desk = Desk(Protocol.ASSISTED)
    desk.act(ActKind.SCORE, "score:wait", {"cannot_tell": True})
    assert desk.state.scored("wait")


def test_a_level_outside_the_rubric_is_refused() -> None:
    desk = Desk(Protocol.ASSISTED)
    desk.saw("types")
    with pytest.raises(ActRefused, match="no such level"):
        desk.score("types", "5")


def test_unassisted_shows_nothing_ever() -> None:
    desk = Desk(Protocol.UNASSISTED)
    for criterion in ("types", "wait", "ideas"):
        desk.saw(criterion)
        desk.score(criterion, "2")
    assert not visible("e1", desk.state, desk.rules)
    with pytest.raises(ActRefused, match="not open"):
        desk.act(ActKind.DECISION, "evidence:e1", {"verdict": "supports"})


def test_blind_then_reveal_opens_an_indicator_when_all_it_bears_on_is_scored() -> None:
    desk = Desk(Protocol.BLIND_THEN_REVEAL)
    desk.saw("types")
    desk.saw("wait")
    desk.score("types", "3")
    assert not visible("e1", desk.state, desk.rules)  # it bears on `wait` too, which is still open
    with pytest.raises(ActRefused, match="not open"):
        desk.act(ActKind.CITE, "cite:ideas", {"evidence": ["e2"]})
    desk.score("wait", "2")
    assert visible("e1", desk.state, desk.rules)
    assert not visible("e2", desk.state, desk.rules)


def test_after_the_reveal_a_change_needs_its_reason_and_the_first_score_stays_on_record() -> None:
    desk = Desk(Protocol.BLIND_THEN_REVEAL)
    desk.saw("ideas")
    desk.score("ideas", "2")
    with pytest.raises(ActRefused, match="why the score changes"):
        desk.score("ideas", "3")
    with pytest.raises(ActRefused):
        desk.act(ActKind.SCORE, "score:ideas", None)  # taking it back would not unsee anything
    desk.score("ideas", "3", reason="I had missed the moment at 12:31.")
    levels = [a.value["level"] for a in desk.log if a.kind is ActKind.SCORE and a.value]
    assert levels == ["2", "3"]
    assert visible("e2", desk.state, desk.rules)


def test_before_the_reveal_a_score_changes_freely() -> None:
    desk = Desk(Protocol.BLIND_THEN_REVEAL)
    desk.saw("types")
    desk.score("types", "2")
    desk.score("types", "3")  # `wait` is still open, so nothing has been shown
    assert desk.state.value("score:types") == {"level": "3"}


def test_a_second_tab_is_told_and_nothing_is_overwritten() -> None:
    desk = Desk(Protocol.ASSISTED)
    first = desk.act(ActKind.FEEDBACK, "feedback:types", {"text": "From the first tab."})
    with pytest.raises(ActConflicts) as caught:
        desk.act(ActKind.FEEDBACK, "feedback:types", {"text": "From the second."}, replaces=None)
    assert caught.value.current == first
    assert desk.state.value("feedback:types") == {"text": "From the first tab."}


def test_submit_lists_what_is_missing_then_closes_the_review() -> None:
    desk = Desk(Protocol.ASSISTED, audit_windows=("w1",))
    assert [(m.kind, m.target) for m in missing(desk.state, desk.rules)] == [
        ("score", "types"),
        ("score", "wait"),
        ("score", "ideas"),
        ("audit", "w1"),
    ]
    with pytest.raises(ActRefused, match="not complete"):
        desk.act(ActKind.SUBMIT, "submit", {})
    for criterion in ("types", "wait", "ideas"):
        desk.saw(criterion)
        desk.score(criterion, "2")
    desk.act(ActKind.AUDIT, "audit:w1", {"answer": "nothing"})
    desk.act(ActKind.SUBMIT, "submit", {})
    assert desk.state.submitted_at == START + timedelta(seconds=8)
    with pytest.raises(ActRefused, match="closed"):
        desk.act(ActKind.NOTE, "note", {"text": "too late"})


def test_taking_back_the_only_citation_is_noticed() -> None:
    desk = Desk(Protocol.ASSISTED)
    desk.saw("types")
    desk.score("types", "3")
    desk.act(ActKind.CITE, "cite:types", None)
    assert ("citation", "types") in [(m.kind, m.target) for m in missing(desk.state, desk.rules)]


def test_a_mark_of_ones_own_can_be_cited_until_it_is_taken_back() -> None:
    desk = Desk(Protocol.UNASSISTED)
    desk.act(ActKind.OWN_EVIDENCE, "own:m1", {"indicator": "youth_voice", "start": 10.0, "end": 14.0})
    desk.act(ActKind.CITE, "cite:ideas", {"own": ["m1"]})
    desk.act(ActKind.OWN_EVIDENCE, "own:m1", None)
    with pytest.raises(ActRefused, match="taken back"):
        desk.act(ActKind.CITE, "cite:types", {"own": ["m1"]})


def test_an_act_about_the_wrong_subject_is_refused() -> None:
    desk = Desk(Protocol.ASSISTED)
    with pytest.raises(ActRefused, match="cannot be about"):
        desk.act(ActKind.SCORE, "evidence:e1", {"level": "2"})
    assert desk.state == ReviewState(revealed=frozenset(Indicator))


def test_merge_stretches_joins_what_touches_and_drops_what_is_empty() -> None:
    assert merge_stretches([(5, 9), (0, 2), (2.1, 4), (7, 7)]) == ((0, 4), (5, 9))


@pytest.mark.parametrize(
    ("watched", "was_heard"),
    [([(0.0, 16.0)], True), ([(0.0, 15.9)], False), ([(8.0, 13.0), (15.0, 30.0)], True), ([], False)],
)
def test_heard_is_sixty_per_cent_of_the_span(watched: list[tuple[float, float]], was_heard: bool) -> None:
    # The span 10–20 s needs 6 s: 10–16 gives 6; 10–15.9 gives 5.9; 10–13 and 15–20 give 8.
    assert heard((10.0, 20.0), watched) is was_heard


@pytest.mark.parametrize(
    "value",
    [
        {"indicator": "luck", "start": 1.0, "end": 2.0},
        {"indicator": "youth_voice", "start": 2.0, "end": 1.0},
        {"indicator": "youth_voice", "start": -1.0, "end": 1.0},
        {"indicator": "youth_voice", "start": "1", "end": 2.0},
        {"indicator": "youth_voice", "start": 1.0, "end": float("inf")},
        {"indicator": "youth_voice"},
    ],
)
def test_a_mark_needs_a_look_for_and_times_in_order(value: dict[str, Any]) -> None:
    desk = Desk(Protocol.UNASSISTED)
    with pytest.raises(ActRefused):
        desk.act(ActKind.OWN_EVIDENCE, "own:m1", value)


def test_an_edit_may_change_the_look_for_alone() -> None:
    desk = Desk(Protocol.ASSISTED)
    desk.act(ActKind.EVIDENCE_EDIT, "span:e1", {"indicator": "youth_voice"})
    with pytest.raises(ActRefused, match="start before its end"):
        desk.act(ActKind.EVIDENCE_EDIT, "span:e1", {"start": 4.0})


@pytest.mark.parametrize("intervals", [None, [[1.0]], [[3.0, 1.0, 1.0]], "all of it"])
def test_what_was_watched_must_be_stretches(intervals: object) -> None:
    desk = Desk(Protocol.ASSISTED)
    with pytest.raises(ActRefused):
        desk.act(ActKind.WATCHED, "watched", {"intervals": intervals})
