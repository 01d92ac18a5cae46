"""The one program. Each sub-command lives in the package that does the work and is loaded only when asked for."""

import errno
import importlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import click

from model.errors import InputRefused, LookforsError

COMMANDS = {
    "annotate": ("inference.cli:annotate", "Turn a video, audio file or transcript into a pre-annotation."),
    "models": ("inference.cli:models", "Show which weights are here, their hashes and licences."),
    "check": ("inference.cli:check", "Say what is missing on this machine and how to mend it."),
    "serve": ("api.cli:serve", "Run the review service: web and worker."),
    "worker": ("api.cli:worker", "Run one more worker for a service that runs elsewhere."),
    "people": ("api.cli:people", "Add people and print their sign-in links."),
    "decisions": ("api.decisions.cli:decisions", "Write what reviewers decided, for the tagger to learn from."),
    "train": ("training.cli:train", "Train the tagger from dialogues."),
    "evaluate": ("training.cli:evaluate", "Judge a tagger on a corpus."),
    "agreement": ("api.agreement.cli:agreement", "Inter-rater agreement from a CSV of ratings."),
    "agreement-evidence": ("api.agreement.evidence_cli:agreement_evidence", "How far marks on timelines agree."),
    "calibrate": ("training.calibrate_scores_cli:calibrate_command", "Fit and judge the score model from two CSVs."),
    "simulate": (
        "training.simulate_cli:simulate",
        "Simulate raters, evidence and arms with the truth on record.",
    ),
}
BELOW = {
    "models": {"compare": ("training.cli:compare", "Say what one tagger gains over another on the same lines.")},
}
FAILED, REFUSED = 1, 3
DEBUG = "lookfors.debug"


class LazyGroup(click.Group):
    """A click group that imports a sub-command only when it runs; `--help` reads `table` alone.

    It also holds the exit codes: 0 done, 2 wrong usage, 3 input refused, 1 our fault, each with one sentence.
    """

    def __init__(self, *, table: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._table = table  # command -> (where it is, what it does)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._table:
            return None
        module, _, name = self._table[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        if self._table is COMMANDS and cmd_name in BELOW:
            command = LazyGroup(
                table=BELOW[cmd_name],
                name=cmd_name,
                params=command.params,
                callback=command.callback,
                help=command.help,
                invoke_without_command=True,
            )
        if not any(parameter.name == "debug" for parameter in command.params):
            command.params.append(_debug_option())
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
            ctx.exit(FAILED)
        except Exception as error:
            if ctx.meta.get(DEBUG):
                raise
            click.echo(_sentence(error), err=True)
            ctx.exit(REFUSED if isinstance(error, InputRefused) else FAILED)


def _debug_option() -> click.Option:
    def note(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
        if wanted:
            ctx.meta[DEBUG] = True

    return click.Option(
        ["--debug"], is_flag=True, expose_value=False, is_eager=True, callback=note, help="Show where an error arose."
    )


def _sentence(error: Exception) -> str:
    if isinstance(error, LookforsError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full. Make room, then run the same command again."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    return f"Something went wrong on our side: {type(error).__name__}: {error}. Run it with --debug to see where."


@click.group(
    cls=LazyGroup, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}, params=[_debug_option()]
)
@click.version_option(package_name="lookfors")
def main() -> None:
    """Lookfors points reviewers to the moments that bear on the rubric. The machine points; the person scores."""


if __name__ == "__main__":
    main()
