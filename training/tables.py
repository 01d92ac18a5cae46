"""The figures of `lookfors evaluate` as tables: which stand together, and how they are put on a terminal."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.table import Table

from inference.auxiliary import TASKS
from training.compare import Gains
from training.evaluate import FALSE_FLAGS
from training.scores import Found

LEVELS = ("indicators", "codes")


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are read together, no more than 120 columns hold: each one's key in a report, and its heading."""

    title: str
    headings: Mapping[str, str]


GROUPS = (
    Group(
        "what is flagged",
        {"precision": "precision", "recall": "recall", "f1": "F1", "recall_strong": "recall, strong sessions"},
    ),
    Group(
        "order, agreement and chances",
        {"auprc": "AUPRC", "mcc": "MCC", "kappa": "κ", "debiased_calibration_error": "debiased calibration error"},
    ),
    Group(
        "session by session",
        {
            FALSE_FLAGS: "false flags per 10 min, weak",
            "rate_spearman": "Spearman of rates",
            "precision_at_5": "precision at 5",
            "precision_at_5_ceiling": "of at most",
        },
    ),
)


def tables_of(report: Mapping[str, Any]) -> Iterator[Table]:
    """Every figure of a report on one corpus, what sums it up last; each table fits 120 columns."""
    forms = report.get("forms", {})
    for form, found in forms.items():
        for group in GROUPS:
            title = f"{words(form).capitalize()}: {group.title}"
            table = _table("", "n", *group.headings.values(), title=title)
            for level in LEVELS:
                for name, row in found[level].items():
                    table.add_row(name, str(row["n"]), *(shown(row[key]) for key in group.headings))
                table.add_section()
            yield table
    if forms:
        yield _lost(report["f1_lost"])
        yield _summary(forms)
    for task in TASKS:
        if task in report:
            yield _classes(words(task), report[task])
    if "against" in report:
        yield compared(report["against"]["figures"])


def _lost(lost: Mapping[str, Any]) -> Table:
    table = _table("", *(words(form) for form in lost), title="F1 lost against as written")
    for level in LEVELS:
        for name in next(iter(lost.values()))[level]:
            table.add_row(name, *(shown(found[level][name]) for found in lost.values()))
        table.add_section()
    return table


def _summary(forms: Mapping[str, Any]) -> Table:
    headings = ("macro AUPRC, evidence codes", "false flags per 10 min, weak, three indicators together")
    table = _table("", *headings, title="In all")
    for form, found in forms.items():
        table.add_row(words(form), shown(found["macro_auprc_evidence_codes"]), shown(found[FALSE_FLAGS]))
    return table


def _classes(task: str, found: Mapping[str, Any]) -> Table:
    title = f"{task.capitalize()}\nmacro F1 {shown(found['macro_f1'])}, MCC {shown(found['mcc'])}"
    table = _table("", "n", "F1", "AUPRC", title=title)
    for name, row in found["classes"].items():
        table.add_row(name, str(row["n"]), shown(row["f1"]), shown(row["auprc"]))
    return table


def compared(rows: Gains) -> Table:
    """Two artefacts side by side, from `training.compare`."""
    table = _table("figure", "this one", "the other", "difference", title="Compared; the less the better is marked ↓")
    for name, row in rows.items():
        mark = " ↓" if name.endswith((FALSE_FLAGS, "calibration_error")) else ""
        gain = shown(row["difference"])
        sign = "+" if (row["difference"]["value"] or 0) > 0 else ""
        table.add_row(words(name) + mark, shown(row["ours"]), shown(row["theirs"]), sign + gain)
    return table


def _table(*headings: str, title: str) -> Table:
    return Table(*headings, title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)


def words(name: str) -> str:
    return name.replace("_", " ")


def shown(found: Found | float | None) -> str:
    """An estimate with its interval, a number alone, or a dash where it is undefined."""
    if isinstance(found, float):
        return f"{found:.3f}"
    if found is None or found["value"] is None:
        return "–"
    if found["low"] is None or found["high"] is None:
        return f"{found['value']:.3f}"
    return f"{found['value']:.3f} [{found['low']:.2f}, {found['high']:.2f}]"
