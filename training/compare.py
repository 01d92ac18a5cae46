"""Two artefacts on the same lines: what one gains over the other, each gain with an interval of its own.

Every resampling takes the same dialogues or transcripts for both, so a gain is often sure where the two figures'
intervals overlap. The intervals are of which dialogues there are to judge by: not of other hands, and not of another
seed in training. Of many figures one in forty looks sure by chance; macro AUPRC as written comes first for that reason.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from training.evaluate import (
    FALSE_FLAGS,
    Session,
    Targets,
    false_rate,
    macro_auprc,
    over_sessions,
    rows_in,
    weak,
)
from training.evaluate_corpora import Answers, class_mcc, macro_f1
from training.scores import Bools, Floats, Found, auprc, debiased_calibration_error, document, f1, resampled

Gains = dict[str, dict[str, Found]]  # figure -> "ours", "theirs", and "difference": ours less theirs
Read = TypeVar("Read", Targets, Answers)
Drawn = TypeVar("Drawn", Sequence[Session], NDArray[np.int64])


def compare_dialogues(
    ours: Mapping[str, Targets],
    theirs: Mapping[str, Targets],
    sessions: Sequence[Session],
    *,
    draws: int,
    seed: int,
) -> Gains:
    """By form of the text: macro AUPRC, and of every indicator F1, AUPRC, calibration error and false flags."""
    return {
        f"{form}: {name}": {
            side: over_sessions(over, value, draws, seed)
            for side, value in _sides(figure, ours[form], theirs[form]).items()
        }
        for form in ours
        for name, over, figure in _headlines(ours[form], sessions)
    }


def compare_answers(ours: Mapping[str, Answers], theirs: Mapping[str, Answers], *, draws: int, seed: int) -> Gains:
    """By task of an outside corpus: macro F1 and Matthews correlation."""
    return {
        f"{task}: {name}": {
            side: document(resampled(value, ours[task].groups(), draws=draws, seed=seed))
            for side, value in _sides(figure, ours[task], theirs[task]).items()
        }
        for task in ours
        for name, figure in (("macro F1", macro_f1), ("MCC", class_mcc))
    }


def _sides(figure: Callable[[Read, Drawn], float], ours: Read, theirs: Read) -> dict[str, Callable[[Drawn], float]]:
    return {
        "ours": partial(figure, ours),
        "theirs": partial(figure, theirs),
        "difference": lambda drawn: figure(ours, drawn) - figure(theirs, drawn),
    }


def _headlines(
    targets: Targets, sessions: Sequence[Session]
) -> Iterator[tuple[str, Sequence[Session], Callable[[Targets, Sequence[Session]], float]]]:
    """Each figure's name, the sessions it is of, and how it is had of some of them."""
    quiet = weak(sessions)
    yield "macro AUPRC", sessions, macro_auprc
    if quiet:
        yield f"all indicators {FALSE_FLAGS}", quiet, _false_of_all
    for indicator in targets["indicators"]:
        yield f"{indicator} f1", sessions, partial(_f1, indicator)
        for name, figure in (("auprc", auprc), ("debiased_calibration_error", debiased_calibration_error)):
            yield f"{indicator} {name}", sessions, partial(_of_chances, figure, indicator)
        if quiet:
            yield f"{indicator} {FALSE_FLAGS}", quiet, partial(_false_of_one, indicator)


def _f1(indicator: str, targets: Targets, sessions: Sequence[Session]) -> float:
    one, rows = targets["indicators"][indicator], rows_in(sessions)
    return f1(one.truth[rows], one.shown[rows])


def _of_chances(
    figure: Callable[[Bools, Floats], float], indicator: str, targets: Targets, sessions: Sequence[Session]
) -> float:
    one, rows = targets["indicators"][indicator], rows_in(sessions)
    return figure(one.truth[rows], one.p[rows])


def _false_of_one(indicator: str, targets: Targets, sessions: Sequence[Session]) -> float:
    return false_rate((targets["indicators"][indicator],), sessions)


def _false_of_all(targets: Targets, sessions: Sequence[Session]) -> float:
    return false_rate(tuple(targets["indicators"].values()), sessions)
