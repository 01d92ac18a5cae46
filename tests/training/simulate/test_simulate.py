"""The simulator plants what it says, keeps the truth, and repeats itself."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from lookfors import main
from model.agreement import rasch
from model.conditions import Condition
from model.errors import InputRefused
from training.simulate import Arms, Machine, Moments, People, Scenario, Simulation, simulate
from training.simulate.files import truth_document, write_files
from training.simulate.planning import plan_double_reads

SCORES_ONLY = Moments(indicators=())


def test_same_seed_same_rows_other_seed_other_rows() -> None:
    first, again, other = (simulate(Scenario(), seed=seed) for seed in (3, 3, 4))

    assert np.array_equal(first.scores.level, again.scores.level)
    assert first.moments == again.moments
    assert not np.array_equal(first.truth.latent, other.truth.latent)


def test_perfect_raters_give_the_true_level() -> None:
    perfect = People(severity_sd=0, leniency_sd=0, noise_sd=0, drift_sd=0, missing_p=0)

    found = simulate(Scenario(submissions=300, people=perfect, moments=SCORES_ONLY), seed=1)

    blind = found.scores.condition != Condition.REVEALED
    scores = found.scores
    assert np.array_equal(scores.level[blind], found.truth.level[scores.submission[blind], scores.criterion[blind]])


def test_true_levels_have_the_asked_shares() -> None:
    found = simulate(Scenario(submissions=20_000, level_shares=(0.1, 0.2, 0.3, 0.4), moments=SCORES_ONLY), seed=2)

    shares = np.bincount(found.truth.level.ravel()) / found.truth.level.size
    assert shares == pytest.approx([0.1, 0.2, 0.3, 0.4], abs=0.01)


def test_no_pull_moves_nobody_and_full_pull_gives_the_machines_level() -> None:
    scenario = Scenario(submissions=200, arms=Arms(paired=True, pull=0.0), moments=SCORES_ONLY)
    still = simulate(scenario, seed=5).scores
    drawn = simulate(replace(scenario, arms=Arms(paired=True, pull=1.0)), seed=5)

    assert np.array_equal(still.level, still.untouched)
    assisted = drawn.scores.condition == Condition.ASSISTED
    machine = np.searchsorted(drawn.truth.cuts, drawn.machine)
    theirs = machine[drawn.scores.submission[assisted], drawn.scores.criterion[assisted]]
    assert np.array_equal(drawn.scores.level[assisted], theirs)
    assert np.array_equal(drawn.scores.level[~assisted], drawn.scores.untouched[~assisted])


def test_asymmetry_of_one_moves_scores_up_only() -> None:
    arms = Arms(paired=True, pull=0.5, asymmetry=1.0)
    scores = simulate(Scenario(submissions=300, arms=arms, moments=SCORES_ONLY), seed=6).scores

    moved = scores.level - scores.untouched
    assert moved.min() == 0
    assert moved.max() > 0


def test_reveal_without_pull_changes_scores_through_rerating_alone() -> None:
    scenario = Scenario(submissions=400, arms=Arms(unassisted=0, blind_then_reveal=1), moments=SCORES_ONLY)
    scores = simulate(scenario, seed=7).scores

    blind, revealed = scores.condition == Condition.BLIND, scores.condition == Condition.REVEALED
    assert blind.sum() == revealed.sum()
    assert (scores.level[blind] != scores.level[revealed]).mean() > 0.1
    assert np.array_equal(scores.level, scores.untouched)


def test_central_tendency_empties_the_ends_and_halo_ties_criteria_together() -> None:
    plain = Scenario(submissions=800, moments=SCORES_ONLY)
    central = simulate(replace(plain, people=People(central_tendency=0.5)), seed=8).scores.level
    even = simulate(plain, seed=8).scores.level
    halo = simulate(replace(plain, people=People(halo=0.9)), seed=8)
    apart = simulate(plain, seed=8)

    assert np.isin(central, (0, 3)).mean() < 0.5 * np.isin(even, (0, 3)).mean()

    def spread_within(simulation: Simulation) -> float:
        """Variance of one read's levels over its criteria, averaged over reads."""
        ratings = simulation.ratings().reshape(800, 4, -1)
        complete = ratings.transpose(0, 2, 1).reshape(-1, 4)
        return float(complete[~np.isnan(complete).any(axis=1)].var(axis=1).mean())

    assert spread_within(halo) < 0.5 * spread_within(apart)


def test_severity_on_record_is_the_severity_in_the_scores() -> None:
    """Each rater's mean distance from the true level, on 1,500 double reads, against the planted severity."""
    people = People(reads=(0, 1), severity_sd=0.4)
    found = simulate(Scenario(submissions=1500, people=people, moments=SCORES_ONLY), seed=9)
    scores = found.scores
    gap = found.truth.level[scores.submission, scores.criterion] - scores.level
    seen = [gap[scores.rater == rater].mean() for rater in range(6)]

    assert np.corrcoef(seen, found.truth.severity)[0, 1] >= 0.95


def test_overconfidence_sharpens_the_machine_and_distributions_add_to_one() -> None:
    honest = simulate(Scenario(moments=SCORES_ONLY), seed=1).machine_p
    sure = simulate(Scenario(machine=Machine(overconfidence=1.0), moments=SCORES_ONLY), seed=1).machine_p

    assert honest.sum(axis=-1) == pytest.approx(1.0)
    assert sure.max(axis=-1).mean() > honest.max(axis=-1).mean() + 0.1


