"""The chance that a second read changes the decision.

A second rater's level depends on what the recording shows, which the machine sees in part, and on what the first rater
found. With T(b | a) how often raters who read the same thing blind gave b after a,

    P(second = b | first = a, machine) ∝ T(b | a) · (p_machine(b) / share(b))^ρ.

ρ = 1 would hold if first read and machine told unrelated things about the second; they do not, both come from the same
recording, so counting both in full is too sure of itself. ρ is fitted on double reads, around 1/2. Criteria are taken
as independent given all that, which understates how much a severe second rater moves all of them at once.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.optimize
import scipy.special

from model.scoring.estimate import Floats, Ints
from model.scoring.scores import ScoreTable

Decide = Callable[[Mapping[str, float]], bool]
"""Levels by criterion -> is the pass rule met?"""
_ENUMERATED = 4096  # combinations of levels looked at one by one; more are drawn
_DRAWS = 4000
_PRIOR_PAIRS = 10.0  # double reads that outweigh taking T from the shares alone
_MACHINE_WEIGHT = 0.5  # ρ before double reads say otherwise …
_MACHINE_WEIGHT_SD = 0.25  # … and how firmly that is held


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReader:
    """How a second blind read follows a first. transition[a][b] = T(b | a); shape (n_levels, n_levels)."""

    levels: tuple[float, ...]
    transition: tuple[tuple[float, ...], ...]
    shares: tuple[float, ...]
    n_pairs: int  # pairs of raters on one submission and criterion
    machine_weight: float  # ρ


def second_reader(table: ScoreTable, p: Floats) -> SecondReader:
    """Counted from all pairs of scores of one submission and criterion, shrunk towards the plain shares.

    p: the machine's cross-fitted distribution for every row of `table`, shape (n, n_levels). Without any double read T
    is the shares and ρ is 1: the machine alone speaks.
    """
    n_levels = len(table.levels)
    shares = np.bincount(table.level, weights=table.weight, minlength=n_levels) + 1.0
    shares = shares / shares.sum()
    first, second = _pairs(table)
    counts = np.zeros((n_levels, n_levels))
    np.add.at(counts, (table.level[first], table.level[second]), 1.0)
    smoothed = counts + _PRIOR_PAIRS * shares / n_levels
    transition = smoothed / smoothed.sum(axis=1, keepdims=True)
    weight = _fit_weight(transition[table.level[first]], p[first] / shares, table.level[second])
    return SecondReader(
        levels=table.levels,
        transition=tuple(tuple(float(x) for x in row) for row in transition),
        shares=tuple(float(x) for x in shares),
        n_pairs=len(first) // 2,
        machine_weight=weight if len(first) else 1.0,
    )


def _pairs(table: ScoreTable) -> tuple[Ints, Ints]:
    """Rows of every ordered pair of scores on the same submission and criterion."""
    cell = table.submission * len(table.criteria) + table.criterion
    order = np.argsort(cell, kind="stable")
    ordered, most = cell[order], int(np.bincount(cell).max(initial=0))
    found: list[tuple[Ints, Ints]] = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))]
    for step in range(1, most):
        same = np.flatnonzero(ordered[:-step] == ordered[step:])
        one, other = order[same], order[same + step]
        found += [(one, other), (other, one)]
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def _fit_weight(transition: Floats, lift: Floats, second: Ints) -> float:
    """ρ in [0, 1] with the highest posterior; every pair is in twice, so its likelihood counts half."""
    rows = np.arange(len(second))
    log_t, log_lift = np.log(transition), np.log(np.maximum(lift, 1e-9))

    def loss(weight: float) -> float:
        logits = log_t + weight * log_lift
        chosen = logits[rows, second] - scipy.special.logsumexp(logits, axis=1)
        return 0.5 * ((weight - _MACHINE_WEIGHT) / _MACHINE_WEIGHT_SD) ** 2 - 0.5 * float(chosen.sum())

    return float(scipy.optimize.minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded").x)


def second_read(reader: SecondReader, p: Floats, first: float | None) -> Floats:
    """A second rater's distribution on one criterion, shape (n_levels,); `first` None where it was not scored."""
    if first is None:
        return p
    row: Floats = np.asarray(reader.transition)[reader.levels.index(first)]
    joint: Floats = row * (p / np.asarray(reader.shares)) ** reader.machine_weight
    total = float(joint.sum())
    return joint / total if total > 0 else row


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipChance:
    """p: chance that the second read decides otherwise than the first."""

    p: float
    passes_now: bool
    text: str


def flip_chance(
    reader: SecondReader,
    p: Mapping[str, Sequence[float]],
    first: Mapping[str, float],
    decide: Decide,
    *,
    seed: int = 0,
) -> FlipChance:
    """Chance that a second blind read lands on the other side of the pass line.

    p: the machine's calibrated distribution for every criterion; first: the first rater's level values. A criterion
    without a first level is taken at the second rater's level in both reads, so it cannot flip the decision alone.
    """
    criteria = tuple(p)
    levels = np.asarray(reader.levels)
    chances = [second_read(reader, np.asarray(p[name], dtype=np.float64), first.get(name)) for name in criteria]
    now = chance = total = 0.0
    for combination, mass in _combinations(chances, seed):
        second = {name: float(levels[k]) for name, k in zip(criteria, combination, strict=True)}
        before = decide({**second, **{name: first[name] for name in criteria if name in first}})
        chance += mass * (decide(second) != before)
        now += mass * before
        total += mass
    chance = chance / total
    passes_now = now / total >= 0.5
    side = "met" if passes_now else "not met"
    text = f"The pass rule is {side} now; a second blind read would decide otherwise with a chance of {chance:.0%}."
    if reader.n_pairs == 0:
        text += " No double reads yet: the first read's own uncertainty is not counted."
    return FlipChance(p=chance, passes_now=passes_now, text=text)


def _combinations(chances: Sequence[Floats], seed: int) -> list[tuple[tuple[int, ...], float]]:
    n_levels = len(chances[0])
    if n_levels ** len(chances) <= _ENUMERATED:
        every = itertools.product(range(n_levels), repeat=len(chances))
        return [(one, math.prod(float(c[k]) for c, k in zip(chances, one, strict=True))) for one in every]
    rng = np.random.default_rng(seed)
    drawn = np.column_stack([rng.choice(n_levels, size=_DRAWS, p=chance / chance.sum()) for chance in chances])
    kinds, counts = np.unique(drawn, axis=0, return_counts=True)
    return [(tuple(int(k) for k in kind), float(n)) for kind, n in zip(kinds, counts, strict=True)]
