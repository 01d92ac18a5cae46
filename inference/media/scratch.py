"""Half-made files live apart from finished ones, and never outlive their maker for long."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from inference.media.fence import DiskFull

_PREFIX = ".making-"


@contextmanager
def scratch(folder: Path) -> Iterator[Path]:
    """A temporary folder inside `folder`, so that a finished file is moved into place by one atomic rename.

    It is removed at the end whatever happens. One whose maker was killed is removed by the next maker: each holds
    a lock that the system drops with the process, so a living maker's folder is never touched.
    Raises `DiskFull` when there is no room.
    """
    making: Path | None = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        while True:
            making = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=folder))
            if lock := _hold(making / "lock"):
                break
        with lock:
            yield making
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from error
        raise
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)


def _hold(path: Path) -> IO[str] | None:
    """A new file at `path`, locked; None where a sweeper held it first, and has removed it with its folder."""
    lock = path.open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # waits for a sweeper to be done
    if os.fstat(lock.fileno()).st_nlink:
        return lock
    lock.close()
    return None


def _sweep(folder: Path) -> None:
    for left in folder.glob(f"{_PREFIX}*"):
        try:
            with (left / "lock").open("r") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue  # being made right now, or gone already
