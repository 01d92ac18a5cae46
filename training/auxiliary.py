"""What is learnt from the outside corpora, where a program has them: talk moves, focusing questions, uptake.

Teachers and transcripts are drawn into three parts and never shared between them: `taught` trains, `tuned` settles how
readings are joined, and the rest is left for `lookfors evaluate`, so that what is said of it is said of strangers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.auxiliary import TASKS
from inference.features import Line
from model.errors import InputRefused
from training.corpora.exchanges import Exchange, read_focusing, read_uptake
from training.corpora.talkmoves import LICENCE as TALKMOVES_LICENCE
from training.corpora.talkmoves import held_out_groups, read_talkmoves

HELD_OUT = 0.12  # about this share of the lines, or of the transcripts exchanges come from
TUNED = 0.07  # likewise
EXCHANGES_LICENCE = "labels MIT; excerpts under the NCTE's terms of use"


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with the class of each line in each task; None where a line is not coded."""

    lines: tuple[Line, ...]
    labels: dict[str, tuple[int | None, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The outside corpora found. `licence` is the strictest of theirs."""

    taught: tuple[Talk, ...]
    tuned: tuple[Talk, ...]
    seen: dict[str, list[str]]  # groups of both, by corpus: evaluation leaves them out
    licence: str
    counts: dict[str, int]

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(task for task in TASKS if any(task in talk.labels for talk in self.taught))


def read_outside(folder: Path, *, seed: int) -> Outside:
    """Whatever of `talkmoves/`, `focusing_ncte/` and `uptake_ncte/` is in `folder`.

    Raises InputRefused `corpus.missing` where nothing of it is there, or as its readers do.
    """
    parts: dict[str, list[tuple[str, bool, Talk]]] = {}
    licence = EXCHANGES_LICENCE
    if (folder / "talkmoves").is_dir():
        lessons = read_talkmoves(folder / "talkmoves")
        held = held_out_groups(lessons, share=HELD_OUT, seed=seed)
        left = tuple(lesson for lesson in lessons if lesson.group not in held)
        tuned = held_out_groups(left, share=TUNED, seed=seed + 1)
        licence = TALKMOVES_LICENCE
        parts["talkmoves"] = [
            (
                one.group,
                one.group in tuned,
                Talk(one.lines, {"teacher_move": one.teacher, "student_move": one.student}),
            )
            for one in left
        ]
    for corpus, task, read in (
        ("focusing", "follow_up", read_focusing),
        ("uptake", "uptake_level", read_uptake),
    ):
        if (folder / f"{corpus}_ncte").is_dir():
            parts[corpus] = _drawn(read(folder / f"{corpus}_ncte"), task, seed)
    if not parts:
        raise InputRefused(
            "corpus.missing",
            f"{folder} holds none of talkmoves/, focusing_ncte/ and uptake_ncte/.",
            "Name the folder that holds them, or leave --data out.",
        )
    return Outside(
        taught=tuple(talk for rows in parts.values() for _, tuned, talk in rows if not tuned),
        tuned=tuple(talk for rows in parts.values() for _, tuned, talk in rows if tuned),
        seen={corpus: sorted({group for group, _, _ in rows}) for corpus, rows in parts.items()},
        licence=licence,
        counts={f"{corpus}_lines": sum(len(talk.lines) for _, _, talk in rows) for corpus, rows in parts.items()},
    )


def _drawn(exchanges: Sequence[Exchange], task: str, seed: int) -> list[tuple[str, bool, Talk]]:
    """Group, whether it is tuned on, and talk of every labelled exchange that is not held out.

    The draw hangs on the transcript's name alone, so both exchange corpora hold out the same transcripts.
    """
    found = []
    for exchange in exchanges:
        draw = np.random.default_rng((seed, *exchange.group.encode())).random()
        if draw >= HELD_OUT and exchange.label is not None:
            tuned = draw < HELD_OUT + TUNED
            found.append((exchange.group, tuned, Talk(exchange.lines, {task: (None, exchange.label)})))
    return found
