"""One stage of the pipeline as a child process: `python -m inference.stage STAGE --source FILE --workspace DIR`.

Standard output carries one JSON object a line and nothing else:

    {"progress": 0.42}                                      any number of times
    {"done": {…}}                                           exit 0
    {"refused": {"code": …, "fact": …, "remedy": …}}        exit 3: a person must mend the input
    {"failed": {"type": …, "text": …}}                      exit 1: not the input's fault; trying again may help

SIGTERM ends it with exit 143 after half-made files are removed; SIGKILL leaves them to the next run, which removes
them. Either way no result is ever half there.
"""

import argparse
import errno
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import IO, Any, NoReturn

from model.errors import InputRefused, LookforsError

DONE, FAILED, REFUSED, ENDED = 0, 1, 3, 143
_TELL_EVERY_S = 0.25
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_DISK_FULL_TEXT = "The disk is full. Make room, then try again."


class Outlet:
    """Writes the protocol; progress at most every _TELL_EVERY_S."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._told_at = -_TELL_EVERY_S
        self._told = -1.0
        self._lock = threading.Lock()  # an engine may report from a thread of its own

    def progress(self, _stage: str, share: float) -> None:
        now = time.monotonic()
        with self._lock:
            if share == self._told or (now - self._told_at < _TELL_EVERY_S and share < 1.0):
                return
            self._told_at, self._told = now, share
        self.write({"progress": round(share, 4)})

    def write(self, document: dict[str, Any]) -> None:
        with self._lock:
            self._stream.write(json.dumps(document, ensure_ascii=False) + "\n")
            self._stream.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    outlet = Outlet(_protocol_stream())
    signal.signal(signal.SIGTERM, _end)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    asked = _arguments(arguments)
    # Before torch and its kin are imported: they read it once.
    os.environ.setdefault("OMP_NUM_THREADS", str(asked.options.get("threads", 2)))
    try:
        outlet.write({"done": _run(asked, outlet)})
    except InputRefused as refused:
        outlet.write({"refused": {"code": refused.code, "fact": refused.fact, "remedy": refused.remedy}})
        return REFUSED
    except BrokenPipeError:
        return FAILED  # nobody listens any more
    except Exception as error:
        logging.getLogger(__name__).error("The stage %s failed.", asked.stage, exc_info=True)
        outlet.write({"failed": {"type": _kind(error), "text": _sentence(error)}})
        return FAILED
    return DONE


def _run(asked: argparse.Namespace, outlet: Outlet) -> dict[str, object]:
    from inference.options import options_from_document  # noqa: PLC0415 -- after OMP_NUM_THREADS is set
    from inference.pipeline import RENEWAL, STAGES, begin, run_stage  # noqa: PLC0415

    stage = next(stage for stage in (*STAGES, RENEWAL) if stage.name == asked.stage)
    if not asked.source.is_file():
        raise InputRefused("source.missing", f"There is no file {asked.source}.", "Hand the recording in again.")
    work = begin(asked.source, asked.workspace, options_from_document(asked.options))
    return dict(run_stage(stage, work, progress=outlet.progress))


def _kind(error: Exception) -> str:
    """The error's own name; a full disk is DiskFull wherever it showed, since the remedy is the same."""
    return "DiskFull" if isinstance(error, OSError) and error.errno in _DISK_FULL else type(error).__name__


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return _DISK_FULL_TEXT
    if isinstance(error, MemoryError):
        return "There is not enough memory. Close other programs or use a smaller speech model, then try again."
    if isinstance(error, LookforsError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _protocol_stream() -> IO[str]:
    """Standard output for the protocol alone: whatever a library prints goes to standard error instead."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(kept, "w", encoding="utf-8")


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """As an exception, so that every `finally` on the way removes what is half made and ends ffmpeg."""
    raise SystemExit(ENDED)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m inference.stage", description="Run one stage of the pipeline.")
    parser.add_argument("stage", choices=_STAGE_NAMES)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--options", type=_json_object, default={}, metavar="JSON")
    return parser.parse_args(arguments)


# Written out so that a wrong name is refused before anything heavy is imported; a test holds it to the pipeline's.
_STAGE_NAMES = ("probe", "playback", "audio", "transcript", "speakers", "indicators", "preannotation", "renewal")


def _json_object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"this is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise argparse.ArgumentTypeError("a JSON object is expected")
    return document


if __name__ == "__main__":
    sys.exit(main())
