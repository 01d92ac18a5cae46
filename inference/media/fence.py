"""The one place where ffmpeg runs, and where libav opens a file.

A recording comes from a stranger, and media tools follow what a file says. So every run has: a demuxer chosen
from the first bytes, whitelists for formats and protocols, explicit maps, bounds on pixels, length, threads,
memory, processor time and file size, a wall-clock limit, no standard input, an almost empty environment and a
process group of its own. The group dies with the caller, even when the caller is killed.
"""

import os
import re
import selectors
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import av.container
import ffmpeg
import imageio_ffmpeg

from inference.media.containers import DEMUXERS, container_of
from model.errors import LookforsError

_LOG_LINES = 60
_ECHOES = ("Conversion failed", "Error opening", "Error parsing", "Failed to set", "To ignore this", "Task finished")
_READ_BYTES = 1 << 16
_END_GRACE_S = 5.0
_STARVED_S = 5.0  # out of memory, some decoders try the same frame again without end
# Limits are set by the shell that becomes ffmpeg: setting them between fork and exec in Python is unsafe beside
# threads. A watcher holds the other end of the caller's pipe: when the caller goes, even by SIGKILL, the pipe
# closes and the whole group ends. A system that cannot bound memory (macOS) keeps the other bounds.
_SHELL = """
exec 3<&0 0</dev/null
(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 &
exec 3<&-
ulimit -c 0
ulimit -t "$1"
ulimit -f "$2"
ulimit -v "$3" 2>/dev/null
shift 3
exec "$@"
"""


