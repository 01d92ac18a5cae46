"""Anyone's CSV: delimiter and encoding found, columns by name in any order; bad rows named, none dropped."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.errors import InputRefused

_DELIMITERS = ",;\t|"
_SHOWN = 20  # faults listed before "and n more"
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "-"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong, where a person can find it: line as a text editor counts, column by its header."""

    line: int
    column: str
    text: str


class RowsRefused(InputRefused):
    """Rows that cannot be read; all of them in `faults`, the first in the fact."""

    def __init__(self, source: str, faults: Sequence[Fault]) -> None:
        shown = [f"line {x.line}, column {x.column}: {x.text}" for x in faults[:_SHOWN]]
        more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        super().__init__(
            "table.rows",
            f"{source}: {len(faults)} {'row' if len(faults) == 1 else 'rows'} cannot be read:\n  "
            + "\n  ".join(shown)
            + more
            + "\n",
            "Correct them and run again; nothing was left out silently.",
        )
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record: the line it starts on, and its cells by column, stripped."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvTable:
    """The wanted columns of a file. `left_alone` are columns of the file that were not asked for."""

    source: str
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    left_alone: tuple[str, ...]
    delimiter: str


def read_csv(
    content: bytes,
    *,
    source: str,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
    keep_all: bool = False,
) -> CsvTable:
    """Read a table.

    source: the file's name, for errors. needed, optional: names of columns; `renamed` maps them to headers in the file
    where those differ. Headers are compared without regard to case, spaces and underscores. keep_all: the other
    columns too, under their own headers.

    Raises:
        InputRefused: not text, no header, a needed column missing (naming those there are), or no rows.
        RowsRefused: rows with more or fewer cells than the header.
    """
    text = _text(content, source)
    delimiter = _delimiter(text)
    records = _records(text, delimiter)
    try:
        first = next(records)
    except StopIteration:
        raise InputRefused("table.empty", f"{source} is empty.", f"It needs the columns {_listed(needed)}.") from None
    except csv.Error as fault:
        raise InputRefused("table.csv", f"{source} is not a CSV: {fault}.", "Export it anew as CSV.") from fault
    header = [name.strip() for name in first[1]]
    places = _places(source, header, needed, optional, renamed or {})
    if keep_all:
        places |= {name: place for place, name in enumerate(header) if name and place not in places.values()}
    rows, faults = [], []
    try:
        for line, cells in records:
            if not any(cell.strip() for cell in cells):
                continue  # a blank line is no record
            if len(cells) != len(header):
                faults.append(Fault(line=line, column="all", text=f"{len(cells)} cells, the header has {len(header)}"))
                continue
            rows.append(Row(line=line, cells={name: cells[place].strip() for name, place in places.items()}))
    except csv.Error as fault:
        raise InputRefused("table.csv", f"{source} breaks off: {fault}.", "Export it anew as CSV.") from fault
    if faults:
        raise RowsRefused(source, faults)
    if not rows:
        raise InputRefused("table.empty", f"{source} has a header and no rows.", "Give at least one row.")
    return CsvTable(
        source=source,
        rows=tuple(rows),
        columns=tuple(places),
        left_alone=tuple(name for place, name in enumerate(header) if place not in places.values()),
        delimiter=delimiter,
    )


def _text(content: bytes, source: str) -> str:
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    if encoding == "utf-8-sig" and b"\x00" in content[:4096]:
        raise InputRefused(
            "table.binary", f"{source} is not a text file.", "Save the table as CSV (UTF-8), not as a workbook."
        )
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")  # what spreadsheets on Windows write


def _delimiter(text: str) -> str:
    """The candidate that splits the header into most cells; the header alone, because notes may hold any of them."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    counts = {candidate: len(next(csv.reader([header], delimiter=candidate), [])) for candidate in _DELIMITERS}
    return max(_DELIMITERS, key=lambda candidate: counts[candidate])


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the line each starts on; a quoted cell may run over several lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    start = 1
    for cells in reader:
        yield start, cells
        start = reader.line_num + 1


def _places(
    source: str, header: Sequence[str], needed: Sequence[str], optional: Sequence[str], renamed: Mapping[str, str]
) -> dict[str, int]:
    keys = [_key(name) for name in header]
    doubled = sorted({name for name in header if keys.count(_key(name)) > 1 and name})
    places = {}
    for name in (*needed, *optional):
        wanted = _key(renamed.get(name, name))
        if wanted in keys:
            if keys.count(wanted) > 1:
                raise InputRefused(
                    "table.columns", f"{source} has the column {_listed(doubled)} twice.", "Rename or remove one."
                )
            places[name] = keys.index(wanted)
    missing = [renamed.get(name, name) for name in needed if name not in places]
    if missing:
        raise InputRefused(
            "table.columns",
            f"{source} has no column {_listed(missing)}. Its columns are {_listed(header)}.",
            f"Rename a column, or say which is meant, for example --column {needed[0]}=HEADER.",
        )
    return places


def _key(name: str) -> str:
    return "".join(name.lower().split()).replace("_", "").replace("-", "")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
