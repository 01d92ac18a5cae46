"""How many double reads does an answer need? Found by simulating it, many times, at each size."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from model.agreement import gwet_ac, krippendorff_alpha
from training.simulate.scenario import Moments, Scenario
from training.simulate.scores import simulate

SIZES = (10, 20, 30, 50, 80, 120, 200, 300)
TENTATIVE = 0.667  # Krippendorff's lower mark for tentative conclusions


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What `submissions` double reads buy, over `runs` simulated programs."""

    submissions: int
    runs: int
    alpha: float  # median of the estimates
    alpha_width: float  # median full width of the 95 % interval
    ac2: float
    ac2_width: float
    shown_tentative: float  # share of runs whose interval for alpha lies wholly at or above TENTATIVE


def plan_double_reads(
    scenario: Scenario,
    *,
    sizes: Sequence[int] = SIZES,
    runs: int = 40,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> tuple[Plan, ...]:
    """Krippendorff's ordinal alpha and Gwet's AC2 on submissions each read by two of the scenario's raters.

    Units are submission × criterion; intervals are clustered by submission. Runs without an interval are left out
    of the widths.
    """
    twice = replace(
        scenario,
        people=replace(scenario.people, reads=(0.0, 1.0)),
        arms=replace(scenario.arms, unassisted=1.0, blind_then_reveal=0.0, assisted=0.0, paired=False),
        moments=Moments(indicators=()),
    )
    plans = []
    for place, size in enumerate(sizes):
        found = np.array([_once(replace(twice, submissions=size), seed + run) for run in range(runs)])
        alpha, alpha_low, alpha_high, ac2, ac2_low, ac2_high = found.T
        plans.append(
            Plan(
                submissions=size,
                runs=runs,
                alpha=float(np.nanmedian(alpha)),
                alpha_width=float(np.nanmedian(alpha_high - alpha_low)),
                ac2=float(np.nanmedian(ac2)),
                ac2_width=float(np.nanmedian(ac2_high - ac2_low)),
                shown_tentative=float((alpha_low >= TENTATIVE).mean()),
            )
        )
        if progress:
            progress((place + 1) / len(sizes))
    return tuple(plans)


def _once(scenario: Scenario, seed: int) -> tuple[float, ...]:
    ratings = simulate(scenario, seed=seed).ratings()
    clusters = np.repeat(np.arange(scenario.submissions), len(scenario.criteria))
    alpha = krippendorff_alpha(ratings, categories=scenario.levels, interval="recommended", clusters=clusters)
    ac2 = gwet_ac(
        ratings,
        categories=scenario.levels,
        weights="quadratic",
        interval="recommended",
        clusters=clusters,
        resamples=500,
    )
    numbers = (alpha.value, alpha.low, alpha.high, ac2.value, ac2.low, ac2.high)
    return tuple(np.nan if number is None else number for number in numbers)
