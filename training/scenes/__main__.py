"""`python -m training.scenes build SCRIPT FOLDER` and `… lengthen REFERENCE OUT --minutes N`."""

from pathlib import Path

import click
from rich.progress import Progress

from training.scenes.build import build
from training.scenes.longer import lengthen


@click.group()
def scenes() -> None:
    """Make scenes: the shipped sample from its script, and submissions of full length out of it."""


@scenes.command("build")
@click.argument("script", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--minutes", type=click.FloatRange(min=1), help="Also make a submission of this length.")
def build_command(script: Path, folder: Path, minutes: float | None) -> None:
    """Speak, draw and write the scene of SCRIPT into FOLDER. Spoken lines are kept and reused."""
    with Progress(transient=True) as bars:
        tasks = {name: bars.add_task(name, total=1.0) for name in ("voices", "picture")}
        film = build(script, folder, progress=lambda name, share: bars.update(tasks[name], completed=share))
    click.echo(f"{film} ({film.stat().st_size / 1e6:.1f} MB)")
    if minutes is not None:
        longer = folder / f"{film.stem}-{minutes:g}min.mp4"
        lengthen(film.with_suffix(".json"), longer, minutes=minutes)
        click.echo(f"{longer} ({longer.stat().st_size / 1e6:.1f} MB)")


@scenes.command("lengthen")
@click.argument("reference", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--minutes", type=click.FloatRange(min=1), default=20.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed gives another order.")
def lengthen_command(reference: Path, out: Path, minutes: float, seed: int) -> None:
    """Make a submission of full length out of a scene that is already made. Needs no voices."""
    lengthen(reference, out, minutes=minutes, seed=seed)
    click.echo(f"{out} ({out.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    scenes()
