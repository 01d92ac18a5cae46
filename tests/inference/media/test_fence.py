"""The fence holds: time, memory, size, a full disk, and a caller that is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ffmpeg
import psutil
import pytest

from inference.media import Bounds, DiskFull, FfmpegFailed, MediaTimedOut
from inference.media.fence import Tap, run, source
from tests.inference.media.made import clip


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clip(tmp_path_factory.mktemp("fence") / "minute.mp4", seconds=60)


def slow(recording: Path, out: Path, bounds: Bounds) -> Any:
    """Work for minutes: the slowest encoder setting at twenty times the size."""
    picture = source(recording, bounds=bounds)["v:0"].filter("scale", 1280, 720)
    return ffmpeg.output(picture, f"file:{out}", vcodec="libx264", preset="placebo", threads=1)


def ffmpegs(mentioning: Path) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["cmdline"]):
        if any(str(mentioning) in word for word in process.info["cmdline"] or []):
            yield process


def test_time_is_bounded_and_the_whole_group_goes(recording: Path, tmp_path: Path) -> None:
    bounds = Bounds(wall_s=1.0)
    out = tmp_path / "slow.mp4"
    with pytest.raises(MediaTimedOut):
        run(slow(recording, out, bounds), bounds=bounds)
    assert list(ffmpegs(out)) == []


def test_a_killed_caller_takes_its_ffmpeg_along(recording: Path, tmp_path: Path) -> None:
    out = tmp_path / "orphan.mp4"
    script = (
        "import sys; from pathlib import Path\n"
        "from inference.media import Bounds; from inference.media.fence import run\n"
        "from tests.inference.media.test_fence import slow\n"
        "run(slow(Path(sys.argv[1]), Path(sys.argv[2]), Bounds()), bounds=Bounds())"
    )
    root = Path(__file__).parents[3]
    caller = subprocess.Popen([sys.executable, "-c", script, str(recording), str(out)], cwd=root)
    try:
        wait_until(out.exists)
        children = [process.pid for process in ffmpegs(out) if process.pid != caller.pid]
        assert children
        os.kill(caller.pid, signal.SIGKILL)
        caller.wait()
        wait_until(lambda: not any(process.is_running() for process in ffmpegs(out)))
    finally:
        for process in ffmpegs(out):
            process.kill()


def test_the_size_of_what_is_written_is_bounded(recording: Path, tmp_path: Path) -> None:
    bounds = Bounds(file_bytes=1 << 16)
    sound = source(recording, bounds=bounds)["a:0"]
    with pytest.raises(FfmpegFailed):
        run(ffmpeg.output(sound, f"file:{tmp_path / 'big.wav'}", acodec="pcm_s16le"), bounds=bounds)
    assert (tmp_path / "big.wav").stat().st_size <= 1 << 16


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
def test_memory_is_bounded(tmp_path: Path) -> None:
    big = clip(tmp_path / "big.mp4", picture="color=black:s=7680x4320:r=5", seconds=1, sound=None)
    bounds = Bounds(memory_bytes=256 << 20)  # one such picture takes 48 MiB, a decoder keeps many
    tap = Tap(lambda block: None)
    with pytest.raises(FfmpegFailed, match="memory"):
        run(ffmpeg.output(source(big, bounds=bounds)["v:0"], tap.url, format="framecrc"), bounds=bounds, taps=(tap,))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no always-full device")
def test_a_full_disk_is_told_apart_from_a_bad_recording(recording: Path) -> None:
    bounds = Bounds()
    sound = source(recording, bounds=bounds)["a:0"]
    with pytest.raises(DiskFull, match="Make room"):
        run(ffmpeg.output(sound, "file:/dev/full", format="wav"), bounds=bounds)


def test_pictures_beyond_the_bound_are_not_decoded(tmp_path: Path) -> None:
    path = clip(tmp_path / "wide.mp4", picture="color=black:s=640x480:r=5", seconds=1, sound=None)
    bounds = Bounds(pixels=320 * 240)
    lines = bytearray()
    tap = Tap(lines.extend)
    with pytest.raises(FfmpegFailed):
        run(ffmpeg.output(source(path, bounds=bounds)["v:0"], tap.url, format="framecrc"), bounds=bounds, taps=(tap,))
    assert [line for line in lines.splitlines() if not line.startswith(b"#")] == []


def test_a_tap_receives_everything_and_progress_reaches_the_end(recording: Path) -> None:
    bounds = Bounds()
    pcm = bytearray()
    tap = Tap(pcm.extend)
    seconds: list[float] = []
    sound = source(recording, bounds=bounds)["a:0"]
    output = ffmpeg.output(sound, tap.url, format="s16le", ac=1, ar=8000)
    run(output, bounds=bounds, taps=(tap,), progress=seconds.append)
    assert len(pcm) / 2 / 8000 == pytest.approx(60, abs=0.1)
    assert seconds[-1] == pytest.approx(60, abs=0.1)


def test_a_failure_says_why_without_folders(recording: Path, tmp_path: Path) -> None:
    bounds = Bounds()
    missing = source(recording, bounds=bounds)["v:7"]
    with pytest.raises(FfmpegFailed) as failure:
        run(ffmpeg.output(missing, f"file:{tmp_path / 'x.mp4'}"), bounds=bounds)
    assert "matches no streams" in failure.value.reason
    assert str(tmp_path) not in failure.value.reason


def wait_until(condition: Any, limit_s: float = 60.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
