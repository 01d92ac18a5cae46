"""A long-format table of ratings: what each row means, and which rows the figures rest on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from model.agreement.ratings import Floats
from model.conditions import UNTOUCHED, Condition
from model.errors import InputRefused
from model.formats.csv_table import MISSING, CsvTable, Fault, RowsRefused, read_csv

NEEDED = ("submission", "criterion", "rater", "score")
OPTIONAL = ("time", "protocol", "phase", "minutes", "machine")
_ABSTAINED = frozenset({"cannot_tell", "cannot tell", "can't tell"})
_MOST_INFERRED = 12  # steps of a scale taken from the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One row. `score` is a number on `Scale.values`; None where nothing was given, `abstained` where that was said."""

    line: int
    submission: str
    criterion: str
    rater: str
    score: float | None
    abstained: bool
    at: datetime | None
    condition: Condition | None  # None where the file does not say
    minutes: float | None
    machine: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """The levels, lowest first. `labels` are as written; `declared` is False if they were read off the file."""

    labels: tuple[str, ...]
    values: tuple[float, ...]
    declared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingsFile:
    """All rows of a file, and what was said about reading it."""

    source: str
    ratings: tuple[Rating, ...]
    scale: Scale
    left_alone: tuple[str, ...]  # columns not read
    has_time: bool
    has_protocol: bool
    notes: tuple[str, ...]

    @property
    def criteria(self) -> tuple[str, ...]:
        """In the order they first appear."""
        return tuple(dict.fromkeys(rating.criterion for rating in self.ratings))

    @property
    def raters(self) -> tuple[str, ...]:
        return tuple(sorted({rating.rater for rating in self.ratings}))

    @property
    def submissions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rating.submission for rating in self.ratings))


def read_ratings_file(
    path: Path,
    *,
    levels: Sequence[str] | None = None,
    renamed: Mapping[str, str] | None = None,
    repeats: str = "refuse",
) -> RatingsFile:
    """Read and check every row.

    levels: the scale, lowest first; numbers or names. Without it, whole numbers in the file are taken as the scale
    from lowest to highest, and a note says so. repeats: "refuse", "first" or "last", for a rater who scored the same
    thing more than once under the same condition.

    Raises:
        InputRefused, RowsRefused: as `read_csv`; rows that cannot be read, by line and column; names without levels.
    """
    table = read_csv(path.read_bytes(), source=path.name, needed=NEEDED, optional=OPTIONAL, renamed=renamed)
    scale = _scale(table, levels)
    faults: list[Fault] = []
    read = [_rating(row.line, row.cells, scale, faults) for row in table.rows]
    if faults:
        raise RowsRefused(table.source, faults)
    kept, notes = _without_repeats(table.source, read, repeats)
    if not scale.declared:
        notes.insert(
            0,
            f"The levels {', '.join(scale.labels)} were read off the file. If the scale has others that nobody gave, "
            "say so with --levels: chance agreement depends on it.",
        )
    return RatingsFile(
        source=table.source,
        ratings=tuple(kept),
        scale=scale,
        left_alone=table.left_alone,
        has_time=any(rating.at for rating in kept),
        has_protocol=any(rating.condition for rating in kept),
        notes=tuple(notes),
    )


def _scale(table: CsvTable, levels: Sequence[str] | None) -> Scale:
    if levels is not None:
        labels = [level.strip() for level in levels if level.strip()]
        if len(labels) < 2 or len({label.lower() for label in labels}) < len(labels):
            raise InputRefused(
                "ratings.levels",
                f"{', '.join(labels) or 'Nothing'} is not a scale.",
                "Give two or more different levels.",
            )
        numbers = [_number(label) for label in labels]
        known = [number for number in numbers if number is not None]
        if len(known) == len(labels):
            order = np.argsort(known)
            return Scale(
                labels=tuple(labels[i] for i in order), values=tuple(float(known[i]) for i in order), declared=True
            )
        return Scale(labels=tuple(labels), values=tuple(float(i + 1) for i in range(len(labels))), declared=True)
    given = dict.fromkeys(row.cells["score"] for row in table.rows if not _empty(row.cells["score"]))
    values = [_number(cell) for cell in given]
    numbers_only = [value for value in values if value is not None]
    if not numbers_only or len(numbers_only) < len(values) or any(value % 1 for value in numbers_only):
        found = ", ".join(list(given)[:_MOST_INFERRED])
        raise InputRefused(
            "ratings.levels",
            f"{table.source}: the scores are not all whole numbers ({found}), so their order is not known.",
            "Say the scale from low to high, for example --levels low,middle,high.",
        )
    low, high = int(min(numbers_only)), int(max(numbers_only))
    if high - low + 1 > _MOST_INFERRED or high == low:
        raise InputRefused(
            "ratings.levels",
            f"{table.source}: the scores run from {low} to {high}, which does not tell the scale.",
            "Say it with --levels, for example --levels 1,2,3,4.",
        )
    steps = range(low, high + 1)
    return Scale(labels=tuple(str(step) for step in steps), values=tuple(float(step) for step in steps), declared=False)


