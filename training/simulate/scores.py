"""Scores, machine signals and their truth, as columns of arrays.

The model: a video has quality q, a criterion deviates by d, true latent = q + d, cut into levels at quantiles of the
level shares. A rater sees it with noise, mixes in the overall impression (halo), subtracts their severity, their
leniency per criterion and their drift, and draws it to the middle (central tendency). Under *assisted* the view then
moves by `pull` towards the machine's signal; under *blind then reveal* a second score follows with re-rating noise.
`untouched` keeps the level the same rater would have given without the machine.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.special

from model.conditions import Condition
from training.simulate.moments import SimulatedMoments, simulate_moments
from training.simulate.scenario import Arms, Scenario

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_CONDITIONS = (Condition.UNASSISTED, Condition.BLIND, Condition.REVEALED, Condition.ASSISTED)
_DAYS_A_MONTH = 30.4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulatedScores:
    """One entry per score; all arrays have shape (n_scores,). Items left out are not there."""

    submission: Ints
    criterion: Ints
    rater: Ints
    level: Ints  # position in scenario.levels
    untouched: Ints  # the level without the machine's influence, same rater and noise
    condition: npt.NDArray[np.str_]  # model.conditions.Condition values
    day: Floats  # days from the start of the program
    minutes: Floats  # of the whole read, repeated on each of its scores


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What was planted."""

    level: Ints  # shape (n_submissions, n_criteria), position in scenario.levels
    latent: Floats  # shape (n_submissions, n_criteria)
    severity: Floats  # shape (n_raters,), mean over the program's months, leniencies and drift included
    leniency: Floats  # shape (n_raters, n_criteria)
    drift: Floats  # shape (n_raters,), per month
    machine_bias: Floats  # shape (n_criteria,)
    cuts: Floats  # shape (n_levels - 1,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """Everything simulated, and the truth it was simulated from."""

    scenario: Scenario
    seed: int
    scores: SimulatedScores
    machine: Floats  # shape (n_submissions, n_criteria), latent signal
    machine_p: Floats  # shape (n_submissions, n_criteria, n_levels), the machine's own uncalibrated distribution
    moments: SimulatedMoments
    truth: Truth

    @property
    def machine_level(self) -> Floats:
        """The machine's expected level value, shape (n_submissions, n_criteria)."""
        expected: Floats = self.machine_p @ np.asarray(self.scenario.levels)
        return expected

    def ratings(self, condition: Condition | None = None) -> Floats:
        """Level values of shape (n_submissions * n_criteria, n_raters), NaN where missing; units by submission.

        condition: only scores under it; default all but those after a reveal, which repeat a blind one.
        """
        scores, scenario = self.scores, self.scenario
        keep = scores.condition == condition if condition else scores.condition != Condition.REVEALED
        table = np.full((scenario.submissions * len(scenario.criteria), scenario.people.raters), np.nan)
        unit = scores.submission[keep] * len(scenario.criteria) + scores.criterion[keep]
        table[unit, scores.rater[keep]] = np.asarray(scenario.levels)[scores.level[keep]]
        return table


def simulate(scenario: Scenario | None = None, *, seed: int = 0) -> Simulation:
    """The same scenario and seed give the same simulation, on every machine with the same numpy."""
    scenario = scenario or Scenario()
    streams = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(5)]
    cuts = cut_points(scenario.level_shares)
    n, c = scenario.submissions, len(scenario.criteria)
    quality = scenario.video_sd * streams[0].standard_normal((n, 1))
    latent = quality + np.sqrt(1.0 - scenario.video_sd**2) * streams[0].standard_normal((n, c))
    machine, bias = _machine_signal(scenario, latent, streams[1])
    truth = _truth(scenario, latent, bias, cuts, streams[2])
    return Simulation(
        scenario=scenario,
        seed=seed,
        scores=_scores(scenario, truth, machine, streams[3]),
        machine=machine,
        machine_p=_machine_distribution(scenario, machine, cuts),
        moments=simulate_moments(scenario, quality[:, 0], streams[4]),
        truth=truth,
    )


def cut_points(shares: tuple[float, ...]) -> Floats:
    """Where a standard normal is cut so that each level has its share, shape (n_levels - 1,)."""
    cuts: Floats = scipy.special.ndtri(np.cumsum(shares)[:-1])
    return cuts


