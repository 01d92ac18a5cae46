"""`lookfors decisions`: hand reviewers' decisions to the tagger."""

import json
import os
from pathlib import Path

import click

from api.cli import DATA_HELP, settings_with


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help=DATA_HELP)
def decisions(out: Path, data: Path | None) -> None:
    """Write what finished reviews decided to OUT, for `lookfors train --decisions OUT`.

    The file holds the words of the transcripts, though no names and no sound: keep it as you keep the videos.
    """
    from api.decisions.export import export_decisions  # noqa: PLC0415 - loads the database
    from api.storage.session import Database  # noqa: PLC0415
    from api.storage.upgrade import upgrade  # noqa: PLC0415

    settings = settings_with(data)
    upgrade(settings.database)
    database = Database(settings.database, process="command")
    try:
        with database.read() as session:
            found = export_decisions(session)
    finally:
        database.close()
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(found.document, file, ensure_ascii=False, indent=1)
        file.write("\n")
    reviews = len(found.document["sessions"])
    click.echo(f"{found.decisions} decisions of {reviews} finished reviews in {out}.", err=True)
    if found.left_out:
        click.echo(
            f"{found.left_out} moments that reviewers marked themselves are not in it: no utterance of the transcript "
            "lies there, or none shows which kind of moment it is.",
            err=True,
        )
