"""Evidence on the timeline: what was there, what machine and raters marked, and audit windows.

Better sessions have more moments. A true moment is missed with a set chance by each of machine and raters, and put at
slightly wrong times; false alarms fall anywhere. Audit windows are drawn among the equal windows of a recording that
hold no machine mark, each with the same, known probability.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from training.simulate.scenario import Moments, Scenario

_QUALITY_EFFECT = 0.3  # log rate of moments per sd of quality
_LENGTH_SPREAD = 0.4  # sd of log length
_SHORTEST_S = 1.0


class Mark(NamedTuple):
    """One moment by one source: `truth`, `machine` or a rater's name."""

    submission: int
    source: str
    indicator: str
    start: float  # seconds
    end: float
    p: float | None  # the machine's probability; None for people and truth


class AuditWindow(NamedTuple):
    """A stretch without machine marks that a person was asked to watch."""

    submission: int
    indicator: str
    start: float  # seconds
    end: float
    selection_p: float  # the probability with which this window was drawn
    found: int  # true moments starting in it that the machine had not flagged


class Missed(NamedTuple):
    """The truth the audit estimates, for one submission and indicator."""

    submission: int
    indicator: str
    true: int
    flagged: int
    in_clear_windows: int  # unflagged moments that start in a window an audit could draw
    clear_windows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedMoments:
    """`watched`: who watched what, (submission, source), whether or not they marked anything; not the truth."""

    marks: tuple[Mark, ...]
    watched: tuple[tuple[int, str], ...]
    windows: tuple[AuditWindow, ...]
    missed: tuple[Missed, ...]


def simulate_moments(scenario: Scenario, quality: np.ndarray, rng: np.random.Generator) -> SimulatedMoments:
    """`quality` has shape (n_submissions,). Two raters mark every submission."""
    marks: list[Mark] = []
    windows: list[AuditWindow] = []
    missed: list[Missed] = []
    watched: list[tuple[int, str]] = []
    people = scenario.people.raters
    for submission in range(scenario.submissions):
        audited = rng.random() < scenario.moments.audit_share
        raters = [rater_name(int(rater)) for rater in sorted(rng.choice(people, size=min(2, people), replace=False))]
        watched += [(submission, source) for source in ("machine", *raters)]
        for indicator in scenario.moments.indicators:
            one = _one(scenario, submission, indicator, float(quality[submission]), raters, rng)
            marks.extend(one.marks)
            drawn, miss = _audit(scenario, submission, indicator, one, rng)
            missed.append(miss)
            if audited:
                windows.extend(drawn)
    return SimulatedMoments(marks=tuple(marks), watched=tuple(watched), windows=tuple(windows), missed=tuple(missed))


class _Timeline(NamedTuple):
    marks: list[Mark]
    starts: np.ndarray  # of the true moments
    flagged: np.ndarray  # which of them the machine marked


def _one(
    scenario: Scenario,
    submission: int,
    indicator: str,
    quality: float,
    raters: Sequence[str],
    rng: np.random.Generator,
) -> _Timeline:
    how, duration = scenario.moments, scenario.duration_s
    rate = how.per_10_min * np.exp(_QUALITY_EFFECT * quality) * duration / 600.0
    start, end = _stretches(how, int(rng.poisson(rate)), duration, rng)
    marks = [Mark(submission, "truth", indicator, s, e, None) for s, e in zip(start, end, strict=True)]
    flagged = rng.random(len(start)) >= how.machine_miss_p
    marks += _marked(scenario, submission, indicator, "machine", (start[flagged], end[flagged]), rng)
    for rater in raters:
        seen = rng.random(len(start)) >= how.rater_miss_p
        marks += _marked(scenario, submission, indicator, rater, (start[seen], end[seen]), rng)
    return _Timeline(marks, start, flagged)


def rater_name(rater: int) -> str:
    """`R01`, `R02`, …"""
    return f"R{rater + 1:02d}"


def submission_name(submission: int) -> str:
    """`S0001`, `S0002`, …"""
    return f"S{submission + 1:04d}"


def _stretches(how: Moments, n: int, duration: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    start = np.sort(rng.uniform(0.0, max(0.0, duration - how.length_s), n))
    length = how.length_s * np.exp(_LENGTH_SPREAD * rng.standard_normal(n))
    return start, np.minimum(start + np.maximum(length, _SHORTEST_S), duration)


def _marked(
    scenario: Scenario,
    submission: int,
    indicator: str,
    source: str,
    true: tuple[np.ndarray, np.ndarray],
    rng: np.random.Generator,
) -> list[Mark]:
    """Jittered marks of `true` moments and false alarms, in time order."""
    how, duration = scenario.moments, scenario.duration_s
    machine = source == "machine"
    start = np.clip(true[0] + how.jitter_s * rng.standard_normal(len(true[0])), 0.0, duration - _SHORTEST_S)
    end = np.clip(true[1] + how.jitter_s * rng.standard_normal(len(true[1])), start + _SHORTEST_S, duration)
    false_rate = how.machine_false_per_10_min if machine else how.rater_false_per_10_min
    false = _stretches(how, int(rng.poisson(false_rate * duration / 600.0)), duration, rng)
    p = np.concatenate([rng.beta(6, 2, len(start)), rng.beta(3, 3, len(false[0]))])
    start, end = np.concatenate([start, false[0]]), np.concatenate([end, false[1]])
    return [
        Mark(submission, source, indicator, float(start[i]), float(end[i]), float(p[i]) if machine else None)
        for i in np.argsort(start, kind="stable")
    ]


def _audit(
    scenario: Scenario, submission: int, indicator: str, timeline: _Timeline, rng: np.random.Generator
) -> tuple[list[AuditWindow], Missed]:
    how = scenario.moments
    edges = np.arange(0.0, scenario.duration_s + 1e-9, how.audit_window_s)
    low, high = edges[:-1], edges[1:]
    spans = np.array([(m.start, m.end) for m in timeline.marks if m.source == "machine"]).reshape(-1, 2)
    clear = ~((spans[:, 0] < high[:, None]) & (spans[:, 1] > low[:, None])).any(axis=1)
    unflagged = timeline.starts[~timeline.flagged]
    found = np.histogram(unflagged, bins=edges)[0] if len(edges) > 1 else np.empty(0, dtype=np.int64)
    candidates = np.flatnonzero(clear)
    take = min(how.audit_windows, len(candidates))
    drawn = np.sort(rng.choice(candidates, size=take, replace=False)) if take else np.empty(0, dtype=np.int64)
    # Known in advance: whether a submission is audited, times the share of its clear windows that are drawn.
    p = how.audit_share * take / len(candidates) if take else 0.0
    windows = [
        AuditWindow(submission, indicator, float(low[i]), float(high[i]), float(p), int(found[i])) for i in drawn
    ]
    return windows, Missed(
        submission=submission,
        indicator=indicator,
        true=len(timeline.starts),
        flagged=int(timeline.flagged.sum()),
        in_clear_windows=int(found[clear].sum()),
        clear_windows=len(candidates),
    )
