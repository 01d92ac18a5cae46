"""The child process of one stage, as the worker runs it: what it prints, how it ends, what it leaves."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from inference.media import DiskFull
from inference.pipeline import RENEWAL, STAGES, annotate
from inference.stage import _STAGE_NAMES, _kind, _sentence
from tests.inference.media.made import clip
from tests.inference.test_pipeline import SCHEMA

ROOT = Path(__file__).resolve().parents[2]


def command(stage: str, source: Path, work: Path, *rest: str) -> list[str]:
    return [sys.executable, "-m", "inference.stage", stage, "--source", str(source), "--workspace", str(work), *rest]


def run(stage: str, source: Path, work: Path, *rest: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and the documents on standard output; every line must be one."""
    done = subprocess.run(command(stage, source, work, *rest), cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("film") / "film.mp4")


@pytest.fixture(scope="module")
def long_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute at 720p: long enough to be interrupted while the playback copy is made."""
    return clip(tmp_path_factory.mktemp("film") / "long.mp4", picture="testsrc2=s=1280x720:r=30", seconds=30.0)


def test_the_names_are_the_pipelines() -> None:
    assert tuple(stage.name for stage in (*STAGES, RENEWAL)) == _STAGE_NAMES


def test_stages_one_after_another(film: Path, tmp_path: Path) -> None:
    for stage, result in (("probe", "probe.json"), ("playback", "proxy.mp4"), ("audio", "sound.json")):
        code, lines = run(stage, film, tmp_path)
        assert code == 0
        *progress, end = lines
        shares = [line["progress"] for line in progress]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        assert set(end) == {"done"}
        assert (tmp_path / result).is_file()
    assert run("audio", film, tmp_path)[1][-1] == {"done": {"already": True}}


def test_a_stage_the_options_do_not_want(film: Path, tmp_path: Path) -> None:
    code, lines = run("playback", film, tmp_path, "--options", '{"playback": false}')
    assert (code, lines) == (0, [{"done": {"wanted": False}}])


def test_a_refusal_is_exit_code_3_with_its_remedy(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.touch()
    code, lines = run("probe", path, tmp_path / "work")
    assert code == 3
    refused = lines[-1]["refused"]
    assert set(refused) == {"code", "fact", "remedy"}
    assert all(refused.values())
    assert not (tmp_path / "work" / "probe.json").exists()


def test_a_source_that_is_gone_is_refused(tmp_path: Path) -> None:
    code, lines = run("probe", tmp_path / "gone.mp4", tmp_path / "work")
    assert code == 3
    assert lines[-1]["refused"]["code"] == "source.missing"


def test_wrong_options_are_refused(film: Path, tmp_path: Path) -> None:
    code, lines = run("probe", film, tmp_path, "--options", '{"threads": 0}')
    assert (code, lines[-1]["refused"]["code"]) == (3, "options.invalid")


@pytest.mark.parametrize(
    "arguments", [["paint"], ["probe"], ["probe", "--source", "a", "--workspace", "b", "--options", "[]"]]
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inference.stage", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""


def test_a_stage_before_its_turn_fails_and_says_what_is_missing(film: Path, tmp_path: Path) -> None:
    code, lines = run("playback", film, tmp_path)
    assert code == 1
    assert lines[-1]["failed"]["type"] == "FileNotFoundError"
    assert "probe.json" in lines[-1]["failed"]["text"]


# ---- ended from outside --------------------------------------------------------------------------------------------


def half_way(film: Path, work: Path) -> "subprocess.Popen[str]":
    """The playback stage, at work: it has reported progress and not ended."""
    assert run("probe", film, work)[0] == 0
    child = subprocess.Popen(command("playback", film, work), cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for line in _lines(child.stdout):
        if line.get("progress", 0.0) > 0.0:
            return child
    raise AssertionError("the stage ended before it could be interrupted")


def _lines(stream: IO[str] | None) -> Iterator[dict[str, Any]]:
    assert stream is not None
    for line in stream:
        yield json.loads(line)


def test_sigterm_ends_it_clean(long_film: Path, tmp_path: Path) -> None:
    child = half_way(long_film, tmp_path)
    child.send_signal(signal.SIGTERM)
    assert child.wait(60) == 143
    assert {path.name for path in tmp_path.iterdir()} == {"stamp.json", "probe.json"}  # nothing half made


def test_after_sigkill_the_stage_runs_again_as_if_nothing_had_been(long_film: Path, tmp_path: Path) -> None:
    child = half_way(long_film, tmp_path)
    child.kill()
    child.wait(60)
    code, lines = run("playback", long_film, tmp_path)
    assert (code, set(lines[-1])) == (0, {"done"})
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]  # what was half made is gone


# ---- a full disk ---------------------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB; needs the right to mount one."""
    mounted = tmp_path / "disk"
    mounted.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(mounted)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets us mount no file system")
    yield mounted
    subprocess.run(["umount", str(mounted)], check=True)


def test_a_full_disk_fails_the_stage_and_a_retry_succeeds(film: Path, small_disk: Path, tmp_path: Path) -> None:
    assert run("probe", film, small_disk)[0] == 0
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (200 << 10))
    code, lines = run("audio", film, small_disk)
    assert code == 1
    assert lines[-1]["failed"]["type"] == "DiskFull"
    assert "The disk is full" in lines[-1]["failed"]["text"]
    assert {path.name for path in small_disk.iterdir()} == {"stamp.json", "probe.json", "filler"}
    filler.unlink()
    assert run("audio", film, small_disk)[0] == 0


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), DiskFull()])
def test_a_full_disk_is_named_wherever_it_shows(error: Exception) -> None:
    assert _kind(error) == "DiskFull"
    assert _sentence(error).startswith("The disk is full")


# ---- with every model ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_recording_goes_the_whole_way_every_stage_in_a_process_of_its_own(shared: Path, tmp_path: Path) -> None:
    """Eleven seconds of one voice (a US president, 1961). Nothing but the protocol on standard output, whatever the
    libraries print; then words, one speaker, coverage, and every model's version in a document that fits its schema.
    """
    source = shared / "media" / "jfk.flac"
    for stage in STAGES:
        code, lines = run(stage.name, source, tmp_path)
        assert code == 0, (stage.name, lines[-1:])
        assert set(lines[-1]) == {"done"}
        assert (tmp_path / stage.result).is_file()

    made = annotate(source, workspace=tmp_path)  # every result is there: it only reads
    SCHEMA.validate(json.loads((tmp_path / "preannotation.json").read_text()))
    words = " ".join(u.text for u in made.transcript.utterances).lower()
    assert "ask not what your country can do for you" in words
    assert made.transcript.language == "en"
    assert {u.speaker for u in made.transcript.utterances} == {"s1"}
    assert made.transcript.timed
    assert made.transcript.speech is not None
    assert 0.6 < (made.transcript.speech.coverage or 0.0) <= 1.0
    assert [v.part for v in made.versions] == ["transcriber", "speakers", "roles", "tagger"]
    assert [w.code for w in made.media.warnings] == ["no_video"]
