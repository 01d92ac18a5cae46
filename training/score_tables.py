"""Measures and scores from CSV files, as the score model reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.conditions import Condition
from model.errors import InputRefused
from model.formats.csv_table import MISSING, Fault, Row, RowsRefused, read_csv
from model.rubric_pack import load_rubric
from model.scoring import FinalScore, Rule, ScoreTable, raw_signal, rule_from_values, rules_of, score_table
from model.scoring.scores import USABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was read, and in words what was left out."""

    table: ScoreTable
    notes: tuple[str, ...]


def read_given(
    measures: Path,
    scores: Path,
    *,
    levels: Sequence[float],
    uses: Mapping[str, Sequence[str]],
    rubric: Path | None,
    all_blind: bool,
) -> Given:
    """Read both files and lay the machine's raw signal beside every usable score.

    With a rubric the raw signal is the product's own (`model.scoring.rules_of`); otherwise measures are put on a
    common scale by their own median and spread in this file.

    Raises InputRefused for files, columns, rows or levels that cannot be read, and for scores without a protocol
    unless `all_blind` vouches for them.
    """
    values = _measures(measures)
    final, notes = _scores(scores, levels, all_blind)
    if not final:
        raise InputRefused(
            "calibrate.scores",
            f"{scores.name} has no score the machine may learn from.",
            "Only unassisted, blind and adjudicated scores may be used.",
        )
    criteria = tuple(dict.fromkeys(score.criterion for score in final))
    rules = _rules(criteria, values, uses, rubric)
    without = [criterion for criterion in criteria if criterion not in rules]
    if not rules:
        raise InputRefused(
            "calibrate.measures",
            f"No measure speaks for {', '.join(criteria)}.",
            "Name measures like the criteria, or say which to use: --use criterion=measure.",
        )
    if without:
        notes.append(f"No measure speaks for {', '.join(without)}; their scores are not used.")
    raw = _raw(rules, values, len(levels))
    kept = [score for score in final if score.criterion in rules]
    table = score_table(kept, raw, levels=levels, criteria=tuple(c for c in criteria if c in rules))
    if table.without_signal:
        notes.append(f"{table.without_signal} scores are of submissions without measures and are not used.")
    return Given(table=table, notes=tuple(notes))


def _measures(path: Path) -> dict[str, dict[str, float]]:
    """submission -> measure -> value, from the long or the wide form; empty cells are measures that were not had."""
    table = read_csv(path.read_bytes(), source=path.name, needed=("submission",), keep_all=True)
    long = {"measure", "value"} <= set(table.columns)
    found: dict[str, dict[str, float]] = {}
    faults: list[Fault] = []
    for row in table.rows:
        cells = [(row.cells["measure"], row.cells["value"])] if long else list(row.cells.items())
        kept = found.setdefault(row.cells["submission"], {})
        for name, text in cells:
            if name == "submission" or text.lower() in MISSING:
                continue
            if name in kept:
                faults.append(Fault(line=row.line, column=name, text=f"{row.cells['submission']} has it already"))
            value = _number(row.line, "value" if long else name, text, faults)
            if value is not None:
                kept[name] = value
    if faults:
        raise RowsRefused(path.name, faults)
    return found


def _scores(path: Path, levels: Sequence[float], all_blind: bool) -> tuple[list[FinalScore], list[str]]:
    needed = ("submission", "criterion", "rater", "score")
    table = read_csv(path.read_bytes(), source=path.name, needed=needed, optional=("protocol",))
    if "protocol" not in table.columns and not all_blind:
        raise InputRefused(
            "calibrate.protocol",
            f"{path.name} has no column “protocol”, so nothing says that its scores were given blind.",
            "Add it, or vouch for all of them with --all-blind.",
        )
    found, left_out, empty = [], dict.fromkeys(Condition, 0), 0
    faults: list[Fault] = []
    for row in table.rows:
        if row.cells["score"].lower() in MISSING | {"cannot_tell", "cannot tell"}:
            empty += 1
            continue
        value = _number(row.line, "score", row.cells["score"], faults)
        condition = _condition(row.line, row.cells.get("protocol", ""), all_blind, faults)
        if value is not None and value not in levels:
            known = ", ".join(f"{level:g}" for level in levels)
            faults.append(Fault(line=row.line, column="score", text=f"“{value:g}” is not a level ({known})"))
        elif value is not None and condition is not None:
            if condition in USABLE:
                found.append(_final(row, value, condition))
            else:
                left_out[condition] += 1
    if faults:
        raise RowsRefused(path.name, faults)
    notes = [
        f"{n} {name} scores are not used: they say in part what the machine said." for name, n in left_out.items() if n
    ]
    if empty:
        notes.append(f"{empty} rows have no score.")
    return _settled(found, notes), notes


def _final(row: Row, value: float, condition: Condition) -> FinalScore:
    cells = row.cells
    return FinalScore(
        submission=cells["submission"],
        criterion=cells["criterion"],
        rater=cells["rater"],
        value=value,
        condition=condition,
    )


def _settled(found: list[FinalScore], notes: list[str]) -> list[FinalScore]:
    settled = {(score.submission, score.criterion) for score in found if score.condition is Condition.ADJUDICATED}
    kept = [
        score
        for score in found
        if score.condition is Condition.ADJUDICATED or (score.submission, score.criterion) not in settled
    ]
    if len(kept) < len(found):
        notes.append(f"{len(found) - len(kept)} scores were settled by an adjudication, which counts instead.")
    return kept


def _condition(line: int, text: str, all_blind: bool, faults: list[Fault]) -> Condition | None:
    name = text.lower()
    if not name and all_blind:
        return Condition.BLIND
    try:
        return Condition(name)
    except ValueError:
        faults.append(Fault(line=line, column="protocol", text=f"“{text}” is not one of {', '.join(Condition)}"))
        return None


def _number(line: int, column: str, text: str, faults: list[Fault]) -> float | None:
    try:
        return float(text)
    except ValueError:
        faults.append(Fault(line=line, column=column, text=f"“{text}” is not a number"))
        return None


def _rules(
    criteria: Sequence[str],
    values: Mapping[str, Mapping[str, float]],
    uses: Mapping[str, Sequence[str]],
    rubric: Path | None,
) -> dict[str, Rule]:
    if rubric is not None:
        return {rule.criterion: rule for rule in rules_of(load_rubric(rubric)) if rule.criterion in criteria}
    names = {name for row in values.values() for name in row}
    wanted = {criterion: uses.get(criterion, (criterion,) if criterion in names else ()) for criterion in criteria}
    unknown = sorted({name for listed in wanted.values() for name in listed} - names)
    if unknown:
        raise InputRefused("calibrate.measures", f"There is no measure {', '.join(unknown)}.", "Check the spelling.")
    return {
        criterion: rule_from_values(
            criterion, {name: [row[name] for row in values.values() if name in row] for name in listed}
        )
        for criterion, listed in wanted.items()
        if listed
    }


def _raw(
    rules: Mapping[str, Rule], values: Mapping[str, Mapping[str, float]], n_levels: int
) -> dict[tuple[str, str], Sequence[float]]:
    found: dict[tuple[str, str], Sequence[float]] = {}
    for submission, row in values.items():
        for criterion, rule in rules.items():
            p = raw_signal(rule, row, n_levels=n_levels, duration_s=row.get("duration_s")).p
            if p is not None:
                found[submission, criterion] = p
    return found
