"""`lookfors agreement`: agreement between raters from anyone's table. No installation and no database behind it."""

import json
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress


def renaming(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """`--column rater=coder` as {"rater": "coder"}."""
    found = {}
    for pair in given:
        name, sign, header = pair.partition("=")
        if not sign or not name.strip() or not header.strip():
            raise click.BadParameter(f"{pair!r} is not NAME=HEADER, such as rater=coder.")
        found[name.strip()] = header.strip()
    return found


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--levels", help="The scale from low to high, with commas: 1,2,3,4 or low,middle,high.")
@click.option("--criterion", "criteria", multiple=True, help="Only this criterion; may be given again.")
@click.option("--json", "json_out", type=click.Path(dir_okay=False, path_type=Path), help="Write every figure here.")
@click.option("--html", "html_out", type=click.Path(dir_okay=False, path_type=Path), help="Write a report page here.")
@click.option(
    "--column",
    "renamed",
    multiple=True,
    callback=renaming,
    metavar="NAME=HEADER",
    help="The file's header for submission, criterion, rater, score, time, protocol, minutes or machine.",
)
@click.option(
    "--repeats",
    type=click.Choice(["refuse", "first", "last"]),
    default="refuse",
    show_default=True,
    help="When a rater scored the same thing twice.",
)
@click.option("--like-these", is_flag=True, help="Intervals for raters like these, not for these very raters.")
@click.option("--resamples", type=click.IntRange(100), default=2000, show_default=True, help="Of the bootstrap.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same intervals.")
@click.option("--quiet", is_flag=True, help="Write files, show nothing.")
def agreement(
    file: Path,
    levels: str | None,
    criteria: tuple[str, ...],
    json_out: Path | None,
    html_out: Path | None,
    renamed: dict[str, str],
    repeats: str,
    *,
    like_these: bool,
    resamples: int,
    seed: int,
    quiet: bool,
) -> None:
    """Inter-rater agreement from a CSV of ratings.

    FILE has one row per score with the columns submission, criterion, rater and score; time, protocol (unassisted,
    blind, revealed, assisted, adjudicated), minutes and machine are read where they are. Other columns are left alone.
    """
    # Imported here so that --help does not wait for numerical libraries.
    from api.agreement.document import to_document  # noqa: PLC0415
    from api.agreement.page import render  # noqa: PLC0415
    from api.agreement.ratings_file import read_ratings_file  # noqa: PLC0415
    from api.agreement.study import study  # noqa: PLC0415
    from api.agreement.terminal import show  # noqa: PLC0415

    console = Console(stderr=True)
    scale = None if levels is None else levels.split(",")
    ratings = read_ratings_file(file, levels=scale, renamed=renamed, repeats=repeats)
    with Progress(console=console, transient=True, disable=quiet) as bar:
        task = bar.add_task("Computing", total=1.0)
        found = study(
            ratings,
            criteria=criteria,
            estimand="raters like these" if like_these else "these raters",
            resamples=resamples,
            seed=seed,
            progress=lambda what, share: bar.update(task, description=what, completed=share),
        )
    if not quiet:
        show(found, Console())
    if json_out:
        text = json.dumps(to_document(found), indent=1, ensure_ascii=False, allow_nan=False)
        json_out.write_text(text + "\n", encoding="utf-8")
    if html_out:
        html_out.write_text(render(found), encoding="utf-8")
    for path in (json_out, html_out):
        if path and not quiet:
            console.print(f"Wrote {path}", highlight=False)