def _machine_signal(scenario: Scenario, latent: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    machine = scenario.machine
    bias: Floats = machine.shift + machine.criterion_bias_sd * rng.standard_normal(int(latent.shape[1]))
    noise = machine.noise_sd * rng.standard_normal(latent.shape)
    return machine.skill * latent + bias + noise, bias


def _machine_distribution(scenario: Scenario, signal: Floats, cuts: Floats) -> Floats:
    """What a machine that believes in its skill says of a rater's score.

    With signal = latent + noise, the latent given the signal is normal with mean b·signal and variance 1 - b,
    b = 1/(1 + noise²). A rater adds their own variance. Overconfidence o divides the sd by 1 + o and takes back as
    much of the shrinkage.
    """
    people, machine = scenario.people, scenario.machine
    b = 1.0 / (1.0 + machine.noise_sd**2)
    rater_variance = people.noise_sd**2 + people.severity_sd**2 + people.leniency_sd**2
    sd = np.sqrt(1.0 - b + rater_variance) / (1.0 + machine.overconfidence)
    mean = (b + (1.0 - b) * min(1.0, machine.overconfidence)) * signal
    above = scipy.special.ndtr((mean[..., None] - cuts) / sd)
    edge = np.ones((*signal.shape, 1))
    distribution: Floats = -np.diff(np.concatenate([edge, above, 0.0 * edge], axis=-1), axis=-1)
    return distribution


def _truth(scenario: Scenario, latent: Floats, bias: Floats, cuts: Floats, rng: np.random.Generator) -> Truth:
    people = scenario.people
    shape = (people.raters, len(scenario.criteria))
    severity = people.severity_sd * rng.standard_normal(people.raters)
    leniency = people.leniency_sd * rng.standard_normal(shape)
    drift = people.drift_sd * rng.standard_normal(people.raters)
    return Truth(
        level=np.searchsorted(cuts, latent).astype(np.int64),
        latent=latent,
        severity=severity - leniency.mean(axis=1) + drift * scenario.months / 2.0,
        leniency=leniency - leniency.mean(axis=1, keepdims=True),
        drift=drift,
        machine_bias=bias,
        cuts=cuts,
    )


def _scores(scenario: Scenario, truth: Truth, machine: Floats, rng: np.random.Generator) -> SimulatedScores:
    """Reads first (one rater, one submission), then one view per criterion, then levels."""
    people, arms = scenario.people, scenario.arms
    submission, rater, condition = _reads(scenario, rng)
    n_reads, c = len(submission), len(scenario.criteria)
    arrival = np.sort(rng.uniform(0.0, scenario.months * _DAYS_A_MONTH, scenario.submissions))
    day = arrival[submission] + rng.uniform(0.5, 10.0, n_reads)
    view = _views(scenario, truth, submission, rater, day, rng)
    again = view + arms.rerating_sd * rng.standard_normal(view.shape)
    missing = rng.random((n_reads, c)) < people.missing_p
    minutes = people.minutes * np.exp(people.minutes_spread * rng.standard_normal(n_reads))
    minutes = np.where(condition == Condition.ASSISTED, arms.minutes_factor * minutes, minutes)

    assisted = (condition == Condition.ASSISTED)[:, None]
    seen = np.where(assisted, _pulled(view, machine[submission], arms), view)
    parts = [(np.arange(n_reads), seen, view, condition, day)]
    revealed = np.flatnonzero(condition == Condition.BLIND)
    if len(revealed):
        after = _pulled(again[revealed], machine[submission[revealed]], arms)
        names = np.full(len(revealed), Condition.REVEALED.value)
        parts.append((revealed, after, again[revealed], names, day[revealed] + 0.01))

    middle = float(truth.cuts.mean())
    squeeze = 1.0 - people.central_tendency
    columns: list[tuple[npt.NDArray[np.generic], ...]] = []
    for read, given, without, names, at in parts:
        keep = ~missing[read]
        row, criterion = np.nonzero(keep)
        cut = [np.searchsorted(truth.cuts, middle + squeeze * (x[keep] - middle)) for x in (given, without)]
        which = read[row]
        columns.append((submission[which], criterion, rater[which], *cut, names[row], at[row], minutes[which]))
    order = ("submission", "criterion", "rater", "level", "untouched", "condition", "day", "minutes")
    joined = {name: np.concatenate(part) for name, part in zip(order, zip(*columns, strict=True), strict=True)}
    return SimulatedScores(**joined)


def _views(
    scenario: Scenario, truth: Truth, submission: Ints, rater: Ints, day: Floats, rng: np.random.Generator
) -> Floats:
    """Each read's own latent view of every criterion, before the scale and before any machine."""
    people = scenario.people
    noise = people.noise_sd * rng.standard_normal((len(submission), len(scenario.criteria)))
    seen = truth.latent[submission] + noise
    seen = (1.0 - people.halo) * seen + people.halo * seen.mean(axis=1, keepdims=True)
    months = (day / _DAYS_A_MONTH - scenario.months / 2.0)[:, None]
    severity = truth.severity[rater][:, None] + truth.drift[rater][:, None] * months
    view: Floats = seen - severity + truth.leniency[rater]
    return view


def _pulled(view: Floats, machine: Floats, arms: Arms) -> Floats:
    gap = machine - view
    strength = arms.pull * np.where(gap > 0, 1.0 + arms.asymmetry, 1.0 - arms.asymmetry)
    return view + np.clip(strength, 0.0, 1.0) * gap


def _reads(scenario: Scenario, rng: np.random.Generator) -> tuple[Ints, Ints, npt.NDArray[np.str_]]:
    """Who reads what under which condition; no rater reads a submission twice."""
    people, arms, n = scenario.people, scenario.arms, scenario.submissions
    if arms.paired:
        count = np.full(n, 2)
    else:
        shares = np.asarray(people.reads) / sum(people.reads)
        count = 1 + rng.choice(len(shares), size=n, p=shares)
    picked = np.argsort(rng.random((n, people.raters)), axis=1)[:, : int(count.max())]
    submission, place = np.nonzero(np.arange(picked.shape[1]) < count[:, None])
    rater = picked[submission, place]
    if arms.paired:
        return submission, rater, np.where(place == 0, Condition.UNASSISTED.value, Condition.ASSISTED.value)
    weights = np.array([arms.unassisted, arms.blind_then_reveal, arms.assisted])
    drawn = rng.choice(3, size=len(submission), p=weights / weights.sum())
    names = np.array([Condition.UNASSISTED.value, Condition.BLIND.value, Condition.ASSISTED.value])
    return submission, rater, names[drawn]
