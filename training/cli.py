"""`lookfors train` and `lookfors evaluate`."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import torch
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from inference.artefact import SHIPPED, read_manifest
from inference.auxiliary import HOME, read_auxiliary_manifest
from inference.role_model import SHIPPED as SHIPPED_ROLES
from model.errors import InputRefused
from training.cards import write_auxiliary_card, write_model_card
from training.corpora.decisions import read_decisions
from training.corpora.dialogues import OWN
from training.fit import FOLDS
from training.fit_conversation import Recipe
from training.judge import CORPORA, compare_artefacts, judge_artefact
from training.recalibrate import Moved, recalibrate
from training.refit import Refitted, refit
from training.run import Plan, train_tagger
from training.tables import compared, tables_of

INPUT_REFUSED = 3
_PATH = click.Path(path_type=Path)


@click.command()
@click.option("--out", type=_PATH, help="Folder to write the tagger to (default: the shipped one).")
@click.option("--dialogues", type=_PATH, default=OWN, help="Folder with train/ and seeds/ (default: our own).")
@click.option(
    "--data",
    type=_PATH,
    help="Folder of outside corpora (talkmoves/ and others): adds half an hour.",
)
@click.option("--decisions", type=_PATH, help="Reviewers' decisions exported from a running Lookfors (JSON).")
@click.option("--recalibrate", "to_recalibrate", type=_PATH, help="Only move this tagger's calibration to --decisions.")
@click.option("--refit", "to_refit", type=_PATH, help="Refit this tagger's heads to --decisions: minutes.")
@click.option("--epochs", type=click.IntRange(1, 50), default=Recipe().epochs, show_default=True)
@click.option("--folds", type=click.IntRange(2, 10), default=FOLDS, show_default=True, help="Cross-validation folds.")
@click.option("--seed", type=int, default=20, show_default=True)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--frozen-only", is_flag=True, help="Of the tagger only the heads: a few minutes instead of many.")
@click.option("--force", is_flag=True, help="Write even over an artefact that did better, or a refit without gain.")
def train(
    out: Path | None,
    dialogues: Path,
    data: Path | None,
    decisions: Path | None,
    to_recalibrate: Path | None,
    to_refit: Path | None,
    epochs: int,
    folds: int,
    seed: int,
    threads: int,
    *,
    frozen_only: bool,
    force: bool,
) -> None:
    """Train the tagger from dialogues and reviewers' decisions, and from outside corpora what judges their schemes.

    Without --out it replaces what ships; with --data, which voice leads is then learnt anew, too.
    --recalibrate and --refit start from a tagger there is, which stays as it is: they need --decisions, and --out to
    say where to. --refit reads the dialogues again; give it those the tagger was trained on.
    """
    console = Console(stderr=True)
    torch.set_num_threads(threads)
    if to_recalibrate or to_refit:
        if to_recalibrate and to_refit:
            raise click.UsageError("--recalibrate and --refit exclude each other; --refit moves the calibration, too.")
        if not decisions or not out:
            raise click.UsageError(
                f"{'--refit' if to_refit else '--recalibrate'} needs --decisions FILE and --out FOLDER."
            )
        with _refusals(console), _progress(console) as say:
            sessions = read_decisions(decisions)
            if to_refit:
                _say_refitted(console, refit(to_refit, out, dialogues, sessions, seed=seed, force=force, say=say))
            elif to_recalibrate:
                _say_moved(console, recalibrate(to_recalibrate, out, sessions))
        console.print(f"Wrote {out}.")
        return
    plan = Plan(
        dialogues=dialogues,
        data=data,
        decisions=decisions,
        seed=seed,
        folds=folds,
        recipe=Recipe(epochs=epochs, seed=seed),
        frozen_only=frozen_only,
        roles=None if out else SHIPPED_ROLES,
    )
    started = time.monotonic()
    with _refusals(console), _progress(console) as say:
        found = train_tagger(out or SHIPPED, plan, force=force, say=say)
    table = Table(
        "indicator", "n", "AUPRC", "precision", "recall", "F1", title="Cross-validated on dialogues of other hands"
    )
    for name, row in found["indicators"].items():
        table.add_row(name, str(row["n"]), *(f"{row[k] or 0:.3f}" for k in ("auprc", "precision", "recall", "f1")))
    console.print(table)
    console.print(f"Wrote {out or SHIPPED} in {time.monotonic() - started:.0f} s.")


def _say_refitted(console: Console, found: Refitted) -> None:
    if found.present is not None and found.refitted is not None:
        console.print(
            f"Log loss of {found.decisions} decisions, by heads that learnt nothing of their educators: "
            f"{found.refitted:.4f}; by the tagger as it was: {found.present:.4f}."
        )
    _say_moved(console, found.moved)


def _say_moved(console: Console, moved: Moved) -> None:
    for name, n in moved.used.items():
        console.print(f"Moved the calibration of {name} to {n} decisions.")
    for name, why in moved.left.items():
        console.print(f"Left the calibration of {name} as it was: {why}.")


@click.command()
@click.argument("artefact", type=_PATH, default=SHIPPED)
@click.option("--corpus", type=click.Choice(CORPORA), default="dialogues", show_default=True)
@click.option("--data", type=_PATH, help="File or folder of the corpus (default: our own test dialogues).")
@click.option("--json", "json_out", type=_PATH, help="Write the whole report here.")
@click.option("--svg", "svg_out", type=_PATH, help="Write the reliability curves here (dialogues only).")
@click.option("--against", type=_PATH, help="Another artefact: say where the two differ on what taught neither.")
@click.option("--card", is_flag=True, help="Put the figures into the artefact's model card.")
@click.option("--draws", type=click.IntRange(20, 5000), default=200, show_default=True)
@click.option("--seed", type=int, default=20, show_default=True)
def evaluate(
    artefact: Path,
    corpus: str,
    data: Path | None,
    json_out: Path | None,
    svg_out: Path | None,
    against: Path | None,
    draws: int,
    seed: int,
    *,
    card: bool,
) -> None:
    """Judge a tagger on a corpus it has not seen; every figure with a 95 % interval."""
    console = Console(stderr=True)
    with _refusals(console), _progress(console) as say:
        path = data or _own_test(corpus)
        report = judge_artefact(artefact, corpus, path, draws=draws, seed=seed, svg=svg_out, other=against, say=say)
        if against:
            report["against"] = compare_artefacts(artefact, against, corpus, path, draws=draws, seed=seed, say=say)
    if json_out:
        _write_json(json_out, report)
    if card:
        console.print(f"Card: {_write_card(artefact, report)}")
    out = _told()
    for table in tables_of(report):
        out.print(table)
    out.print(f"Left out, since they taught it: {report['left_out_as_seen']}. Intervals: {report['interval']}.")
    if "note" in report:
        out.print(report["note"])


@click.command()
@click.argument("first", type=_PATH)
@click.argument("second", type=_PATH)
@click.option("--corpus", type=click.Choice(CORPORA), default="dialogues", show_default=True)
@click.option("--data", type=_PATH, help="File or folder of the corpus (default: our own test dialogues).")
@click.option("--json", "json_out", type=_PATH, help="Write the comparison here.")
@click.option("--draws", type=click.IntRange(20, 5000), default=200, show_default=True)
@click.option("--seed", type=int, default=20, show_default=True)
def compare(
    first: Path, second: Path, corpus: str, data: Path | None, json_out: Path | None, draws: int, seed: int
) -> None:
    """Judge two taggers on the same lines, which taught neither, and say what FIRST gains over SECOND."""
    console = Console(stderr=True)
    with _refusals(console), _progress(console) as say:
        path = data or _own_test(corpus)
        found = compare_artefacts(first, second, corpus, path, draws=draws, seed=seed, say=say)
    if json_out:
        _write_json(json_out, found)
    out = _told()
    out.print(compared(found["figures"]))
    out.print(f"Left out, since they taught one of them: {found['left_out_as_seen']}.")
    if "note" in found:
        out.print(found["note"])


def _write_json(path: Path, document: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _write_card(artefact: Path, report: dict[str, Any]) -> Path:
    if report["corpus"] == "dialogues":
        return write_model_card(artefact, read_manifest(artefact), report)
    folder = artefact / HOME
    return write_auxiliary_card(folder, read_auxiliary_manifest(folder), report)


def _own_test(corpus: str) -> Path:
    if corpus != "dialogues":
        raise InputRefused("corpus.missing", f"The {corpus} corpus is not part of the project.", "Give it with --data.")
    return OWN / "test"


def _told() -> Console:
    """Standard output; where that is no terminal, as wide as the tables of figures."""
    out = Console()
    return out if out.is_terminal else Console(width=120)


@contextmanager
def _refusals(console: Console) -> Iterator[None]:
    try:
        yield
    except InputRefused as refusal:
        console.print(f"[red]{refusal}")
        raise SystemExit(INPUT_REFUSED) from refusal


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[str, float], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    if not console.is_terminal:
        yield _lines(console)
        return
    with Progress(*columns, console=console) as bar:
        tasks: dict[str, Any] = {}

        def say(what: str, share: float) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=1.0)
            bar.update(tasks[what], completed=share)

        yield say


def _lines(console: Console) -> Callable[[str, float], None]:
    """Progress for a file or a pipe: a line for every tenth of a part, with the time."""
    told: dict[str, int] = {}

    def say(what: str, share: float) -> None:
        tenth = int(share * 10)
        if told.get(what) != tenth:
            told[what] = tenth
            console.print(f"{time.strftime('%H:%M:%S')} {what} {tenth * 10} %", highlight=False)

    return say
