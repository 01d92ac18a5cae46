"""No influence where none was planted, the planted one where it was, and no answer where none can be had."""

from dataclasses import replace

import numpy as np
import pytest

from model.conditions import Condition
from model.errors import InputRefused
from model.influence import ArmScore, Influence, RevealOnly, influence
from training.simulate import Arms, Moments, People, Scenario, Simulation, simulate

LEVELS = (1.0, 2.0, 3.0, 4.0)


def arm_scores(found: Simulation) -> list[ArmScore]:
    scores = found.scores
    return [
        ArmScore(
            submission=f"S{submission}",
            criterion=found.scenario.criteria[criterion],
            rater=f"R{rater}",
            value=LEVELS[level],
            condition=Condition(condition),
            machine=float(found.machine_level[submission, criterion]),
            minutes=float(minutes),
        )
        for submission, criterion, rater, level, condition, minutes in zip(
            scores.submission,
            scores.criterion,
            scores.rater,
            scores.level,
            scores.condition,
            scores.minutes,
            strict=True,
        )
    ]


def paired(n: int, *, pull: float, seed: int) -> Influence:
    scenario = Scenario(
        submissions=n,
        people=People(raters=8),
        arms=Arms(paired=True, pull=pull),
        moments=Moments(indicators=()),
    )
    return influence(arm_scores(simulate(scenario, seed=seed)), levels=LEVELS)


def t_of(found: Influence) -> float:
    assert found.slope_change.t is not None
    return found.slope_change.t


def test_no_pull_is_not_found_in_nine_of_ten_programs() -> None:
    """|t| < 2 in at least 90 % of 30 seeds, with 60 paired submissions, for slope, shift and agreement alike."""
    runs = [paired(60, pull=0.0, seed=seed) for seed in range(30)]

    assert np.mean([abs(t_of(run)) < 2 for run in runs]) >= 0.9
    assert np.mean([abs(run.paired_shift.t or 0) < 2 for run in runs]) >= 0.9
    assert np.mean([abs(run.machine_agreement.t or 0) < 2 for run in runs]) >= 0.9


def test_pull_of_three_tenths_is_found_at_400_paired_submissions() -> None:
    runs = [paired(400, pull=0.3, seed=seed) for seed in range(10)]

    assert np.mean([(run.slope_change.low or -1) > 0 for run in runs]) >= 0.85
    assert np.mean([run.machine_agreement.value or 0 for run in runs]) > 0.05
    # the machine has no shift here, so the mean level stays where it was
    assert abs(np.mean([run.paired_shift.value or 0 for run in runs])) < 0.05


def test_planted_time_saving_is_found() -> None:
    """Assisted reads take .8 of a median 55 minutes with log sd .3: the mean falls by .2 · 55 · e^(.3²/2) = 11.5."""
    found = paired(400, pull=0.0, seed=1).minutes

    assert found.low is not None
    assert found.high is not None
    assert found.low < -11.5 < found.high


def test_reveal_only_is_refused_with_the_reason() -> None:
    scenario = Scenario(submissions=80, arms=Arms(unassisted=0.0, blind_then_reveal=1.0, pull=0.5))
    scores = arm_scores(simulate(replace(scenario, moments=Moments(indicators=())), seed=2))

    with pytest.raises(RevealOnly, match="even if it has no pull"):
        influence(scores, levels=LEVELS)


def test_revealed_scores_beside_proper_arms_are_left_out_and_said_so() -> None:
    scenario = Scenario(
        submissions=80,
        arms=Arms(unassisted=0.2, blind_then_reveal=0.4, assisted=0.4),
        moments=Moments(indicators=()),
    )
    scores = arm_scores(simulate(scenario, seed=2))
    revealed = sum(score.condition is Condition.REVEALED for score in scores)

    found = influence(scores, levels=LEVELS)
    without = influence([s for s in scores if s.condition is not Condition.REVEALED], levels=LEVELS)

    assert any(f"{revealed} scores given after a reveal" in note for note in found.notes)
    assert found.slope_change == without.slope_change


def test_one_arm_alone_is_refused() -> None:
    scenario = Scenario(
        submissions=20, arms=Arms(unassisted=1.0, blind_then_reveal=0.0), moments=Moments(indicators=())
    )
    scores = arm_scores(simulate(scenario, seed=3))

    with pytest.raises(InputRefused, match="no scores with suggestions"):
        influence(scores, levels=LEVELS)
    with pytest.raises(InputRefused, match="no scores without suggestions"):
        influence([replace(score, condition=Condition.ASSISTED) for score in scores], levels=LEVELS)


def test_few_submissions_have_no_slope_but_a_reason_and_a_paired_shift() -> None:
    found = paired(9, pull=0.3, seed=4)

    assert found.slope_change.value is None
    assert "9 submissions" in (found.slope_change.reason or "")
    assert found.paired_shift.value is not None


def test_scores_without_a_machine_signal_still_tell_the_shift() -> None:
    scores = [replace(score, machine=None, minutes=None) for score in arm_scores(simulated_pairs())]
    found = influence(scores, levels=LEVELS)

    assert found.paired_shift.value is not None
    assert found.slope_change.value is None
    assert "No machine signal" in (found.slope_change.reason or "")
    assert found.minutes.value is None


def simulated_pairs() -> Simulation:
    return simulate(Scenario(submissions=40, arms=Arms(paired=True), moments=Moments(indicators=())), seed=5)


def test_signal_in_any_unit_gives_the_same_slope() -> None:
    scores = arm_scores(simulated_pairs())
    other = [replace(score, machine=1000.0 - 3.0 * -(score.machine or 0.0)) for score in scores]

    one, two = influence(scores, levels=LEVELS), influence(other, levels=LEVELS)

    assert one.slope_change.value == pytest.approx(two.slope_change.value)
    assert one.pull.se == pytest.approx(two.pull.se)


def test_power_asks_for_more_when_few_and_says_enough_when_many() -> None:
    few, many = paired(20, pull=0.0, seed=6), paired(400, pull=0.0, seed=6)

    pull_few, pull_many = few.power[1], many.power[1]
    assert pull_few.more is not None
    assert pull_few.more > 20
    assert "more submissions" in pull_few.text
    assert pull_many.more == 0
