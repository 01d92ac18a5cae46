"""Judge the auxiliary artefact on the outside corpora: talk moves, focusing, uptake. A benchmark, not the target."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, f1_score, matthews_corrcoef

from inference.auxiliary import TASKS
from inference.auxiliary_reading import Auxiliary
from training.corpora.exchanges import Exchange
from training.corpora.talkmoves import Lesson
from training.evaluate import DRAWS, FORMAT, Say
from training.scores import NAN, Estimate, auprc, resampled

Ints = NDArray[np.int64]


def evaluate_talkmoves(
    auxiliary: Auxiliary, lessons: Sequence[Lesson], *, draws: int = DRAWS, seed: int, say: Say
) -> dict[str, Any]:
    """Seven teacher and five student classes; rows shown only for context are left out. Resampled by transcript."""
    tasks = ("teacher_move", "student_move")
    told: list[dict[str, NDArray[np.float64]]] = []
    for i, lesson in enumerate(lessons):
        say("Judging transcripts", i / len(lessons))
        told += auxiliary.probabilities([lesson.lines], tasks)
    document = _head(auxiliary, "talkmoves", sum(len(lesson.lines) for lesson in lessons), draws)
    for task in tasks:
        labels = [lesson.teacher if task == "teacher_move" else lesson.student for lesson in lessons]
        kept = [np.array([label is not None for label in part], dtype=bool) for part in labels]
        truth = np.array([label for part in labels for label in part if label is not None], dtype=np.int64)
        p = np.vstack([part[task][keep] for part, keep in zip(told, kept, strict=True)])
        owner = np.repeat(np.arange(len(lessons)), [int(keep.sum()) for keep in kept])
        document[task] = class_report(truth, p, owner, TASKS[task], draws=draws, seed=seed)
    say("Done", 1.0)
    return document


def evaluate_exchanges(
    auxiliary: Auxiliary, exchanges: Sequence[Exchange], corpus: str, *, draws: int = DRAWS, seed: int, say: Say
) -> dict[str, Any]:
    """Focusing against all, or high uptake against the rest; resampled by transcript."""
    task = "follow_up" if corpus == "focusing" else "uptake_level"
    rows = [exchange for exchange in exchanges if exchange.label is not None]
    say("Judging exchanges", 0.0)
    told = [found[task][1] for found in auxiliary.probabilities([exchange.lines for exchange in rows], (task,))]
    groups = {group: i for i, group in enumerate(sorted({exchange.group for exchange in rows}))}
    owner = np.array([groups[exchange.group] for exchange in rows])
    truth = np.array([exchange.label for exchange in rows], dtype=np.int64)
    say("Done", 1.0)
    return {
        **_head(auxiliary, corpus, len(rows), draws),
        task: class_report(truth, np.array(told), owner, TASKS[task], draws=draws, seed=seed),
    }


def class_report(
    truth: Ints, p: NDArray[np.float64], owner: Ints, names: Sequence[str], *, draws: int, seed: int
) -> dict[str, Any]:
    """Macro F1, Matthews correlation and kappa of the most likely class; F1 and AUPRC of each class; with intervals."""
    said = p.argmax(1)
    groups = [np.flatnonzero(owner == g) for g in np.unique(owner)]
    whole = list(range(len(names)))

    def estimate(figure: Callable[[Ints], float]) -> dict[str, float | None]:
        return _rounded(resampled(figure, groups, draws=draws, seed=seed))

    return {
        "n": len(truth),
        "macro_f1": estimate(
            lambda r: float(f1_score(truth[r], said[r], average="macro", labels=whole, zero_division=0))
        ),
        "mcc": estimate(lambda r: float(matthews_corrcoef(truth[r], said[r]))),
        "kappa": estimate(lambda r: float(cohen_kappa_score(truth[r], said[r]))),
        "classes": {
            name: {
                "n": int((truth == k).sum()),
                "f1": estimate(lambda r, k=k: _one_f1(truth[r] == k, said[r] == k)),  # type: ignore[misc]
                "auprc": estimate(lambda r, k=k: auprc(truth[r] == k, p[r, k])),  # type: ignore[misc]
            }
            for k, name in enumerate(names)
        },
    }


def _one_f1(truth: NDArray[np.bool_], said: NDArray[np.bool_]) -> float:
    total = int(truth.sum() + said.sum())
    return float(2 * (truth & said).sum() / total) if total else NAN


def _head(auxiliary: Auxiliary, corpus: str, n: int, draws: int) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "corpus": corpus,
        "tagger": {"name": auxiliary.manifest.name, "sha256": auxiliary.manifest.sha256},
        "rows": n,
        "interval": f"95 %, {draws} resamplings of whole transcripts",
    }


def _rounded(estimate: Estimate) -> dict[str, float | None]:
    return {
        name: None if np.isnan(value) else round(value, 4)
        for name, value in (("value", estimate.value), ("low", estimate.low), ("high", estimate.high))
    }
