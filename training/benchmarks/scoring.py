"""How the score model does beside the alternatives, and the other promises of simulated recovery, in one run.

    python -m training.benchmarks.scoring [--quick] [--json OUT]

Every method sees the same simulated programs (4 criteria, 4 levels, 6 raters, one blind read each) and is judged on
the same 1,000 new submissions. The alternatives live here only; none is part of the product.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import scipy.optimize
import scipy.special
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from model.agreement import rasch
from model.conditions import UNTOUCHED, Condition
from model.influence import ArmScore, influence
from model.scoring import Calibrated, ScoreTable, StackedPlatt, calibrate, level_sets
from model.scoring.estimate import Floats
from model.scoring.estimator import StackParameters, fit_table, predict
from model.scoring.metrics import rps_of
from model.scoring.platt import Ridge, apply_platt, fit_platt, identity
from training.simulate import Arms, Machine, Moments, People, Scenario, simulate

MACHINES: Mapping[str, Machine] = {
    "near-calibrated": Machine(),
    "overconfident, shifted, biased": Machine(overconfidence=1.0, shift=0.6, criterion_bias_sd=0.4),
    "useless but sure": Machine(skill=0.0, overconfidence=1.0),
}
REPLICATES = {20: 40, 100: 25, 1000: 6}
NEW = 1000  # submissions every fit is judged on
SCORES_ONLY = Moments(indicators=())
Method = Callable[[ScoreTable, ScoreTable], Floats]


def programs(n: int, machine: Machine, seed: int) -> tuple[ScoreTable, ScoreTable]:
    """Scores of `n` submissions to learn from, and of NEW others."""
    scenario = Scenario(submissions=n + NEW, people=People(reads=(1.0,)), machine=machine, moments=SCORES_ONLY)
    found = simulate(scenario, seed=seed)
    keep = np.isin(found.scores.condition, [condition.value for condition in UNTOUCHED])
    submission, criterion = found.scores.submission[keep], found.scores.criterion[keep]
    table = ScoreTable(
        levels=scenario.levels,
        criteria=scenario.criteria,
        submissions=tuple(str(i) for i in range(n + NEW)),
        raw=found.machine_p[submission, criterion],
        level=found.scores.level[keep],
        criterion=criterion,
        submission=submission,
        weight=np.ones(int(keep.sum())),
    )
    return table.rows(np.flatnonzero(submission < n)), table.rows(np.flatnonzero(submission >= n))


def ours(seen: ScoreTable, new: ScoreTable) -> Floats:
    return fit_table(StackedPlatt(), seen).predict_proba(new.raw, criteria=new.criterion)


def _part(stack: float) -> Method:
    def method(seen: ScoreTable, new: ScoreTable) -> Floats:
        found = fit_table(StackedPlatt(), seen).parameters_
        return predict(StackParameters(platt=found.platt, shares=found.shares, stack=stack), new.raw, new.criterion)

    return method


def temperature(seen: ScoreTable, new: ScoreTable) -> Floats:
    """Softmax of log p / T, one T for all."""

    def at(raw: Floats, t: float) -> Floats:
        tempered: Floats = scipy.special.softmax(np.log(np.clip(raw, 1e-4, None)) / t, axis=1)
        return tempered

    rows = np.arange(len(seen.level))
    found = scipy.optimize.minimize_scalar(
        lambda log_t: -float(np.log(at(seen.raw, np.exp(log_t))[rows, seen.level]).sum()),
        bounds=(-3, 4),
        method="bounded",
    )
    return at(new.raw, float(np.exp(found.x)))


def unpooled_platt(seen: ScoreTable, new: ScoreTable) -> Floats:
    """A cumulative map per criterion with next to no ridge: maximum likelihood."""
    found = np.empty_like(new.raw)
    loose = Ridge(slope=5.0, shift=10.0, criterion=1e-3, gap=5.0)
    for criterion in range(len(seen.criteria)):
        a, b = (np.flatnonzero(t.criterion == criterion) for t in (seen, new))
        centre = identity(1, len(seen.levels))
        zero = np.zeros(len(a), dtype=np.int64)
        platt = fit_platt(seen.raw[a], seen.level[a], zero, np.ones(len(a)), centre=centre, ridge=loose)
        found[b] = apply_platt(platt, new.raw[b], np.zeros(len(b), dtype=np.int64))
    return found


def pooled_isotonic(seen: ScoreTable, new: ScoreTable) -> Floats:
    """Isotonic regression of every threshold's chance, all criteria together; crossings are cut off."""
    above = [1.0 - np.cumsum(t.raw, axis=1)[:, :-1] for t in (seen, new)]
    fitted = [
        IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip")
        .fit(above[0][:, k], (seen.level > k).astype(float))
        .predict(above[1][:, k])
        for k in range(above[0].shape[1])
    ]
    ordered = np.minimum.accumulate(np.column_stack(fitted), axis=1)
    edge = np.ones((len(ordered), 1))
    distribution: Floats = -np.diff(np.concatenate([edge, ordered, 0.0 * edge], axis=1), axis=1)
    return distribution


def multinomial(seen: ScoreTable, new: ScoreTable) -> Floats:
    """Logistic regression of the level on log raw chances and criterion, scikit-learn's default ridge."""

    def features(table: ScoreTable) -> Floats:
        return np.column_stack([np.log(np.clip(table.raw, 1e-4, None)), np.eye(len(table.criteria))[table.criterion]])

    fitted = LogisticRegression(max_iter=2000).fit(features(seen), seen.level)
    found = np.zeros_like(new.raw)
    found[:, fitted.classes_] = fitted.predict_proba(features(new))
    return found


