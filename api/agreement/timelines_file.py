"""Marks on timelines and audit windows from CSV files, rows checked by line and column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.agreement import AuditWindow, Mark, Timeline
from model.errors import InputRefused
from model.formats.csv_table import MISSING, Fault, Row, RowsRefused, read_csv


@dataclass(frozen=True, slots=True, kw_only=True)
class Timelines:
    """`notes` say how lengths were had; `raters` in order of first appearance."""

    source: str
    timelines: tuple[Timeline, ...]
    raters: tuple[str, ...]
    notes: tuple[str, ...]


def read_timelines(path: Path, *, duration_s: float | None, renamed: Mapping[str, str]) -> Timelines:
    """One row per mark: submission, rater (or `source`), indicator, start, end; optional duration, all in seconds.

    A row without start, end and indicator says that the rater watched and marked nothing.

    Raises InputRefused and RowsRefused as `read_csv`, and for times that are no numbers or end before they start.
    """
    content = path.read_bytes()
    needed = ["submission", "rater", "indicator", "start", "end"]
    names = dict(renamed)
    if "rater" not in names and "rater" not in _header(content) and "source" in _header(content):
        names["rater"] = "source"
    table = read_csv(content, source=path.name, needed=needed, optional=("duration",), renamed=names)
    faults: list[Fault] = []
    marks: dict[str, dict[str, list[Mark]]] = {}
    lengths: dict[str, float] = {}
    for row in table.rows:
        own = marks.setdefault(row.cells["submission"], {}).setdefault(row.cells["rater"], [])
        faults.extend(_empty(row, ("submission", "rater")))
        length = _seconds(row, "duration", faults) if "duration" in table.columns else None
        if length is not None:
            lengths[row.cells["submission"]] = length
        if all(row.cells[name].lower() in MISSING for name in ("indicator", "start", "end")):
            continue
        mark = _mark(row, faults)
        if mark is not None:
            own.append(mark)
    if faults:
        raise RowsRefused(path.name, faults)
    notes = []
    guessed = [name for name in marks if name not in lengths]
    if guessed and duration_s is None:
        notes.append(
            f"{len(guessed)} submissions have no duration; the end of their last mark is taken for it, which makes "
            "agreement on unmarked time look lower. Add a column “duration” or say --duration."
        )
    return Timelines(
        source=path.name,
        timelines=tuple(
            Timeline(
                submission=name,
                duration_s=lengths.get(name) or duration_s or _last_end(by_rater),
                marks={rater: tuple(own) for rater, own in by_rater.items()},
            )
            for name, by_rater in marks.items()
        ),
        raters=tuple(dict.fromkeys(row.cells["rater"] for row in table.rows)),
        notes=tuple(notes),
    )


def _header(content: bytes) -> str:
    return content[:1000].decode("utf-8", errors="replace").splitlines()[0].lower() if content else ""


def _last_end(by_rater: Mapping[str, Sequence[Mark]]) -> float:
    return max((mark.end for own in by_rater.values() for mark in own), default=1.0) or 1.0


def _mark(row: Row, faults: list[Fault]) -> Mark | None:
    before = len(faults)
    faults.extend(_empty(row, ("indicator",)))
    start, end = _seconds(row, "start", faults), _seconds(row, "end", faults)
    for name, value in (("start", start), ("end", end)):
        if value is None and len(faults) == before:
            faults.append(Fault(line=row.line, column=name, text="is empty"))
    if start is None or end is None or len(faults) > before:
        return None
    if end < start:
        faults.append(Fault(line=row.line, column="end", text=f"{end:g} lies before the start, {start:g}"))
        return None
    return Mark(start=start, end=end, indicator=row.cells["indicator"])


def read_audit(path: Path) -> tuple[AuditWindow, ...]:
    """One row per watched window and indicator: submission, indicator, start, end, probability, found."""
    needed = ("submission", "indicator", "start", "end", "probability", "found")
    table = read_csv(path.read_bytes(), source=path.name, needed=needed)
    faults: list[Fault] = []
    windows = []
    for row in table.rows:
        faults.extend(_empty(row, needed))
        start, end, p, found = (_seconds(row, name, faults) for name in needed[2:])
        if start is None or end is None or p is None or found is None:
            continue
        if not 0.0 < p <= 1.0:
            faults.append(Fault(line=row.line, column="probability", text=f"{p:g} is not above 0 and at most 1"))
        if found % 1 or found < 0:
            faults.append(Fault(line=row.line, column="found", text=f"{found:g} is not a count"))
        if end <= start:
            faults.append(Fault(line=row.line, column="end", text=f"{end:g} is not after the start, {start:g}"))
        windows.append(
            AuditWindow(
                submission=row.cells["submission"],
                start=start,
                end=end,
                p=p,
                indicator=row.cells["indicator"],
                missed=int(found),
            )
        )
    if faults:
        raise RowsRefused(path.name, faults)
    return tuple(windows)


def flagged_counts(timelines: Timelines, machine: str) -> dict[str, int]:
    """Marks of the machine per indicator, in the recordings of the file. Raises InputRefused if it marked none."""
    counts: dict[str, int] = {}
    for timeline in timelines.timelines:
        for mark in timeline.marks.get(machine, ()):
            counts[mark.indicator] = counts.get(mark.indicator, 0) + 1
    if not counts:
        raise InputRefused(
            "timelines.machine",
            f"{timelines.source} has no marks by “{machine}”. It has {', '.join(timelines.raters)}.",
            "Name the machine's marks with --other.",
        )
    return counts


def _empty(row: Row, columns: Sequence[str]) -> list[Fault]:
    return [Fault(line=row.line, column=name, text="is empty") for name in columns if not row.cells[name]]


def _seconds(row: Row, column: str, faults: list[Fault]) -> float | None:
    text = row.cells[column]
    if text.lower() in MISSING:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0.0 <= value < float("inf"):
        faults.append(Fault(line=row.line, column=column, text=f"“{text}” is not a number of seconds"))
        return None
    return value
