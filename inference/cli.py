"""`lookfors annotate`, `lookfors models`, `lookfors check`."""

import json
import logging
import sys
import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from inference import batch
from inference.batch import Kind, Outcome, State
from inference.inventory import checks, models_here
from inference.options import DEFAULT, Options
from inference.terminal import Bars, Lines, print_checks, print_models, print_one, print_table
from inference.transcribe import ENGINES
from model.rubric import Rubric
from model.rubric_pack import load_rubric, shipped_rubrics

RESULTS = Path("lookfors-results")
REFUSED, FAILED = 3, 1

_PATH = click.Path(path_type=Path)
_SOURCE = click.Path(exists=True, readable=True, path_type=Path)


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=_SOURCE)
@click.option("--json", "json_out", type=_PATH, metavar="OUT", help="Write the pre-annotation document; - prints it.")
@click.option("--vtt", "vtt_out", type=_PATH, metavar="OUT", help="Write captions (WebVTT) coloured by role.")
@click.option("--html", "html_out", type=_PATH, metavar="OUT", help="Write a self-contained page to read or print.")
@click.option("--eaf", "eaf_out", type=_PATH, metavar="OUT", help="Write an ELAN file.")
@click.option("--engine", type=click.Choice(ENGINES), default=DEFAULT.engine, show_default=True, help="Speech engine.")
@click.option("--model", default=DEFAULT.model, show_default=True, help="Speech model: a name, or a folder or file.")
@click.option("--language", metavar="CODE", help="Language spoken, such as en. Default: found by listening.")
@click.option("--threads", type=click.IntRange(min=1), default=DEFAULT.threads, show_default=True, help="For speech.")
@click.option(
    "--rubric",
    "rubric_names",
    multiple=True,
    metavar="NAME|FILE",
    help="What the video is held to (length, unedited). Repeatable. Default: all shipped packs.",
)
@click.option("--workspace", type=_PATH, metavar="DIR", help="Keep what every stage makes in DIR and go on from it.")
@click.option("--force", is_flag=True, help="Do again what is done already.")
def annotate(
    paths: tuple[Path, ...],
    json_out: Path | None,
    vtt_out: Path | None,
    html_out: Path | None,
    eaf_out: Path | None,
    engine: str,
    model: str,
    language: str | None,
    threads: int,
    rubric_names: tuple[str, ...],
    workspace: Path | None,
    force: bool,
) -> None:
    """Find the moments that bear on a rubric in videos, sound files or transcripts (.vtt, .json).

    A folder is walked, and what is finished in it is not done again. With a folder or several files each OUT is a
    folder; with one file it is a file, and - is standard output. Without any OUT a page and a document are written
    to ./lookfors-results.

    \b
    lookfors annotate session.mp4 --html session.html
    lookfors annotate videos/ --json results/ --html results/
    lookfors annotate transcript.vtt --json -
    """
    named = {Kind.JSON: json_out, Kind.VTT: vtt_out, Kind.HTML: html_out, Kind.EAF: eaf_out}
    outputs = {kind: out for kind, out in named.items() if out is not None}
    options = Options(
        engine=engine,
        model=model,
        language=language,
        threads=threads,
        playback=False,  # nobody plays it here
        rubrics=_rubrics(rubric_names),
    )
    _leave(_annotate(paths, outputs, options=options, workspace=workspace, force=force))


def _annotate(
    paths: Sequence[Path], outputs: dict[Kind, Path], *, options: Options, workspace: Path | None, force: bool
) -> tuple[Outcome, ...]:
    many = len(paths) > 1 or paths[0].is_dir()
    _check_outputs(outputs, many=many)
    wanted = outputs or {Kind.HTML: RESULTS, Kind.JSON: RESULTS}
    _quiet_libraries()
    sources, passed = batch.find_sources(paths)
    items = batch.plan(sources, wanted, into_folders=many or not outputs)
    told = Console(stderr=True)
    _tell_passed(told, passed, found=len(items))
    with Bars(told, total=len(items)) if told.is_terminal else Lines(total=len(items)) as watcher:
        outcomes = batch.run(
            items,
            options=options,
            skip_finished=many and not force,
            fresh=force,
            workspace=workspace,
            watcher=watcher,
            to_stdout=_to_stdout,
        )
    if many:
        print_table(told, outcomes, left=len(items) - len(outcomes))
    else:
        print_one(told, outcomes[0])
    return outcomes


def _check_outputs(outputs: dict[Kind, Path], *, many: bool) -> None:
    printed = [kind for kind, out in outputs.items() if str(out) == "-"]
    if many and printed:
        raise click.UsageError("With a folder or several files the results need a folder; - is for one file.")
    if len(printed) > 1:
        raise click.UsageError("Only one result can go to standard output.")
    for kind, out in outputs.items():
        if many and out.is_file():
            raise click.UsageError(
                f"--{kind} {out}: this is a file; with a folder or several files it must be a folder."
            )


def _rubrics(names: Sequence[str]) -> tuple[Rubric, ...]:
    shipped = {rubric.id: rubric for rubric in shipped_rubrics()}
    if not names:
        return tuple(shipped.values())
    chosen = []
    for name in names:
        if name in shipped:
            chosen.append(shipped[name])
        elif Path(name).is_file():
            chosen.append(load_rubric(Path(name)))
        else:
            raise click.UsageError(
                f"--rubric {name}: no such file, and no shipped pack; these are {', '.join(shipped)}."
            )
    return tuple(chosen)


def _quiet_libraries() -> None:
    """Libraries warn about their own affairs, which would tear the progress bars."""
    warnings.simplefilter("ignore")
    logging.getLogger().setLevel(logging.ERROR)


def _tell_passed(told: Console, passed: Counter[str], *, found: int) -> None:
    if passed:
        kinds = ", ".join(f"{count} × {suffix}" for suffix, count in sorted(passed.items()))
        told.print(f"Passed over, being no recordings: {kinds}.", highlight=False, markup=False)
    if found == 0:
        told.print("No recordings here.", highlight=False)


def _to_stdout(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _leave(outcomes: Sequence[Outcome]) -> None:
    states = {outcome.state for outcome in outcomes}
    if State.FAILED in states:
        debug = click.get_current_context().find_root().meta.get("lookfors.debug")
        failed = next(outcome.error for outcome in outcomes if outcome.state is State.FAILED)
        if debug and failed is not None:
            raise failed
        sys.exit(FAILED)
    if State.REFUSED in states:
        sys.exit(REFUSED)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON, with whole hashes and paths.")
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """Show which weights are here, their licences and hashes, and the rubrics that come along."""
    if context.invoked_subcommand:
        return
    weights, rubrics = models_here(), shipped_rubrics()
    if not as_json:
        print_models(Console(), weights, rubrics)
        return
    document = {
        "weights": [
            {
                "part": w.part,
                "name": w.name,
                "licence": w.licence,
                "sha256": w.sha256,
                "source": w.source,
                "path": str(w.path) if w.path else None,
                "size": w.size,
            }
            for w in weights
        ],
        "rubrics": [{"id": r.id, "version": r.version, "sha256": r.content_hash, "title": r.title} for r in rubrics],
    }
    click.echo(json.dumps(document, ensure_ascii=False, indent=1))


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def check(as_json: bool) -> None:
    """Say what is missing on this machine and how to mend it. Exit code 1 where a run could not work."""
    console = Console()
    if as_json:
        found = list(checks())
        rows = [{"name": c.name, "state": c.state, "fact": c.fact, "remedy": c.remedy} for c in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        found = print_checks(console, checks())
    if any(one.state == "missing" for one in found):
        sys.exit(FAILED)
