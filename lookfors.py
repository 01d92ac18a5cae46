"""The one program. Each sub-command lives in the package that does the work and is loaded only when asked for."""

import importlib

import click

COMMANDS = {
    "annotate": ("inference.cli:annotate", "Turn a video, audio file or transcript into a pre-annotation."),
    "models": ("inference.cli:models", "Show which weights are here, their hashes and licences."),
    "check": ("inference.cli:check", "Say what is missing on this machine and how to mend it."),
    "serve": ("api.cli:serve", "Run the review service: web and worker."),
    "worker": ("api.cli:worker", "Run one more worker for a service that runs elsewhere."),
    "people": ("api.cli:people", "Add people and print their sign-in links."),
    "train": ("training.cli:train", "Train the tagger from dialogues."),
    "evaluate": ("training.cli:evaluate", "Judge a tagger on a corpus."),
    "agreement": ("api.agreement.cli:agreement", "Inter-rater agreement from a CSV of ratings."),
    "simulate": (
        "training.simulate_cli:simulate",
        "Simulate raters, evidence and arms with the truth on record.",
    ),
}


class LazyGroup(click.Group):
    """A click group that imports a sub-command only when it runs; `--help` reads the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="lookfors")
def main() -> None:
    """Lookfors points reviewers to the moments that bear on the rubric. The machine points; the person scores."""


if __name__ == "__main__":
    main()
