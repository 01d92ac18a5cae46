"""A simulation as files anyone can open: ratings, evidence, audit windows, measures, and the truth."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from training.simulate.moments import Mark, rater_name, submission_name
from training.simulate.scores import Simulation

FORMAT = "lookfors.simulation/1"
START = datetime(2025, 1, 6, 9, 0, tzinfo=UTC)  # any Monday; simulated time has to start somewhere


def write_files(simulation: Simulation, folder: Path) -> tuple[Path, ...]:
    """Write ratings.csv, evidence.csv, audit.csv, measures.csv and truth.json into `folder`, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    tables: tuple[tuple[str, Sequence[str], Iterable[Sequence[object]]], ...] = (
        (
            "ratings.csv",
            ("submission", "criterion", "rater", "score", "time", "protocol", "minutes", "machine"),
            _ratings(simulation),
        ),
        ("evidence.csv", ("submission", "source", "indicator", "start", "end", "p", "duration"), _evidence(simulation)),
        ("audit.csv", ("submission", "indicator", "start", "end", "probability", "found"), _audit(simulation)),
        ("measures.csv", ("submission", "measure", "value"), _measures(simulation)),
    )
    written = []
    for name, header, rows in tables:
        path = folder / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)
        written.append(path)
    truth = folder / "truth.json"
    truth.write_text(json.dumps(truth_document(simulation), indent=1) + "\n", encoding="utf-8")
    return (*written, truth)


def _ratings(simulation: Simulation) -> Iterable[Sequence[object]]:
    scores, scenario, said = simulation.scores, simulation.scenario, simulation.machine_level
    for i in np.lexsort((scores.criterion, scores.day, scores.submission)):
        at = START + timedelta(days=float(scores.day[i]))
        yield (
            submission_name(int(scores.submission[i])),
            scenario.criteria[scores.criterion[i]],
            rater_name(int(scores.rater[i])),
            f"{scenario.levels[scores.level[i]]:g}",
            at.isoformat(timespec="seconds"),
            str(scores.condition[i]),
            f"{scores.minutes[i]:.1f}",
            f"{said[scores.submission[i], scores.criterion[i]]:.2f}",
        )


def _evidence(simulation: Simulation) -> Iterable[Sequence[object]]:
    """A row per mark; one with the names alone where someone watched and marked nothing."""
    duration = f"{simulation.scenario.duration_s:g}"
    marked: dict[tuple[int, str], list[Mark]] = {who: [] for who in simulation.moments.watched}
    for mark in simulation.moments.marks:
        if mark.source != "truth":
            marked[mark.submission, mark.source].append(mark)
    for (submission, source), marks in marked.items():
        name = submission_name(submission)
        if not marks:
            yield name, source, "", "", "", "", duration
        for mark in marks:
            p = "" if mark.p is None else f"{mark.p:.3f}"
            yield name, source, mark.indicator, f"{mark.start:.2f}", f"{mark.end:.2f}", p, duration


def _audit(simulation: Simulation) -> Iterable[Sequence[object]]:
    for window in simulation.moments.windows:
        name = submission_name(window.submission)
        yield name, window.indicator, f"{window.start:g}", f"{window.end:g}", f"{window.selection_p:.6f}", window.found


def _measures(simulation: Simulation) -> Iterable[Sequence[object]]:
    """One measure per criterion, named after it: the machine's signal."""
    for submission in range(simulation.scenario.submissions):
        for place, criterion in enumerate(simulation.scenario.criteria):
            yield submission_name(submission), criterion, f"{simulation.machine[submission, place]:.4f}"


def truth_document(simulation: Simulation) -> dict[str, object]:
    """The truth, with the scenario and seed it came from. `untouched` lists only the scores the machine moved."""
    scenario, truth, scores = simulation.scenario, simulation.truth, simulation.scores
    names = [rater_name(rater) for rater in range(scenario.people.raters)]
    levels = np.asarray(scenario.levels)
    moved = np.flatnonzero(scores.level != scores.untouched)
    return {
        "format": FORMAT,
        "seed": simulation.seed,
        "scenario": asdict(scenario),
        "severity": dict(zip(names, truth.severity.round(4).tolist(), strict=True)),
        "drift_per_month": dict(zip(names, truth.drift.round(4).tolist(), strict=True)),
        "leniency": {
            name: dict(zip(scenario.criteria, row, strict=True))
            for name, row in zip(names, truth.leniency.round(4).tolist(), strict=True)
        },
        "machine_bias": dict(zip(scenario.criteria, truth.machine_bias.round(4).tolist(), strict=True)),
        "submissions": {
            submission_name(i): dict(zip(scenario.criteria, row, strict=True))
            for i, row in enumerate(levels[truth.level].tolist())
        },
        "moments": [
            {"submission": submission_name(m.submission), "indicator": m.indicator, "start": m.start, "end": m.end}
            for m in simulation.moments.marks
            if m.source == "truth"
        ],
        "missed": [{**m._asdict(), "submission": submission_name(m.submission)} for m in simulation.moments.missed],
        "untouched": [
            {
                "submission": submission_name(int(scores.submission[i])),
                "criterion": scenario.criteria[scores.criterion[i]],
                "rater": rater_name(int(scores.rater[i])),
                "protocol": str(scores.condition[i]),
                "score": float(levels[scores.level[i]]),
                "without_machine": float(levels[scores.untouched[i]]),
            }
            for i in moved
        ],
    }
