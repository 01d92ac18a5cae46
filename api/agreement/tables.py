"""Tables of figures, and their CSV: numbers whole, gaps empty, one header row."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

from api.agreement.schemas import Cell, ColumnRead, Kind, TableId, TableRead

Columns = Sequence[tuple[str, str, Kind]]  # id, label, kind


def table(table_id: TableId, caption: str, columns: Columns, rows: Iterable[Sequence[Cell]]) -> TableRead:
    """NaN and infinity become gaps, as everywhere."""
    return TableRead(
        id=table_id,
        caption=caption,
        columns=[ColumnRead(id=id_, label=label, kind=kind) for id_, label, kind in columns],
        rows=[[_finite(cell) for cell in row] for row in rows],
    )


def _finite(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def to_csv(found: TableRead) -> str:
    """RFC 4180. A text that a spreadsheet would run as a formula is kept from that by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.id for column in found.columns])
    writer.writerows([_written(cell) for cell in row] for row in found.rows)
    return out.getvalue()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(round(cell, 10))
    text = str(cell)
    return f"'{text}" if isinstance(cell, str) and text[:1] in "=+-@\t\r" else text
