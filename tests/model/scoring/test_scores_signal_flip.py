"""Which scores may be learned from, the fixed raw signal, and the chance that a second read decides otherwise."""

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from model.assessment import Adjudication, Assessment, Given, Phase, Score
from model.conditions import Condition
from model.errors import InputRefused
from model.review import Protocol
from model.rubric import CANNOT_TELL, Rubric
from model.rubric_pack import shipped_rubrics
from model.scoring import (
    FinalScore,
    ScoreNotUsable,
    SecondReader,
    final_scores,
    flip_chance,
    raw_signal,
    rule_from_values,
    rules_of,
    score_table,
    second_reader,
)
from model.scoring.flip import second_read

from .simulated import scored

START = datetime(2025, 3, 1, tzinfo=UTC)


def shipped(name: str) -> Rubric:
    return next(rubric for rubric in shipped_rubrics() if rubric.id == name)


def rubric() -> Rubric:
    return shipped("youth-voice")


def score(criterion: str, level: str, rater: str, protocol: Protocol, phase: Phase, day: int = 0) -> Score:
    given = Given(rater=rater, at=START + timedelta(days=day), protocol=protocol, phase=phase, watched_s=1200)
    return Score(criterion=criterion, level=level, given=given, note="Seen.")


def assessment(rater: str, *scores: Score, submitted: bool = True) -> Assessment:
    return Assessment(
        submission="S1",
        rubric_hash=rubric().content_hash,
        rater=rater,
        scores=scores,
        submitted_at=START if submitted else None,
    )


@pytest.mark.parametrize("condition", [Condition.ASSISTED, Condition.REVEALED])
def test_a_score_a_suggestion_may_have_touched_cannot_even_be_made(condition: Condition) -> None:
    with pytest.raises(ScoreNotUsable, match="in part what the machine said"):
        FinalScore(submission="S1", criterion="c", rater="R", value=2, condition=condition)


def test_first_blind_scores_count_and_everything_left_out_is_counted() -> None:
    c = [criterion.id for criterion in rubric().criteria][:3]
    blind_first = (
        score(c[0], "2", "ann", Protocol.BLIND_THEN_REVEAL, Phase.BLIND),
        score(c[0], "4", "ann", Protocol.BLIND_THEN_REVEAL, Phase.REVEALED, day=1),
        score(c[1], CANNOT_TELL, "ann", Protocol.BLIND_THEN_REVEAL, Phase.BLIND),
        score(c[2], "1", "ann", Protocol.BLIND_THEN_REVEAL, Phase.BLIND),
    )
    assisted = (score(c[0], "4", "bo", Protocol.ASSISTED, Phase.REVEALED),)
    draft = (score(c[0], "3", "cy", Protocol.UNASSISTED, Phase.BLIND),)
    settled = Adjudication(
        submission="S1",
        rubric_hash=rubric().content_hash,
        criterion=c[2],
        level="3",
        reason="Both heard again.",
        settles=("ann",),
        by="dee",
        at=START,
    )

    found = final_scores(
        [assessment("ann", *blind_first), assessment("bo", *assisted), assessment("cy", *draft, submitted=False)],
        [settled],
        rubric=rubric(),
    )

    assert [(x.criterion, x.value, x.condition) for x in found.scores] == [
        (c[2], 3.0, Condition.ADJUDICATED),
        (c[0], 2.0, Condition.BLIND),
    ]
    assert dict(found.left_out) == {
        "cannot tell": 1,
        "settled by an adjudication, which counts instead": 1,
        "given with suggestions in view": 1,
        "not submitted yet": 1,
    }


def test_table_weighs_double_reads_and_counts_what_has_no_signal() -> None:
    def final(submission: str, rater: str, value: float) -> FinalScore:
        return FinalScore(
            submission=submission, criterion="c", rater=rater, value=value, condition=Condition.UNASSISTED
        )

    scores = [final("S1", "a", 1), final("S1", "b", 2), final("S2", "a", 2), final("S3", "a", 1)]
    found = score_table(scores, {("S1", "c"): (0.5, 0.5), ("S2", "c"): (0.1, 0.9)}, levels=(1, 2), criteria=("c",))

    assert found.weight.tolist() == [0.5, 0.5, 1.0]
    assert found.without_signal == 1
    with pytest.raises(InputRefused, match="gave 7 for c on S9"):
        score_table([final("S9", "a", 7)], {}, levels=(1, 2), criteria=("c",))


