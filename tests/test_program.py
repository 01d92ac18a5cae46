"""The one program: its help needs nothing heavy, and its exit codes mean what the documents say."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import lookfors
from model.errors import InputRefused, LookforsError

ROOT = Path(__file__).resolve().parent.parent
HEAVY = (
    "torch",
    "transformers",
    "faster_whisper",
    "whisper",
    "senko",
    "sklearn",
    "scipy",
    "fastapi",
    "sqlalchemy",
    "av",
)


def loaded_by(code: str) -> set[str]:
    """Heavy modules that are loaded once `code` has run in an interpreter of its own."""
    ask = f"{code}\nimport json, sys\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_program_is_the_one_of_this_repository() -> None:
    """An editable install that copied it would run the copy for ever."""
    assert Path(lookfors.__file__).resolve() == ROOT / "lookfors.py"


def test_help_loads_nothing_heavy() -> None:
    assert loaded_by("import lookfors\nlookfors.main(['--help'], standalone_mode=False)") == set()


def test_the_help_of_annotate_loads_no_model() -> None:
    loaded = loaded_by("import lookfors\nlookfors.main(['annotate', '--help'], standalone_mode=False)")
    assert not loaded & {"torch", "transformers", "faster_whisper", "whisper", "senko", "sklearn", "fastapi"}


def test_help_lists_every_command_without_loading_it() -> None:
    shown = CliRunner().invoke(lookfors.main, ["--help"])
    assert shown.exit_code == 0
    for name, (_, text) in lookfors.COMMANDS.items():
        assert name in shown.output
        assert text.split()[0] in shown.output


# ---- exit codes ----------------------------------------------------------------------------------------------------

ERRORS: dict[str, BaseException] = {
    "refused": InputRefused("media.empty", "The file is empty.", "Copy it again."),
    "ours": LookforsError("The workspace is damaged."),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "unreadable": PermissionError(errno.EACCES, "Permission denied", "/some/file"),
    "unforeseen": ValueError("seven"),
    "stopped": KeyboardInterrupt(),
    "usage": click.UsageError("Name one file."),
}


@click.command()
@click.argument("kind")
def fail(kind: str) -> None:
    raise ERRORS[kind]


def run(*arguments: str) -> tuple[int, str]:
    program = lookfors.LazyGroup(name="program", table={"fail": ("tests.test_program:fail", "Fail in a given way.")})
    done = CliRunner().invoke(program, ["fail", *arguments])
    return done.exit_code, done.stderr


@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [
        ("refused", 3, "The file is empty. Copy it again.\n"),
        ("ours", 1, "The workspace is damaged.\n"),
        ("full", 1, "The disk is full. Make room, then run the same command again.\n"),
        ("unreadable", 1, "/some/file: Permission denied.\n"),
        (
            "unforeseen",
            1,
            "Something went wrong on our side: ValueError: seven. Run it with --debug to see where.\n",
        ),
        ("stopped", 1, "\nAborted!\n"),
    ],
)
def test_an_error_is_one_sentence_and_an_exit_code(kind: str, code: int, told: str) -> None:
    assert run(kind) == (code, told)


def test_wrong_usage_is_exit_code_2() -> None:
    code, told = run("usage")
    assert code == 2
    assert "Name one file." in told
    assert CliRunner().invoke(lookfors.main, ["no-such-command"]).exit_code == 2


def test_debug_shows_where_an_error_arose() -> None:
    program = lookfors.LazyGroup(name="program", table={"fail": ("tests.test_program:fail", "Fail in a given way.")})
    with pytest.raises(ValueError, match="seven"):
        CliRunner().invoke(program, ["fail", "unforeseen", "--debug"], catch_exceptions=False)
