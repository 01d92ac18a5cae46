"""From measures to a raw distribution over levels: a fixed rule, the same for everyone, labelled uncalibrated.

Each measure that serves a criterion is put on a common scale, (value - usual) / spread; their mean is cut at evenly
spaced points. `USUAL` holds our own idea of an ordinary session, not a published norm: it only has to put sessions in
a sensible order, calibration against people's scores does the rest, and until then nothing more is claimed.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.special

from model.errors import InputRefused
from model.measures import MEASURE_IDS, Measure, sum_id
from model.rubric import Rubric
from model.scoring.estimate import Floats

REFERENCE_S = 1200.0  # counts are put on the length of a usual recording
_SLOPE = 1.5  # logits per spread; a middling measure stays undecided between neighbours
_FURTHEST = 3.0  # spreads; one extreme measure must not decide alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """An ordinary value and how much sessions differ; counts on log(1 + count in 20 minutes)."""

    middle: float
    spread: float
    counted: bool = False


def _count(in_20_minutes: float) -> Usual:
    return Usual(middle=math.log1p(in_20_minutes), spread=0.7, counted=True)


USUAL: Mapping[str, Usual] = {
    "talk_share_youth": Usual(middle=0.25, spread=0.15),
    "talk_share_facilitator": Usual(middle=0.65, spread=-0.15),  # more is less room for youth
    "word_share_youth": Usual(middle=0.25, spread=0.15),
    "wait_time": Usual(middle=1.2, spread=0.8),
    "purposeful_share": Usual(middle=0.3, spread=0.15),
    "youth_turns": _count(60.0),
    "youth_turns_rate": Usual(middle=30.0, spread=18.0),
    "youth_voices": Usual(middle=3.0, spread=1.5),
    **{
        sum_id(code): _count(usual)
        for code, usual in {
            "open": 8.0,
            "press": 5.0,
            "idea": 12.0,
            "reasoning": 6.0,
            "peer": 8.0,
            "choice_offered": 2.0,
            "uptake": 4.0,
            "career": 1.0,
            "everyday": 2.0,
            "community": 0.5,
            "real_world": 2.0,
        }.items()
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which measures speak for a criterion, each with its usual value."""

    criterion: str
    measures: tuple[tuple[str, Usual], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSignal:
    """`p` is the raw chance of each level, None with a `reason` where no measure could be had. Never calibrated."""

    criterion: str
    p: tuple[float, ...] | None
    used: tuple[str, ...]
    reason: str | None = None
    label: str = "uncalibrated"


def rules_of(rubric: Rubric) -> tuple[Rule, ...]:
    """One rule per criterion from the codes and measures the rubric links to it; none for one it links to nothing."""
    rules = []
    for criterion in rubric.criteria:
        named = dict.fromkeys((*criterion.measures, *(sum_id(code) for code in criterion.codes)))
        known = tuple((name, USUAL[name]) for name in named if name in USUAL and name in MEASURE_IDS)
        if known:
            rules.append(Rule(criterion=criterion.id, measures=known))
    return tuple(rules)


def rule_from_values(criterion: str, columns: Mapping[str, Sequence[float]]) -> Rule:
    """A rule for measures we know nothing of: usual is their median, spread their interquartile range / 1.349.

    Raises InputRefused for a measure that never varies.
    """
    found = []
    for name, values in columns.items():
        low, middle, high = np.quantile(np.asarray(values, dtype=np.float64), [0.25, 0.5, 0.75])
        spread = float(high - low) / 1.349 or float(np.std(values))
        if spread <= 0.0:
            raise InputRefused(
                "scoring.measure", f"{name} has one value only, so it cannot tell submissions apart.", "Leave it out."
            )
        found.append((name, Usual(middle=float(middle), spread=spread)))
    return Rule(criterion=criterion, measures=tuple(found))


def values_of(measures: Iterable[Measure]) -> dict[str, float]:
    """The measures that could be had, by id."""
    return {measure.id: measure.value for measure in measures if measure.value is not None}


def raw_signal(rule: Rule, values: Mapping[str, float], *, n_levels: int, duration_s: float | None = None) -> RawSignal:
    """The raw distribution of one criterion for one recording.

    values: measures by id. duration_s: puts counts on 20 minutes; without it they are taken as they are.
    """
    scale = REFERENCE_S / duration_s if duration_s else 1.0
    used, places = [], []
    for name, usual in rule.measures:
        if name in values and math.isfinite(values[name]):
            value = math.log1p(max(0.0, values[name]) * scale) if usual.counted else values[name]
            used.append(name)
            places.append(min(_FURTHEST, max(-_FURTHEST, (value - usual.middle) / usual.spread)))
    if not places:
        names = ", ".join(name for name, _ in rule.measures)
        reason = f"None of its measures could be had ({names})."
        return RawSignal(criterion=rule.criterion, p=None, used=(), reason=reason)
    p = raw_distribution(np.array([np.mean(places)]), n_levels)[0]
    return RawSignal(criterion=rule.criterion, p=tuple(float(x) for x in p), used=tuple(used))


def raw_distribution(place: Floats, n_levels: int) -> Floats:
    """Chances from places on the common scale, shape (n, n_levels); cuts lie evenly from -1 to 1."""
    cuts = np.linspace(-1.0, 1.0, n_levels - 1) if n_levels > 2 else np.zeros(1)
    above = scipy.special.expit(_SLOPE * (place[:, None] - cuts))
    edge = np.ones((len(place), 1))
    distribution: Floats = -np.diff(np.concatenate([edge, above, 0.0 * edge], axis=1), axis=1)
    return distribution