def test_rubric_rules_use_what_the_rubric_links_and_more_open_questions_raise_the_signal() -> None:
    rules = {rule.criterion: rule for rule in rules_of(shipped("purposeful-questions"))}
    rule = next(rule for rule in rules.values() if "count_open" in dict(rule.measures))

    few, many = (raw_signal(rule, {"count_open": n}, n_levels=4, duration_s=1200) for n in (1.0, 25.0))
    longer = raw_signal(rule, {"count_open": 50.0}, n_levels=4, duration_s=2400)
    nothing = raw_signal(rule, {}, n_levels=4)

    assert few.p is not None
    assert many.p is not None
    assert sum(many.p) == pytest.approx(1.0)
    assert many.p[3] > few.p[3]
    assert longer.p == many.p  # 50 in 40 minutes are 25 in 20
    assert many.label == "uncalibrated"
    assert nothing.p is None
    assert "could be had" in (nothing.reason or "")


def test_rule_from_a_column_of_values_and_a_column_that_never_varies() -> None:
    """Median 3, quartiles 2 and 4: spread 2 / 1.349."""
    rule = rule_from_values("c", {"m": [1, 2, 3, 4, 5]})

    assert dict(rule.measures)["m"].middle == 3
    assert dict(rule.measures)["m"].spread == pytest.approx(2 / 1.349)
    with pytest.raises(InputRefused, match="one value only"):
        rule_from_values("c", {"m": [2, 2, 2]})


def reader(transition: tuple[tuple[float, ...], ...], n_pairs: int = 50) -> SecondReader:
    return SecondReader(
        levels=(1.0, 2.0), transition=transition, shares=(0.5, 0.5), n_pairs=n_pairs, machine_weight=1.0
    )


def passes(levels: Mapping[str, float]) -> bool:
    return all(level >= 2 for level in levels.values())


def test_second_read_by_hand() -> None:
    """p = (.4, .6), T(· | 2) = (.2, .8), shares equal, ρ = 1: (.08, .48) -> (1/7, 6/7)."""
    found = second_read(reader(((0.8, 0.2), (0.2, 0.8))), np.array([0.4, 0.6]), 2.0)

    assert found == pytest.approx([1 / 7, 6 / 7])


def test_flip_by_hand_over_two_criteria() -> None:
    """Each stays at 2 with 6/7: met in both with (6/7)² = .7347, so a flip has .2653."""
    p = {"a": (0.4, 0.6), "b": (0.4, 0.6)}
    found = flip_chance(reader(((0.8, 0.2), (0.2, 0.8))), p, {"a": 2.0, "b": 2.0}, passes)

    assert found.p == pytest.approx(1 - 36 / 49)
    assert found.passes_now


def test_raters_who_always_agree_never_flip() -> None:
    found = flip_chance(reader(((1.0, 0.0), (0.0, 1.0))), {"a": (0.9, 0.1)}, {"a": 2.0}, passes)

    assert found.p == 0.0


def test_many_criteria_are_drawn_and_come_close_to_the_exact_answer() -> None:
    """13 criteria: 8,192 combinations, drawn 4,000 times; exact 1 - (6/7)^13 = .865."""
    p = {f"c{i}": (0.4, 0.6) for i in range(13)}
    found = flip_chance(reader(((0.8, 0.2), (0.2, 0.8))), p, dict.fromkeys(p, 2.0), passes)

    assert found.p == pytest.approx(1 - (6 / 7) ** 13, abs=0.03)


def test_foretold_flips_happen_that_often() -> None:
    """Double reads split in two: half to count T on, half to foretell; means by third of the forecast."""
    table = scored(3000, machine="near-calibrated", reads=(0.0, 1.0), seed=8)
    early = np.flatnonzero(table.submission < 1500)
    reads = second_reader(table.rows(early), table.raw[early])
    assert 0.0 < reads.machine_weight < 1.0
    cell = table.submission * 4 + table.criterion
    order = np.argsort(cell, kind="stable")
    pairs = [(a, b) for a, b in itertools.pairwise(order) if cell[a] == cell[b]]
    pairs = [(a, b) for a, b in pairs if table.submission[a] >= 1500]
    foretold, happened = [], []
    for a, b in pairs:
        first, second = table.levels[table.level[a]], table.levels[table.level[b]]
        chance = flip_chance(reads, {"c": tuple(table.raw[a])}, {"c": first}, lambda levels: levels["c"] >= 3)
        foretold.append(chance.p)
        happened.append((first >= 3) != (second >= 3))

    for part in np.array_split(np.argsort(foretold), 3):
        assert np.mean(np.array(foretold)[part]) == pytest.approx(np.mean(np.array(happened)[part]), abs=0.05)


def test_without_double_reads_the_machine_alone_speaks_and_says_so() -> None:
    table = scored(30)
    reads = second_reader(table, table.raw)
    found = flip_chance(reads, {"a": (0.1, 0.2, 0.3, 0.4)}, {"a": 3.0}, lambda levels: levels["a"] >= 3)

    assert reads.n_pairs == 0
    assert found.p == pytest.approx(0.3)
    assert "No double reads yet" in found.text
