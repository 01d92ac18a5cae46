"""What the commands show: progress bars on a terminal, plain lines elsewhere, and tables at the end."""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from inference.batch import Item, Outcome, State
from inference.inventory import Check
from inference.media.probe import clock
from inference.page_parts import plural
from inference.pipeline import STAGES
from inference.weights import WeightFile
from model.indicators import Indicator
from model.preannotation import PreAnnotation
from model.rubric import Rubric

_QUOTE = 60  # signs of a quote in a table
_LABELS = {stage.name: stage.label for stage in STAGES}
_STYLES = {
    State.DONE: "green", State.ALREADY: "dim", State.REFUSED: "yellow", State.FAILED: "red",
    "ok": "green", "warning": "yellow", "missing": "red",
}  # fmt: skip


def share_done(stage: str, share: float) -> float:
    """The share of a whole run without playback copy that is behind us, in [0, 1]."""
    wanted = [(s.name, s.share) for s in STAGES if s.name != "playback"]
    before = 0.0
    for name, weight in wanted:
        if name == stage:
            return (before + share * weight) / sum(weight for _, weight in wanted)
        before += weight
    return 0.0


class Bars:
    """Progress bars: one for the recording at hand with the time left, one for the batch."""

    def __init__(self, console: Console, *, total: int) -> None:
        self._bars = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[doing]}", markup=False),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            speed_estimate_period=180,
        )
        self._all = self._bars.add_task("All recordings", total=total, doing="", visible=total > 1)
        self._now = self._bars.add_task("", total=1.0, doing="", visible=False)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._bars.stop()

    def began(self, item: Item) -> None:
        self._bars.reset(self._now, description=item.shown, total=1.0, doing="", visible=True)

    def progress(self, stage: str, share: float) -> None:
        self._bars.update(self._now, completed=share_done(stage, share), doing=_LABELS[stage])

    def ended(self, outcome: Outcome) -> None:
        self._bars.advance(self._all)
        self._bars.update(self._now, visible=False)
        if outcome.state in (State.REFUSED, State.FAILED):
            self._bars.console.print(_verdict(outcome))


class Lines:
    """Plain lines on standard error, for logs and pipes."""

    def __init__(self, *, total: int) -> None:
        self._total = total
        self._number = 0
        self._stage = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        return None

    def began(self, item: Item) -> None:
        self._stage = ""
        click.echo(f"{self._count(1)}{item.shown}", err=True)

    def progress(self, stage: str, share: float) -> None:
        if stage != self._stage:
            self._stage = stage
            click.echo(f"  {_LABELS[stage]}", err=True)

    def ended(self, outcome: Outcome) -> None:
        self._number += 1
        if outcome.state is State.DONE:
            click.echo("  done", err=True)
        else:
            click.echo(f"{self._count(0)}{_verdict(outcome).plain}", err=True)

    def _count(self, ahead: int) -> str:
        return f"[{self._number + ahead}/{self._total}] " if self._total > 1 else ""


def _verdict(outcome: Outcome) -> Text:
    text = Text(outcome.item.shown)
    text.append(f": {outcome.state}", style=_STYLES[outcome.state])
    return text.append(f": {outcome.text}" if outcome.text else "")


def print_one(console: Console, outcome: Outcome) -> None:
    """What was found in one recording, and where it was written."""
    if outcome.made is not None:
        _print_found(console, outcome.made)
    written = [str(target) for _, target in outcome.item.targets if target is not None]
    if outcome.state is State.DONE and written:
        console.print(Text(f"Written: {', '.join(written)}"))


def _print_found(console: Console, made: PreAnnotation) -> None:
    length = f"{clock(made.media.duration)} long, " if made.media.duration is not None else ""
    spoken = plural(len(made.transcript.utterances), "utterance")
    console.print(Text(f"{made.media.name}: {length}{spoken}"))
    for warning in made.media.warnings:
        console.print(Text(f"! {warning.text}", style="yellow"))
    table = Table(box=None, pad_edge=False, show_header=False)
    for indicator in Indicator:
        found = [e for e in made.evidence if e.indicator is indicator]
        table.add_row(Text(indicator.label, style="bold"), plural(len(found), "moment"))
        for evidence in found[:3]:  # they come most useful first
            at = "" if evidence.span.start is None else clock(evidence.span.start)
            table.add_row("", at, Text(_quote(made, evidence.span.utterances[0])))
    console.print(table)


def _quote(made: PreAnnotation, utterance_id: str) -> str:
    text = next(u.text for u in made.transcript.utterances if u.id == utterance_id)
    return f"“{text if len(text) <= _QUOTE else text[: _QUOTE - 1] + '…'}”"


def print_table(console: Console, outcomes: Sequence[Outcome], *, left: int) -> None:
    """One row for each recording of a batch; what was refused or failed with its reason."""
    table = Table(box=None, pad_edge=False)
    for head in ("Recording", "Length", *(indicator.label for indicator in Indicator), "Result"):
        table.add_column(head, overflow="fold")
    for outcome in outcomes:
        made = outcome.made
        length = clock(made.media.duration) if made and made.media.duration is not None else ""
        counts = [str(sum(e.indicator is i for e in made.evidence)) if made else "" for i in Indicator]
        result = Text(outcome.state, style=_STYLES[outcome.state])
        if made and made.media.warnings:
            result.append(f" ({', '.join(w.code.replace('_', ' ') for w in made.media.warnings)})", style="yellow")
        if outcome.text:
            result.append(f": {outcome.text}")
        table.add_row(Text(outcome.item.shown), length, *counts, result)
    console.print(table)
    if left:
        console.print(f"{left} not begun.", style="red")
    folders = sorted({str(t.parent) for o in outcomes if o.state is State.DONE for _, t in o.item.targets if t})
    if folders:
        console.print(Text(f"Written to {', '.join(folders)}"))


def print_models(console: Console, weights: Iterable[WeightFile], rubrics: Iterable[Rubric]) -> None:
    table = Table(box=None, pad_edge=False, title="Weights", title_justify="left", title_style="bold")
    for head in ("For", "Name", "Licence", "SHA-256", "Size", "Comes with"):
        table.add_column(head, overflow="fold")
    for weight in weights:
        size = f"{weight.size / 1e6:.0f} MB" if weight.size else Text("not here", style="red")
        table.add_row(weight.part, weight.name, weight.licence, weight.sha256[:12], size, weight.source)
    console.print(table)
    packs = Table(box=None, pad_edge=False, title="Rubric packs", title_justify="left", title_style="bold")
    for head in ("Id", "Version", "SHA-256", "Title"):
        packs.add_column(head, overflow="fold")
    for rubric in rubrics:
        title = f"{rubric.title}{' (illustrative)' if rubric.illustrative else ''}"
        packs.add_row(rubric.id, rubric.version, rubric.content_hash[:12], title)
    console.print(packs)


def print_checks(console: Console, found: Iterable[Check]) -> list[Check]:
    """Prints each check as it comes; returns them all."""
    marks = {"ok": "✓", "warning": "!", "missing": "✗"}
    shown = []
    for check in found:
        line = Text(f"{marks[check.state]} ", style=_STYLES[check.state])
        console.print(line.append(f"{check.name}: {check.fact}", style="default"), soft_wrap=True)
        if check.remedy:
            console.print(Text(f"  {check.remedy}"), soft_wrap=True)
        shown.append(check)
    return shown
