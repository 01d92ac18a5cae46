"""`lookfors train` and `lookfors evaluate`."""

import time
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from inference.artefact import SHIPPED
from model.errors import InputRefused
from training.corpora.dialogues import OWN
from training.run import train_tagger

INPUT_REFUSED = 3


@click.command()
@click.option("--out", type=click.Path(path_type=Path), default=SHIPPED, help="Folder to write the tagger to.")
@click.option("--dialogues", type=click.Path(path_type=Path), default=OWN, help="Folder with train/ and seeds/.")
@click.option("--seed", type=int, default=20, show_default=True)
@click.option("--force", is_flag=True, help="Write even over an artefact that did better.")
def train(out: Path, dialogues: Path, seed: int, *, force: bool) -> None:
    """Train the tagger from dialogues."""
    console = Console(stderr=True)
    started = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    try:
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("Reading", total=1.0)
            found = train_tagger(
                out,
                dialogues=dialogues,
                seed=seed,
                force=force,
                say=lambda what, share: bar.update(task, description=what, completed=share),
            )
    except InputRefused as refusal:
        console.print(f"[red]{refusal}")
        raise SystemExit(INPUT_REFUSED) from refusal
    table = Table("indicator", "n", "AUPRC", "precision", "recall", "F1", title="Cross-validated by dialogue")
    for name, row in found["indicators"].items():
        table.add_row(name, str(row["n"]), *(f"{row[k] or 0:.3f}" for k in ("auprc", "precision", "recall", "f1")))
    console.print(table)
    console.print(f"Wrote {out} in {time.monotonic() - started:.0f} s.")
