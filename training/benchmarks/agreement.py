"""Agreement statistics at scale: run with `python -m training.benchmarks.agreement`.

Two parts, printed as they are measured on this machine:

* speed and memory: five coefficients with 2,000 clustered resamples on 10,000 units x 5 raters with 40 % missing
  (2,500 submissions of four criteria), beside the krippendorff package resampling in a loop. The loop is timed on a
  few resamples and extrapolated, and says so.
* with `--coverage`: how often 95 % intervals hold the true value, by method, sample size and skew.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import krippendorff
import numpy as np

from model.agreement import Agreement, agreement_table, cohen_kappa, gwet_ac, krippendorff_alpha
from model.agreement.ratings import Codes, Floats

LEVELS = (1, 2, 3, 4)
COEFFICIENTS = ("percent_agreement", "fleiss_kappa", "conger_kappa", "gwet_ac", "krippendorff_alpha")
SUBMISSIONS, CRITERIA, RATERS, MISSING, RESAMPLES = 2_500, 4, 5, 0.4, 2_000
CUTS = {"balanced": (-0.9, 0.2, 1.0), "skewed": (-2.2, -1.6, -0.9)}
SEVERITY = np.array([-0.4, 0.0, 0.4, 0.1, -0.1])


def simulate(rng: np.random.Generator, *, submissions: int, criteria: int, cuts: tuple[float, ...]) -> Floats:
    """Levels 1..4, shape (submissions · criteria, 5), from submission, criterion, severity and noise."""
    quality = rng.normal(scale=0.8, size=(submissions, 1, 1)) + rng.normal(scale=0.6, size=(submissions, criteria, 1))
    latent = quality - SEVERITY + rng.normal(scale=0.7, size=(submissions, criteria, RATERS))
    return np.asarray(np.digitize(latent, cuts) + 1.0, dtype=np.float64).reshape(-1, RATERS)


def speed(loop_resamples: int) -> dict[str, Any]:
    """Both ways on the same ratings and clusters; seconds of wall time."""
    rng = np.random.default_rng(0)
    ratings = simulate(rng, submissions=SUBMISSIONS, criteria=CRITERIA, cuts=CUTS["balanced"])
    ratings[rng.random(ratings.shape) < MISSING] = np.nan
    clusters = np.repeat(np.arange(SUBMISSIONS), CRITERIA)
    before = _peak_mb()
    ours = min(_timed(lambda: _table(ratings, clusters)) for _ in range(3))
    peak = _peak_mb()
    found = _table(ratings, clusters)
    loop = _timed(lambda: _loop(ratings, clusters, loop_resamples)) * RESAMPLES / loop_resamples
    return {
        "units": len(ratings),
        "raters": RATERS,
        "missing": MISSING,
        "submissions": SUBMISSIONS,
        "resamples": RESAMPLES,
        "ours_s_five_coefficients": round(ours, 3),
        "krippendorff_loop_s_one_coefficient_extrapolated": round(loop, 1),
        "extrapolated_from_resamples": loop_resamples,
        "ratio": round(loop / ours, 1),
        "peak_memory_mb": round(peak),
        "peak_memory_before_mb": round(before),
        "alpha_ours": found[-1].value,
        "alpha_theirs": float(
            krippendorff.alpha(reliability_data=ratings.T, value_domain=list(LEVELS), level_of_measurement="ordinal")
        ),
        "intervals": {one.coefficient: (one.low, one.high) for one in found},
    }


def _table(ratings: Floats, clusters: Codes) -> tuple[Agreement, ...]:
    return agreement_table(
        ratings,
        categories=LEVELS,
        coefficients=COEFFICIENTS,
        interval="bootstrap",
        clusters=clusters,
        resamples=RESAMPLES,
    )


def _loop(ratings: Floats, clusters: Codes, resamples: int) -> list[float]:
    """The usual way: draw submissions, stack their rows, call the package."""
    rng = np.random.default_rng(1)
    rows = np.arange(len(ratings)).reshape(SUBMISSIONS, CRITERIA)  # clusters are consecutive rows here
    values = []
    for _ in range(resamples):
        drawn = rows[rng.integers(0, SUBMISSIONS, SUBMISSIONS)].ravel()
        values.append(
            krippendorff.alpha(
                reliability_data=ratings[drawn].T, value_domain=list(LEVELS), level_of_measurement="ordinal"
            )
        )
    return values


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def coverage(seeds: int, sizes: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """Share of studies whose 95 % interval holds the coefficient of 200,000 units rated by the same raters."""
    measures: dict[str, tuple[Callable[..., Agreement], tuple[str, ...]]] = {
        "alpha": (krippendorff_alpha, ("bootstrap-t", "jackknife", "bootstrap", "analytic")),
        "AC2": (lambda x, **asked: gwet_ac(x, weights="quadratic", **asked), ("bootstrap-t", "analytic", "bootstrap")),
        "QWK": (
            lambda x, **asked: cohen_kappa(x, weights="quadratic", **asked),
            ("bootstrap-t", "analytic", "bootstrap"),
        ),
    }
    found: dict[str, dict[str, float]] = {}
    for skew, cuts in CUTS.items():
        large = simulate(np.random.default_rng(99), submissions=200_000, criteria=1, cuts=cuts)
        truth = {name: measure(large, categories=LEVELS).value or 0.0 for name, (measure, _) in measures.items()}
        for n in sizes:
            held: dict[str, list[bool]] = {}
            for seed in range(seeds):
                ratings = simulate(np.random.default_rng(1000 + seed), submissions=n, criteria=1, cuts=cuts)
                for name, (measure, methods) in measures.items():
                    for method in methods:
                        one = measure(ratings, categories=LEVELS, interval=method, resamples=600, seed=seed)
                        if one.low is not None and one.high is not None:
                            held.setdefault(f"{name} {method}", []).append(one.low <= truth[name] <= one.high)
            found[f"{skew} n={n}"] = {name: round(float(np.mean(hits)), 3) for name, hits in held.items()}
            print(f"{skew}, n = {n}, {seeds} seeds: {found[f'{skew} n={n}']}", flush=True)
    return found


def coverage_of_raters(seeds: int) -> dict[str, float]:
    """Share of studies (300 units, 5 raters drawn anew each time) whose interval holds the value of 200 raters."""
    held: dict[str, list[bool]] = {}
    for skew, cuts in CUTS.items():

        def panel(seed: int, n: int, raters: int, cuts: tuple[float, ...] = cuts) -> Floats:
            rng = np.random.default_rng(seed)
            severity = rng.normal(scale=0.4, size=raters)
            latent = rng.normal(size=(n, 1)) - severity + rng.normal(scale=0.7, size=(n, raters))
            return np.asarray(np.digitize(latent, cuts) + 1.0, dtype=np.float64)

        measures: dict[str, Callable[..., Agreement]] = {
            "alpha": krippendorff_alpha,
            "AC2": lambda x, **asked: gwet_ac(x, weights="quadratic", **asked),
        }
        for name, measure in measures.items():
            truth = measure(panel(99, 20_000, 200), categories=LEVELS).value or 0.0
            for seed in range(seeds):
                ratings = panel(1000 + seed, 300, 5)
                for estimand in ("these raters", "raters like these"):
                    one = measure(ratings, categories=LEVELS, interval="analytic", estimand=estimand)
                    if one.low is not None and one.high is not None:
                        held.setdefault(f"{skew} {name}, {estimand}", []).append(one.low <= truth <= one.high)
    found = {name: round(float(np.mean(hits)), 3) for name, hits in held.items()}
    print(f"held the value for raters like these, {seeds} seeds: {found}", flush=True)
    return found


def main() -> None:
    """Print both parts as one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loop-resamples", type=int, default=20, help="resamples the package loop is timed on")
    parser.add_argument("--coverage", action="store_true", help="also simulate interval coverage (minutes)")
    parser.add_argument("--seeds", type=int, default=600)
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    asked = parser.parse_args()
    figures: dict[str, Any] = {"speed": speed(asked.loop_resamples)}
    if asked.coverage:
        figures["coverage"] = coverage(asked.seeds, (15, 30, 100))
        figures["coverage_of_raters"] = coverage_of_raters(asked.seeds)
    print(json.dumps(figures, indent=2))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