class FfmpegFailed(LookforsError):
    """ffmpeg could not finish. `reason` is for a person; `log` is the tail of what ffmpeg said."""

    def __init__(self, reason: str, *, returncode: int, log: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.returncode = returncode
        self.log = log


class DiskFull(LookforsError):
    """Nothing is wrong with the recording: the same work succeeds once there is room."""

    def __init__(self) -> None:
        super().__init__("The disk is full, so the recording could not be prepared. Make room, then try again.")


class MediaTimedOut(LookforsError):
    """ffmpeg was stopped at its time limit; on a busy machine a retry may succeed."""

    def __init__(self, wall_s: float) -> None:
        super().__init__(f"Preparing the recording was stopped after {wall_s:.0f} s. Try again when less is running.")
        self.wall_s = wall_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What one run may use: a stop for runaways, well above what honest recordings need."""

    wall_s: float = 600.0
    cpu_s: int = 4 * 3600
    memory_bytes: int = 6 << 30  # address space, which is more than what is resident
    file_bytes: int = 16 << 30
    pixels: int = 7680 * 4320  # one frame; 8K as phones record it
    length_s: float = 4 * 3600.0  # of media read
    threads: int = 2  # per decoder, per encoder, per filter graph


@dataclass(slots=True, eq=False)
class Tap:
    """A pipe out of ffmpeg: name `url` as an output, and `sink` receives its bytes as they come."""

    sink: Callable[[bytes], None]
    reader: int = field(init=False)
    writer: int = field(init=False)

    def __post_init__(self) -> None:
        self.reader, self.writer = os.pipe()

    @property
    def url(self) -> str:
        return f"pipe:{self.writer}"


def source(path: Path, *, bounds: Bounds, at: float = 0.0, length_s: float | None = None) -> Any:
    """An ffmpeg-python input for an untrusted file, from `at` seconds for at most `length_s` seconds.

    Raises `InputRefused` when the first bytes are not those of a known container.
    """
    seek = {"ss": f"{at:.3f}"} if at > 0 else {}
    return ffmpeg.input(
        f"file:{path.resolve()}",
        format=container_of(path),
        protocol_whitelist="file",
        format_whitelist=",".join(DEMUXERS),
        max_pixels=bounds.pixels,
        threads=bounds.threads,
        t=f"{min(bounds.length_s, bounds.length_s if length_s is None else length_s):.3f}",
        **seek,
    )


def open_container(path: Path, *, bounds: Bounds) -> av.container.InputContainer:
    """The same fence for PyAV, which only reads what a file says of itself.

    Raises `InputRefused` as `source` does, and PyAV's `FFmpegError` for a broken file.
    """
    return av.open(
        f"file:{path.resolve()}",
        mode="r",
        format=container_of(path),
        metadata_errors="replace",
        options={
            "protocol_whitelist": "file",
            "format_whitelist": ",".join(DEMUXERS),
            "max_streams": "100",
            "max_pixels": str(bounds.pixels),
            "probesize": str(20 << 20),
        },
    )


def run(
    *outputs: Any,
    bounds: Bounds,
    taps: tuple[Tap, ...] = (),
    progress: Callable[[float], None] | None = None,
) -> None:
    """Run ffmpeg for ffmpeg-python `outputs` (each over explicitly selected streams) to its end.

    `progress` receives seconds of output written so far. Raises `FfmpegFailed`, `DiskFull` or `MediaTimedOut`;
    an exception out of a sink or of `progress` also ends the run. Whatever happens, no process stays behind.
    """
    heard = _Progress(progress)
    log = _Log()
    clock, speech = Tap(heard), Tap(log)
    everything = (*taps, clock, speech)
    command = ffmpeg.merge_outputs(*outputs).compile(cmd=_command(bounds, clock), overwrite_output=True)
    try:
        process = _start(command, bounds, everything, stderr=speech.writer)
    finally:
        for tap in everything:
            os.close(tap.writer)
    try:
        _drain(process, everything, log, bounds)
    finally:
        _end(process)
        for tap in everything:
            os.close(tap.reader)
    if process.returncode != 0:
        raise _failure(process.returncode, log.lines(), bounds)


def _command(bounds: Bounds, clock: Tap) -> list[str]:
    return [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-nostdin", "-hide_banner", "-nostats",
        "-loglevel", "warning",
        "-progress", clock.url, "-stats_period", "0.5",
        "-filter_threads", str(bounds.threads),
        "-filter_complex_threads", str(bounds.threads),
    ]  # fmt: skip


def _start(command: list[str], bounds: Bounds, taps: tuple[Tap, ...], *, stderr: int) -> "subprocess.Popen[bytes]":
    limits = (str(bounds.cpu_s), str(bounds.file_bytes // 512), str(bounds.memory_bytes // 1024))
    return subprocess.Popen(
        ["/bin/sh", "-c", _SHELL, "sh", *limits, *command],
        stdin=subprocess.PIPE,  # never written to: its closing is what ends the group
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=tuple(tap.writer for tap in taps),
        env={"LC_ALL": "C", "AV_LOG_FORCE_NOCOLOR": "1"},
        cwd="/",
        start_new_session=True,
    )


def _drain(process: "subprocess.Popen[bytes]", taps: tuple[Tap, ...], log: "_Log", bounds: Bounds) -> None:
    """Hand every byte to its sink until ffmpeg has ended and all pipes are empty."""

    def release() -> None:  # the watcher holds the pipes open until the caller's end of its own pipe closes
        process.wait()
        if process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()

    threading.Thread(target=release, daemon=True).start()
    deadline = time.monotonic() + bounds.wall_s
    with selectors.DefaultSelector() as waiting:
        for tap in taps:
            waiting.register(tap.reader, selectors.EVENT_READ, tap)
        while waiting.get_map():
            for key, _ in waiting.select(min(1.0, max(0.0, deadline - time.monotonic()))):
                block = os.read(key.fd, _READ_BYTES)
                if block:
                    key.data.sink(block)
                else:
                    waiting.unregister(key.fd)
            if log.starved_s > _STARVED_S:
                raise _failure(-signal.SIGKILL, log.lines(), bounds)
            if time.monotonic() >= deadline:
                raise MediaTimedOut(bounds.wall_s)


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_END_GRACE_S)


class _Progress:
    """Reads ffmpeg's `-progress` lines and passes on the seconds written."""

    def __init__(self, report: Callable[[float], None] | None) -> None:
        self._report = report
        self._rest = b""

    def __call__(self, block: bytes) -> None:
        *lines, self._rest = (self._rest + block).split(b"\n")
        for line in lines:
            key, _, value = line.partition(b"=")
            if self._report is not None and key == b"out_time_us" and value.strip().isdigit():
                self._report(int(value) / 1e6)


class _Log:
    """Keeps the tail of what ffmpeg says, without addresses and folders."""

    def __init__(self) -> None:
        self._tail: deque[bytes] = deque(maxlen=_LOG_LINES)
        self._rest = b""
        self._starved_at: float | None = None

    @property
    def starved_s(self) -> float:
        """Seconds since ffmpeg first said that it gets no more memory; 0 while it has enough."""
        return 0.0 if self._starved_at is None else time.monotonic() - self._starved_at

    def __call__(self, block: bytes) -> None:
        if self._starved_at is None and b"Cannot allocate memory" in block:
            self._starved_at = time.monotonic()
        *lines, self._rest = (self._rest + block)[-4 * _READ_BYTES :].split(b"\n")
        self._tail.extend(lines)

    def lines(self) -> tuple[str, ...]:
        said = (line.decode("utf-8", "replace") for line in (*self._tail, self._rest))
        clean = (re.sub(r"\[[^\]]* @ 0x[0-9a-f]+\] ?|file:\S*/", "", line).strip() for line in said)
        return tuple(line for line in clean if line)


def _failure(returncode: int, log: tuple[str, ...], bounds: Bounds) -> LookforsError:
    said = "\n".join(log)
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return DiskFull()
    if "Cannot allocate memory" in said or "out of memory" in said.lower():
        reason = f"The recording needs more than {bounds.memory_bytes >> 30} GiB of memory to decode."
    elif returncode == -signal.SIGXCPU:
        reason = f"The recording needs more than {bounds.cpu_s} s of processor time."
    elif returncode == -signal.SIGXFSZ or "File too large" in said:
        reason = f"The prepared recording would be larger than {bounds.file_bytes >> 30} GiB."
    elif returncode < 0:
        reason = f"ffmpeg was ended by signal {-returncode}."
    else:
        telling = [line for line in log if not line.startswith(_ECHOES)]
        reason = f"ffmpeg could not finish: {telling[-1] if telling else f'exit code {returncode}'}"
    return FfmpegFailed(reason, returncode=returncode, log=log)