def _rating(line: int, cells: Mapping[str, str], scale: Scale, faults: list[Fault]) -> Rating:
    names = ("submission", "criterion", "rater")
    faults.extend(Fault(line=line, column=column, text="is empty") for column in names if not cells[column])
    score = cells["score"]
    abstained = score.lower() in _ABSTAINED
    return Rating(
        line=line,
        submission=cells["submission"],
        criterion=cells["criterion"],
        rater=cells["rater"],
        score=None if abstained or _empty(score) else _level(line, score, scale, faults),
        abstained=abstained,
        at=_time(line, cells.get("time", ""), faults),
        condition=_condition(line, cells, faults),
        minutes=_optional_number(line, "minutes", cells, faults),
        machine=_optional_number(line, "machine", cells, faults),
    )


def _level(line: int, score: str, scale: Scale, faults: list[Fault]) -> float | None:
    for label, value in zip(scale.labels, scale.values, strict=True):
        if score.lower() == label.lower():
            return value
    number = _number(score)
    if number is not None and number in scale.values and all(_number(label) is not None for label in scale.labels):
        return number
    faults.append(Fault(line=line, column="score", text=f"“{score}” is not a level ({', '.join(scale.labels)})"))
    return None


def _time(line: int, text: str, faults: list[Fault]) -> datetime | None:
    if text.lower() in MISSING:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        faults.append(
            Fault(line=line, column="time", text=f"“{text}” is not a date such as 2025-03-31 or 2025-03-31T14:05")
        )
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _condition(line: int, cells: Mapping[str, str], faults: list[Fault]) -> Condition | None:
    name, phase = cells.get("protocol", "").lower().replace(" ", "_"), cells.get("phase", "").lower()
    if name in MISSING:
        return None
    if name == "blind_then_reveal":
        if phase in {"blind", "revealed"}:
            return Condition(phase)
        text = "“blind_then_reveal” does not tell before from after the reveal; write blind or revealed"
        faults.append(Fault(line=line, column="protocol", text=text))
        return None
    try:
        return Condition(name)
    except ValueError:
        known = ", ".join(Condition)
        faults.append(Fault(line=line, column="protocol", text=f"“{name}” is not one of {known}"))
        return None


def _optional_number(line: int, column: str, cells: Mapping[str, str], faults: list[Fault]) -> float | None:
    text = cells.get(column, "")
    if _empty(text):
        return None
    number = _number(text)
    if number is None:
        faults.append(Fault(line=line, column=column, text=f"“{text}” is not a number"))
    return number


def _without_repeats(source: str, ratings: list[Rating], repeats: str) -> tuple[list[Rating], list[str]]:
    seen: dict[tuple[object, ...], Rating] = {}
    again: list[tuple[Rating, Rating]] = []
    for rating in ratings:
        key = (rating.submission, rating.criterion, rating.rater, rating.condition)
        if key in seen:
            again.append((seen[key], rating))
            if repeats == "last":
                seen[key] = rating
        else:
            seen[key] = rating
    if again and repeats == "refuse":
        raise RowsRefused(
            source,
            [
                Fault(
                    line=second.line,
                    column="rater",
                    text=f"{second.rater} scored {second.criterion} of {second.submission} on line {first.line} "
                    "already; keep one, or say --repeats first or last",
                )
                for first, second in again
            ],
        )
    notes = [f"{len(again)} repeated scores: the {repeats} of each counts."] if again else []
    return list(seen.values()), notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows agreement is computed on, and in words what the others are."""

    ratings: tuple[Rating, ...]
    set_aside: tuple[str, ...]
    with_suggestions: bool  # no untouched score was there, so assisted ones had to do


def select(ratings: Iterable[Rating]) -> Selection:
    """Scores no suggestion has touched where there are any, else assisted ones; never revealed or adjudicated ones."""
    given = tuple(ratings)
    by_condition: dict[Condition | None, list[Rating]] = {}
    for rating in given:
        by_condition.setdefault(rating.condition, []).append(rating)
    untouched = [r for r in given if r.condition is None or r.condition in UNTOUCHED]
    assisted = by_condition.get(Condition.ASSISTED, [])
    chosen = untouched or assisted
    aside = []
    if untouched and assisted:
        aside.append(f"{len(assisted)} scores given with suggestions in view are compared in a section of their own.")
    if n := len(by_condition.get(Condition.REVEALED, [])):
        aside.append(f"{n} scores given after a reveal repeat a blind score of the same rater and are set aside.")
    if n := len(by_condition.get(Condition.ADJUDICATED, [])):
        aside.append(f"{n} adjudicated levels are settlements, not a rater's own, and are set aside.")
    if n := sum(r.score is None and not r.abstained for r in chosen):
        aside.append(f"{n} rows have no score and count as missing.")
    if n := sum(r.abstained for r in chosen):
        aside.append(f"{n} rows say “cannot tell” and count as missing.")
    return Selection(ratings=tuple(chosen), set_aside=tuple(aside), with_suggestions=bool(assisted) and not untouched)


def as_array(
    ratings: Iterable[Rating], *, submissions: Sequence[str], raters: Sequence[str], criteria: Sequence[str]
) -> Floats:
    """Scores of shape (n_submissions, n_raters, n_criteria), NaN where missing."""
    row, column, item = ({name: i for i, name in enumerate(names)} for names in (submissions, raters, criteria))
    found = np.full((len(row), len(column), len(item)), np.nan)
    for rating in ratings:
        if rating.score is not None:
            found[row[rating.submission], column[rating.rater], item[rating.criterion]] = rating.score
    return found


def _empty(text: str) -> bool:
    return text.lower() in MISSING


def _number(text: str) -> float | None:
    try:
        number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