METHODS: Mapping[str, Method] = {
    "raw": lambda _seen, new: new.raw,
    "level shares": _part(0.0),
    "temperature": temperature,
    "unpooled cumulative Platt": unpooled_platt,
    "pooled isotonic": pooled_isotonic,
    "multinomial logistic": multinomial,
    "pooled ridge, not stacked": _part(1.0),
    "stacked (the product)": ours,
}


def compare(n: int, replicates: int) -> dict[str, dict[str, float]]:
    """Mean RPS of every method under every machine."""
    found: dict[str, dict[str, float]] = {name: {} for name in METHODS}
    for label, machine in MACHINES.items():
        errors: dict[str, list[float]] = {name: [] for name in METHODS}
        for seed in range(replicates):
            seen, new = programs(n, machine, 10_000 * n + seed)
            for name, method in METHODS.items():
                errors[name].append(float(rps_of(method(seen, new), new.level).mean()))
        for name, values in errors.items():
            found[name][label] = float(np.mean(values))
    return found


def regrets(errors: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Worst distance to the best method over the machines."""
    best = {label: min(row[label] for row in errors.values()) for label in MACHINES}
    return {name: max(row[label] - best[label] for label in MACHINES) for name, row in errors.items()}


def coverage(n: int, replicates: int) -> dict[str, float]:
    """Of 90 % level sets on new submissions, over the overconfident machine."""
    covered, sizes = [], []
    for seed in range(replicates):
        seen, new = programs(n, MACHINES["overconfident, shifted, biased"], 77_000 + 100 * n + seed)
        found = calibrate(seen)
        assert isinstance(found, Calibrated)
        cut = level_sets(found.model.sets, found.model.predict_proba(new.raw, [new.criteria[c] for c in new.criterion]))
        covered.append(float(((cut[:, 0] <= new.level) & (new.level <= cut[:, 1])).mean()))
        sizes.append(float((cut[:, 1] - cut[:, 0] + 1).mean()))
    return {
        "mean": float(np.mean(covered)),
        "sd": float(np.std(covered, ddof=1)),
        "tenth percentile": float(np.quantile(covered, 0.1)),
        "set size": float(np.mean(sizes)),
    }


def influence_found(n: int, pull: float, runs: int) -> dict[str, float]:
    """Share of paired programs in which the slope changes upwards beyond its 95 % interval, and in which |t| < 2."""
    beyond, small = [], []
    for seed in range(runs):
        scenario = Scenario(
            submissions=n, people=People(raters=8), arms=Arms(paired=True, pull=pull), moments=SCORES_ONLY
        )
        found = simulate(scenario, seed=5_000 + seed)
        scores, said = found.scores, found.machine_level
        change = influence(
            [
                ArmScore(
                    submission=str(scores.submission[i]),
                    criterion=str(scores.criterion[i]),
                    rater=str(scores.rater[i]),
                    value=scenario.levels[scores.level[i]],
                    condition=Condition(scores.condition[i]),
                    machine=float(said[scores.submission[i], scores.criterion[i]]),
                )
                for i in range(len(scores.level))
            ],
            levels=scenario.levels,
        ).slope_change
        beyond.append((change.low or 0.0) > 0.0)
        small.append(abs(change.t or 0.0) < 2.0)
    return {"found": float(np.mean(beyond)), "|t| < 2": float(np.mean(small))}


def severity_recovered(runs: int) -> dict[str, float]:
    """Correlation of estimated with planted severity, 400 double reads by 8 raters."""
    found = []
    for seed in range(runs):
        people = People(raters=8, reads=(0.0, 1.0), drift_sd=0.0)
        made = simulate(Scenario(submissions=400, people=people, moments=SCORES_ONLY), seed=900 + seed)
        fitted = rasch(made.ratings().reshape(400, 4, 8).transpose(0, 2, 1), categories=made.scenario.levels)
        severity = np.array([rater.severity for rater in fitted.raters], dtype=np.float64)
        found.append(float(np.corrcoef(severity, made.truth.severity)[0, 1]))
    return {"lowest": min(found), "mean": float(np.mean(found))}


def main() -> None:
    """Run, print, and write with --json."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a quarter of the replicates")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    share = 4 if asked.quick else 1
    started = time.perf_counter()
    results: dict[str, object] = {}
    for n, replicates in REPLICATES.items():
        runs = max(2, replicates // share)
        errors = compare(n, runs)
        distance = regrets(errors)
        results[f"rps n={n}"] = {"runs": runs, "errors": errors, "regret": distance}
        print(f"\nMean RPS on new submissions, learned from {n} ({runs} programs a machine)")
        print(f"{'':28}" + "".join(f"{label[:16]:>18}" for label in MACHINES) + f"{'regret':>10}")
        for name, row in sorted(errors.items(), key=lambda item: distance[item[0]]):
            print(f"{name:28}" + "".join(f"{row[label]:18.4f}" for label in MACHINES) + f"{distance[name]:10.4f}")
    for n, runs in ((20, 40), (100, 20), (1000, 3)):
        results[f"coverage n={n}"] = coverage(n, max(2, runs // share))
        print(f"90 % level sets at n={n}: {results[f'coverage n={n}']}")
    for n, pull, runs in ((50, 0.0, 100), (400, 0.0, 60), (200, 0.3, 40), (400, 0.3, 40)):
        results[f"influence n={n} pull={pull}"] = influence_found(n, pull, max(2, runs // share))
        print(f"influence, {n} paired submissions, pull {pull}: {results[f'influence n={n} pull={pull}']}")
    results["severity"] = severity_recovered(max(2, 10 // share))
    print(f"severity: {results['severity']}")
    results["seconds"] = round(time.perf_counter() - started, 1)
    print(f"{results['seconds']} s")
    if asked.json:
        asked.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
