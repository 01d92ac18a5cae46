"""Stands between a worker and a stage: `python -m api.processing.guard COMMAND…`.

A worker may be killed at any moment, and then nobody is left to stop the stage and the programs the stage started.
The guard's standard input is a pipe whose other end only the worker holds. When it closes, because the worker closed
it or because the worker is no more, the guard ends the stage and all its descendants, then itself.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: orphaned descendants come to us instead of to init
NICENESS = 5  # a reviewer's save goes before a matrix product


def adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants() -> None:
    """Kills until nobody is left: a process may start another between the look and the blow."""
    import psutil  # noqa: PLC0415 - rarely needed, and stages are started often

    me = psutil.Process()
    while descendants := [p for p in me.children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]:
        for process in descendants:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(descendants, timeout=1)


def leaves_children() -> bool:
    """Whether the stage left processes of its own behind; on Linux they have become our children."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def _end_when_alone() -> None:
    while os.read(0, 4096):
        pass
    end_descendants()
    os._exit(128 + signal.SIGKILL)


def main() -> int:
    """The exit code of the command; 128 + the signal where one ended it."""
    adopt_orphans()
    os.nice(NICENESS)
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_when_alone, daemon=True).start()
    code = child.wait()
    if leaves_children():
        end_descendants()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
