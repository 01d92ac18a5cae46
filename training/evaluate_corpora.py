"""Judge the auxiliary artefact on the outside corpora: talk moves, focusing, uptake. A benchmark, not the target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score, f1_score, matthews_corrcoef

from inference.auxiliary import TASKS
from inference.auxiliary_reading import Auxiliary
from training.corpora.exchanges import Exchange
from training.corpora.talkmoves import Lesson
from training.evaluate import DRAWS, FORMAT, Say
from training.scores import NAN, Found, auprc, document, resampled

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows one task codes: true class (n,), chances (n, classes), and the transcript of each row (n,)."""

    truth: Ints
    p: NDArray[np.float64]
    owner: Ints

    def groups(self) -> list[Ints]:
        """Row numbers by transcript."""
        return [np.flatnonzero(self.owner == g) for g in np.unique(self.owner)]


def evaluate_talkmoves(
    auxiliary: Auxiliary, lessons: Sequence[Lesson], *, draws: int = DRAWS, seed: int, say: Say
) -> dict[str, Any]:
    """Seven teacher and five student classes; rows shown only for context are left out. Resampled by transcript."""
    report = _head(auxiliary, "talkmoves", sum(len(lesson.lines) for lesson in lessons), draws)
    for task, answers in talkmove_answers(auxiliary, lessons, say=say).items():
        report[task] = class_report(answers, TASKS[task], draws=draws, seed=seed)
    return report


def talkmove_answers(auxiliary: Auxiliary, lessons: Sequence[Lesson], *, say: Say) -> dict[str, Answers]:
    tasks = ("teacher_move", "student_move")
    told: list[dict[str, NDArray[np.float64]]] = []
    for i, lesson in enumerate(lessons):
        say("Judging transcripts", i / len(lessons))
        told += auxiliary.probabilities([lesson.lines], tasks)
    found = {}
    for task in tasks:
        labels = [lesson.teacher if task == "teacher_move" else lesson.student for lesson in lessons]
        kept = [np.array([label is not None for label in part], dtype=bool) for part in labels]
        found[task] = Answers(
            np.array([label for part in labels for label in part if label is not None], dtype=np.int64),
            np.vstack([part[task][keep] for part, keep in zip(told, kept, strict=True)]),
            np.repeat(np.arange(len(lessons)), [int(keep.sum()) for keep in kept]),
        )
    say("Judging transcripts", 1.0)
    return found


def evaluate_exchanges(
    auxiliary: Auxiliary, exchanges: Sequence[Exchange], corpus: str, *, draws: int = DRAWS, seed: int, say: Say
) -> dict[str, Any]:
    """Focusing against all, or high uptake against the rest; resampled by transcript."""
    ((task, answers),) = exchange_answers(auxiliary, exchanges, corpus, say=say).items()
    return {
        **_head(auxiliary, corpus, len(answers.truth), draws),
        task: class_report(answers, TASKS[task], draws=draws, seed=seed),
    }


def exchange_answers(
    auxiliary: Auxiliary, exchanges: Sequence[Exchange], corpus: str, *, say: Say
) -> dict[str, Answers]:
    task = "follow_up" if corpus == "focusing" else "uptake_level"
    rows = [exchange for exchange in exchanges if exchange.label is not None]
    say("Judging exchanges", 0.0)
    told = [found[task][1] for found in auxiliary.probabilities([exchange.lines for exchange in rows], (task,))]
    say("Judging exchanges", 1.0)
    groups = {group: i for i, group in enumerate(sorted({exchange.group for exchange in rows}))}
    owner = np.array([groups[exchange.group] for exchange in rows])
    return {task: Answers(np.array([exchange.label for exchange in rows], dtype=np.int64), np.array(told), owner)}


def class_report(answers: Answers, names: Sequence[str], *, draws: int, seed: int) -> dict[str, Any]:
    """Macro F1, Matthews correlation and kappa of the most likely class; F1 and AUPRC of each class; with intervals."""
    truth, p, groups = answers.truth, answers.p, answers.groups()
    said = p.argmax(1)

    def estimate(figure: Callable[[Ints], float]) -> Found:
        return document(resampled(figure, groups, draws=draws, seed=seed))

    return {
        "n": len(truth),
        "macro_f1": estimate(lambda r: macro_f1(answers, r)),
        "mcc": estimate(lambda r: class_mcc(answers, r)),
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


def macro_f1(answers: Answers, rows: Ints) -> float:
    """Over all classes; 0 for a class that is neither there nor said."""
    classes = range(answers.p.shape[1])
    said = answers.p[rows].argmax(1)
    return float(f1_score(answers.truth[rows], said, average="macro", labels=classes, zero_division=0))


def class_mcc(answers: Answers, rows: Ints) -> float:
    return float(matthews_corrcoef(answers.truth[rows], answers.p[rows].argmax(1)))


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
