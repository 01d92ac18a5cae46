"""Student-to-teacher exchanges with three raters, read from a path: focusing or funneling, and uptake.

The excerpts come from an access-controlled collection: their text never enters the project.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from inference.features import Line
from model.errors import InputRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What a student said, what the teacher said next, and the class given to the teacher's turn.

    `label` is a number in TASKS["follow_up"] or TASKS["uptake_level"]; None where the raters had no majority.
    """

    group: str
    lines: tuple[Line, Line]
    label: int | None


def read_focusing(path: Path) -> tuple[Exchange, ...]:
    """Label 0 neither, 1 funneling, 2 focusing. Raises InputRefused `corpus.missing` or `corpus.invalid`."""
    return _read(path, "follow_up_unfiltered_majority")


def read_uptake(path: Path) -> tuple[Exchange, ...]:
    """Label 0 low, 1 middle, 2 high. Raises InputRefused `corpus.missing` or `corpus.invalid`."""
    return _read(path, "uptake_majority")


def _read(path: Path, column: str) -> tuple[Exchange, ...]:
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files or not files[0].exists():
        raise InputRefused("corpus.missing", f"No exchange table at {path}.", "Give the .csv file.")
    with files[0].open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        for needed in ("obs_id", "student_text", "teacher_text", column):
            if needed not in (reader.fieldnames or ()):
                raise InputRefused(
                    "corpus.invalid", f"{files[0].name} has no column {needed}.", "Use the corpus as published."
                )
        return tuple(_exchange(row, column, f"{files[0].name}, line {n}") for n, row in enumerate(reader, 2))


def _exchange(row: dict[str, str], column: str, where: str) -> Exchange:
    cell = row[column].strip()
    try:
        label = int(float(cell)) if cell else None
    except ValueError as error:
        raise InputRefused("corpus.invalid", f"{where}: {cell!r} is no class.", "Correct the table.") from error
    if label not in (None, 0, 1, 2):
        raise InputRefused("corpus.invalid", f"{where}: class {cell} is not 0, 1 or 2.", "Correct the table.")
    return Exchange(
        group=row["obs_id"],
        lines=(
            Line(text=row["student_text"] or "-", p_youth=1.0, speaker="S"),
            Line(text=row["teacher_text"] or "-", p_youth=0.0, speaker="T"),
        ),
        label=label,
    )
