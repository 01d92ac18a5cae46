"""`lookfors agreement-evidence`: how far marks on timelines agree, and what an audit says was missed."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from api.agreement.cli import renaming
from api.agreement.words import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.agreement import EvidenceAgreement, Gamma, Missed, Timeline

FORMAT = "lookfors.agreement-evidence/1"
_TOLERANCES_SHOWN = (0, 2, 5, 10)


@click.command(name="agreement-evidence")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--reference", help="The rater held to be right; with --other, precision and recall are told apart.")
@click.option("--other", help="The rater or machine compared with it.")
@click.option("--duration", type=click.FloatRange(min=0, min_open=True), help="Length of every recording, seconds.")
@click.option("--overlap", type=click.FloatRange(0, 1), default=0.5, show_default=True, help="Temporal IoU of a match.")
@click.option("--audit", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV of audit windows.")
@click.option("--gamma", "with_gamma", is_flag=True, help="Also γ (slower; needs the extra “spans”).")
@click.option("--column", "renamed", multiple=True, callback=renaming, metavar="NAME=HEADER", help="A header's name.")
@click.option("--json", "json_out", type=click.Path(dir_okay=False, path_type=Path), help="Write every figure here.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same intervals.")
def agreement_evidence(
    file: Path,
    reference: str | None,
    other: str | None,
    duration: float | None,
    overlap: float,
    audit: Path | None,
    renamed: dict[str, str],
    json_out: Path | None,
    seed: int,
    *,
    with_gamma: bool,
) -> None:
    """How far marks on timelines agree.

    FILE has one row per mark with the columns submission, rater (or source), indicator, start and end in seconds, and
    optionally duration. A row with a submission and rater alone says that they watched and marked nothing.
    """
    from api.agreement.timelines_file import flagged_counts, read_audit, read_timelines  # noqa: PLC0415
    from model.agreement import evidence_agreement, missed_moments  # noqa: PLC0415

    if (reference is None) != (other is None):
        raise click.UsageError("Give --reference and --other together, or neither to pool all pairs of raters.")
    given = read_timelines(file, duration_s=duration, renamed=renamed)
    for name in (reference, other):
        if name is not None and name not in given.raters:
            raise click.BadParameter(f"The file has no rater “{name}”. It has {', '.join(given.raters)}.")
    found = evidence_agreement(given.timelines, reference=reference, other=other, overlap=overlap, seed=seed)
    console = Console()
    for note in given.notes:
        console.print(f"- {note}", highlight=False)
    console.print(_matches(found))
    console.print(_reading(found[0]), highlight=False)
    console.print(_tolerance(found))
    gammas = _compute_gammas(given.timelines, [one.indicator for one in found], seed) if with_gamma else []
    if gammas:
        console.print(_gammas(gammas))
    missed: tuple[Missed, ...] = ()
    if audit:
        missed = missed_moments(read_audit(audit), flagged=flagged_counts(given, other or "machine"))
        console.print(_missed(missed))
    if json_out:
        parts = {"agreement": found, "gamma": gammas, "missed": missed}
        document = {"format": FORMAT, "source": given.source, "notes": list(given.notes)}
        document |= {name: [asdict(one) for one in rows] for name, rows in parts.items()}  # type: ignore[call-overload]
        json_out.write_text(json.dumps(document, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        Console(stderr=True).print(f"Wrote {json_out}", highlight=False)


def _compute_gammas(timelines: "Sequence[Timeline]", indicators: "Sequence[str | None]", seed: int) -> "list[Gamma]":
    from model.agreement import gamma_agreement  # noqa: PLC0415

    found = []
    with Progress(console=Console(stderr=True), transient=True) as bar:
        for indicator in indicators:
            task = bar.add_task(f"γ, {_name(indicator)}", total=1.0)
            found.append(
                gamma_agreement(
                    timelines,
                    indicator=indicator,
                    seed=seed,
                    progress=lambda share, task=task: bar.update(task, completed=share),  # type: ignore[misc]
                )
            )
            bar.update(task, completed=1.0)
    return found


def _name(indicator: str | None) -> str:
    return "all marks" if indicator is None else indicator.replace("_", " ")


def _figure(value: float | None, low: float | None = None, high: float | None = None) -> str:
    bounds = "" if low is None or high is None else f"\n[{number(low)}, {number(high)}]"
    return number(value) + bounds


def _table(title: str, heads: tuple[str, ...], caption: str = "") -> Table:
    table = Table(title=title, title_justify="left", caption=caption or None, caption_justify="left")
    for place, head in enumerate(heads):
        table.add_column(head, justify="right" if place else "left", overflow="fold")
    return table


def _matches(found: "tuple[EvidenceAgreement, ...]") -> Table:
    one = found[0]
    directed = one.reference is not None
    who = f"{one.reference} (reference) and {one.other}" if directed else "all pairs of raters"
    heads = ("", "marks", "matched", *(("precision", "recall") if directed else ()), "F1", "κ of time")
    caption = f"Matched: at least {one.overlap:g} of the time either covers is shared. {one.method}"
    table = _table(f"Evidence · {who} · {one.n_submissions} submissions", heads, caption)
    for row in found:
        shares = (row.precision, row.recall, row.f1) if directed else (row.f1,)
        table.add_row(
            _name(row.indicator),
            f"{row.n_reference}\n+ {row.n_other}",
            str(row.n_matched),
            *(_figure(share.value, share.low, share.high) for share in shares),
            _figure(row.kappa_continuous.value, row.kappa_continuous.low, row.kappa_continuous.high),
        )
    return table


def _reading(one: "EvidenceAgreement") -> str:
    if one.f1.value is None:
        return one.reason or one.f1.reason or ""
    within = next(point for point in one.curve if point.tolerance_s == 5)
    said = (
        f"Of all marks of a pair, {one.f1.value:.0%} find their match by overlap, {within.f1.value or 0:.0%} if starts "
        "may lie 5 seconds apart."
    )
    if one.reference is not None and one.recall.value is not None and one.precision.value is not None:
        said += (
            f" {one.other} finds {one.recall.value:.0%} of what {one.reference} marked; {one.precision.value:.0%} of "
            f"{one.other}'s marks are among {one.reference}'s."
        )
    return said + " There is no agreed cut-off for these figures."


def _tolerance(found: "tuple[EvidenceAgreement, ...]") -> Table:
    table = _table("F1 when starts may lie so many seconds apart", ("", *(f"{t} s" for t in _TOLERANCES_SHOWN)))
    for row in found:
        points = {point.tolerance_s: point.f1.value for point in row.curve}
        table.add_row(_name(row.indicator), *(_figure(points.get(t)) for t in _TOLERANCES_SHOWN))
    return table


def _gammas(found: "list[Gamma]") -> Table:
    table = _table("γ, place and kind of marks together", ("", "γ", "submissions", "left out"), found[0].method)
    for row in found:
        value = _figure(row.value, row.low, row.high)
        table.add_row(_name(row.indicator), value, str(row.n_submissions), str(row.n_left_out))
    return table


def _missed(found: "tuple[Missed, ...]") -> Table:
    caption = "Estimated from audit windows with known chances of being drawn (Horvitz-Thompson)."
    table = _table(
        "What was not pointed at", ("", "windows", "found", "missed in all", "an hour", "share missed"), caption
    )
    for row in found:
        table.add_row(
            row.indicator,
            str(row.n_windows),
            str(row.n_found),
            row.reason or _count(row.total, row.total_low, row.total_high),
            _count(row.per_hour, row.per_hour_low, row.per_hour_high),
            _figure(row.share, row.share_low, row.share_high),
        )
    return table


def _count(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.1f}" if low is None or high is None else f"{value:.1f}\n[{low:.1f}, {high:.1f}]"