def test_honest_machine_is_calibrated_against_raters() -> None:
    """Mean predicted chance of each level against how often raters gave it, by tenths of the prediction."""
    found = simulate(Scenario(submissions=6000, people=People(raters=200), moments=SCORES_ONLY), seed=3)
    scores = found.scores
    p = found.machine_p[scores.submission, scores.criterion]
    for level in range(4):
        order = np.argsort(p[:, level])
        for part in np.array_split(order, 10):
            assert p[part, level].mean() == pytest.approx((scores.level[part] == level).mean(), abs=0.05)


def test_audit_windows_are_clear_of_flags_and_weigh_back_to_the_truth() -> None:
    """Horvitz-Thompson: Σ found / selection probability, against what is truly missed in clear windows."""
    found = simulate(Scenario(submissions=1200), seed=4)
    truth = sum(missed.in_clear_windows for missed in found.moments.missed)
    estimate = sum(window.found / window.selection_p for window in found.moments.windows)

    assert estimate == pytest.approx(truth, rel=0.15)
    flags: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for mark in found.moments.marks:
        if mark.source == "machine":
            flags.setdefault((mark.submission, mark.indicator), []).append((mark.start, mark.end))
    for window in found.moments.windows:
        touching = flags.get((window.submission, window.indicator), [])
        assert not any(start < window.end and end > window.start for start, end in touching)


def test_machine_misses_and_false_alarms_are_as_asked() -> None:
    scenario = Scenario(submissions=400, moments=Moments(machine_miss_p=0.3, machine_false_per_10_min=1.0))
    found = simulate(scenario, seed=5)
    true = sum(missed.true for missed in found.moments.missed)
    flagged = sum(missed.flagged for missed in found.moments.missed)
    machine = sum(mark.source == "machine" for mark in found.moments.marks)

    assert flagged / true == pytest.approx(0.7, abs=0.02)
    # 1 in 10 minutes × 20 minutes × 400 recordings × 3 indicators = 2,400
    assert machine - flagged == pytest.approx(2400, rel=0.08)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"submissions": 0}, "0 submissions"),
        ({"level_shares": (0.5, 0.5)}, "4 levels and 2 shares"),
        ({"level_shares": (0.5, 0.5, 0.5, 0.5)}, "add to 2"),
        ({"criteria": ("a", "a")}, "named twice"),
        ({"people": People(raters=1)}, "3 reads"),
        ({"arms": Arms(unassisted=0, blind_then_reveal=0)}, "No share"),
    ],
)
def test_what_cannot_be_simulated_is_refused_with_a_fact(change: dict[str, object], says: str) -> None:
    with pytest.raises(InputRefused, match=says):
        Scenario(**change)  # type: ignore[arg-type]


def test_files_hold_every_row_and_the_truth(tmp_path: Path) -> None:
    found = simulate(Scenario(submissions=12, arms=Arms(unassisted=0.5, assisted=0.5, pull=0.5)), seed=1)
    written = write_files(found, tmp_path / "new")

    rows = list(csv.DictReader((tmp_path / "new" / "ratings.csv").open(encoding="utf-8")))
    truth = json.loads((tmp_path / "new" / "truth.json").read_text())
    assert len(rows) == len(found.scores.level)
    assert {row["protocol"] for row in rows} <= {"unassisted", "blind", "revealed", "assisted"}
    assert len(truth["submissions"]) == 12
    assert truth["scenario"]["arms"]["pull"] == 0.5
    assert all(row["score"] != row["without_machine"] for row in truth["untouched"])
    assert truth == json.loads(json.dumps(truth_document(found)))
    assert [path.name for path in written][-1] == "truth.json"


def test_more_double_reads_narrow_the_interval() -> None:
    few, many = plan_double_reads(Scenario(), sizes=(15, 120), runs=6, seed=1)

    # width falls with the square root of n: √(15/120) = .35, with room for six runs
    assert many.alpha_width < 0.55 * few.alpha_width
    assert many.ac2_width < 0.55 * few.ac2_width


def test_command_writes_files_and_answers_the_planning_question(tmp_path: Path) -> None:
    run = CliRunner()
    wrote = run.invoke(main, ["simulate", "--submissions", "5", "--out", str(tmp_path), "--criteria", "a,b"])
    assert wrote.exit_code == 0, wrote.output
    assert "Simulated, not real" in wrote.stderr

    planned = run.invoke(main, ["simulate", "--plan", "double-reads", "--runs", "2"])
    assert planned.exit_code == 0, planned.output
    assert "double reads" in planned.stdout

    assert run.invoke(main, ["simulate"]).exit_code == 2
    assert run.invoke(main, ["simulate", "--out", str(tmp_path), "--submissions", "0"]).exit_code == 3
    assert run.invoke(main, ["simulate", "--out", str(tmp_path), "--pull", "7"]).exit_code == 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rasch_model_recovers_planted_severity(seed: int) -> None:
    """r >= .95 between estimated and planted severity on 400 double reads by 8 raters, no drift."""
    people = People(raters=8, reads=(0, 1), drift_sd=0.0)
    found = simulate(Scenario(submissions=400, people=people, moments=SCORES_ONLY), seed=seed)
    cells = found.ratings().reshape(400, 4, 8).transpose(0, 2, 1)

    fitted = rasch(cells, categories=found.scenario.levels)

    severities = [rater.severity for rater in fitted.raters]
    assert None not in severities
    assert np.corrcoef(np.array(severities, dtype=float), found.truth.severity)[0, 1] >= 0.95
