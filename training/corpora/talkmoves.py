"""TalkMoves (CC BY-NC-SA 4.0), read from a path: sentences of mathematics lessons with one teacher or student move.

Columns as its files have them: group, transcript, turn, role (T, S or empty), sentence, teacher_move, student_move,
context_tag. A row shown only for context has no teacher move. What is trained on it carries its licence.
"""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO, cast

import numpy as np

from inference.auxiliary import TASKS
from inference.features import Line
from model.errors import InputRefused

LICENCE = "CC-BY-NC-SA-4.0"
COLUMNS = ("group", "transcript", "turn", "role", "sentence", "teacher_move", "student_move", "context_tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One transcript: its lines and, for each, the class number of its move or None where it is not coded."""

    group: str
    transcript: str
    lines: tuple[Line, ...]
    teacher: tuple[int | None, ...]
    student: tuple[int | None, ...]


def read_talkmoves(path: Path) -> tuple[Lesson, ...]:
    """All transcripts of the table at `path` (see `open_table`), in file order.

    Raises InputRefused `corpus.missing` or `corpus.invalid`; the fact names the line.
    """
    with open_table(path) as source:
        return tuple(_lessons(source, Path(source.name).name))


def open_table(path: Path) -> TextIO:
    """A `.tsv` or `.tsv.gz`, or the first such file in a folder. Raises InputRefused `corpus.missing`."""
    files = sorted([*path.glob("*.tsv"), *path.glob("*.tsv.gz")]) if path.is_dir() else [path]
    if not files or not files[0].exists():
        raise InputRefused("corpus.missing", f"No talk-move table at {path}.", "Give the .tsv or .tsv.gz file.")
    opened = gzip.open if files[0].suffix == ".gz" else open
    return cast(TextIO, opened(files[0], "rt", encoding="utf-8", newline=""))


def _lessons(source: TextIO, name: str) -> Iterator[Lesson]:
    reader = csv.DictReader(source, delimiter="\t")
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise InputRefused(
            "corpus.invalid", f"{name} has no column {', '.join(missing)}.", "Use the TalkMoves columns."
        )
    for (group, transcript), rows in groupby(enumerate(reader, 2), key=lambda r: (r[1]["group"], r[1]["transcript"])):
        lines, teacher, student = [], [], []
        for number, row in rows:
            role = row["role"]
            where = f"{name}, line {number}"
            lines.append(
                Line(
                    text=row["sentence"] or "-",
                    p_youth={"T": 0.0, "S": 1.0}.get(role, 0.5),
                    speaker=f"{role}{row['turn']}" if role == "S" else role or None,
                )
            )
            shown_only = row["context_tag"].strip().lower() == "true"
            coded = role if role == "S" or not shown_only else None
            teacher.append(_move(row["teacher_move"], TASKS["teacher_move"], where) if coded == "T" else None)
            student.append(_move(row["student_move"], TASKS["student_move"], where) if coded == "S" else None)
        yield Lesson(
            group=group, transcript=transcript, lines=tuple(lines), teacher=tuple(teacher), student=tuple(student)
        )


def _move(cell: str, moves: tuple[str, ...], where: str) -> int | None:
    if not cell:
        return None
    if cell not in moves:
        raise InputRefused("corpus.invalid", f"{where}: {cell!r} is none of {', '.join(moves)}.", "Correct the table.")
    return moves.index(cell)


def held_out_groups(lessons: tuple[Lesson, ...], *, share: float, seed: int) -> frozenset[str]:
    """Teachers or source series drawn at random until they hold about `share` of the lines."""
    size: dict[str, int] = {}
    for lesson in lessons:
        size[lesson.group] = size.get(lesson.group, 0) + len(lesson.lines)
    chosen: set[str] = set()
    wanted = share * sum(size.values())
    for group in np.random.default_rng(seed).permutation(sorted(size)):
        if sum(size[g] for g in chosen) + size[str(group)] <= wanted * 1.2:
            chosen.add(str(group))
        if sum(size[g] for g in chosen) >= wanted:
            break
    return frozenset(chosen)
