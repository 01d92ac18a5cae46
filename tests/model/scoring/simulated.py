"""Simulated scores as the score model reads them, for the tests beside this file."""

import numpy as np

from model.conditions import UNTOUCHED
from model.scoring import ScoreTable
from training.simulate import Machine, Moments, People, Scenario, simulate

MACHINES = {
    "near-calibrated": Machine(),
    "overconfident": Machine(overconfidence=1.0, shift=0.6, criterion_bias_sd=0.4),
    "useless": Machine(skill=0.0, overconfidence=1.0),
}


def scored(n: int, *, machine: str = "overconfident", seed: int = 0, reads: tuple[float, ...] = (1.0,)) -> ScoreTable:
    """Blind scores of `n` submissions, 4 criteria, 6 raters, with the machine's raw distributions."""
    scenario = Scenario(
        submissions=n, machine=MACHINES[machine], people=People(reads=reads), moments=Moments(indicators=())
    )
    found = simulate(scenario, seed=seed)
    keep = np.isin(found.scores.condition, [condition.value for condition in UNTOUCHED])
    submission, criterion = found.scores.submission[keep], found.scores.criterion[keep]
    cell = submission * len(scenario.criteria) + criterion
    return ScoreTable(
        levels=scenario.levels,
        criteria=scenario.criteria,
        submissions=tuple(f"S{i}" for i in range(n)),
        raw=found.machine_p[submission, criterion],
        level=found.scores.level[keep],
        criterion=criterion,
        submission=submission,
        weight=1.0 / np.bincount(cell)[cell],
    )


def split(table: ScoreTable, n: int) -> tuple[ScoreTable, ScoreTable]:
    """The first `n` submissions and the rest."""
    return (
        table.rows(np.flatnonzero(table.submission < n)),
        table.rows(np.flatnonzero(table.submission >= n)),
    )
