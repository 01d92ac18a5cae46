"""Part files. How much of an upload has arrived is the size of its file, so a kill at any moment loses at most what
was not yet on disk, and never leaves a number that disagrees with the bytes."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from api.errors import Locked, StorageFull


class PartFiles:
    """`ID.part` while it grows, `ID.complete` once all bytes are on disk, `ID.lock` against a second writer."""

    def __init__(self, folder: Path, *, disk_reserve_bytes: int) -> None:
        self._folder = folder.resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._reserve = disk_reserve_bytes

    def _part(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.part"

    def complete(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.complete"

    def create(self, upload_id: str) -> None:
        self._part(upload_id).touch()

    def offset(self, upload_id: str) -> int | None:
        """Bytes received so far; None where the file is gone."""
        for path in (self.complete(upload_id), self._part(upload_id)):
            try:
                return path.stat().st_size
            except FileNotFoundError:
                continue
        return None

    def require_room(self, n_bytes: int) -> None:
        """Raises StorageFull before anything is written."""
        free = shutil.disk_usage(self._folder).free
        if n_bytes + self._reserve > free:
            raise StorageFull(
                "storage.full",
                f"The server's disk has no room for {n_bytes} more bytes.",
                "What has arrived is kept. Try again later, or ask whoever runs this service to make room.",
            )

    @contextmanager
    def lock(self, upload_id: str) -> Iterator[None]:
        """One writer at a time, over all processes. Raises Locked at once: the kernel frees it when a process dies."""
        descriptor = os.open(self._folder / f"{upload_id}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Locked(
                    "upload.busy",
                    "This upload is being written by another request.",
                    "Wait a moment, ask how far it is, and go on from there.",
                ) from None
            yield
        finally:
            os.close(descriptor)

    def append(self, upload_id: str) -> "Appending":
        return Appending(self._part(upload_id))

    def finish(self, upload_id: str) -> None:
        """All bytes are there and on disk: give the file its final name."""
        os.replace(self._part(upload_id), self.complete(upload_id))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _files(self, upload_id: str) -> tuple[Path, ...]:
        return self._part(upload_id), self.complete(upload_id), self._folder / f"{upload_id}.lock"

    def remove(self, upload_id: str) -> None:
        for path in self._files(upload_id):
            path.unlink(missing_ok=True)

    def changed_at(self, upload_id: str) -> float:
        """When one of its files was last written, as a Unix time."""
        times = [0.0]
        for path in self._files(upload_id):
            with suppress(FileNotFoundError):
                times.append(path.stat().st_mtime)
        return max(times)

    def ids(self) -> set[str]:
        """Ids of all uploads that have any file here."""
        return {path.stem for path in self._folder.iterdir() if path.suffix in {".part", ".complete", ".lock"}}


class Appending:
    """The open end of a part file. Closing puts what was written on disk, also after an error."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def write(self, data: bytes) -> None:
        """Raises StorageFull when the disk runs out; what fitted stays and counts."""
        view = memoryview(data)
        try:
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise StorageFull(
                "storage.full",
                f"The server could not write the file: {error.strerror}.",
                "What has arrived is kept. Try again later, or ask whoever runs this service to make room.",
            ) from error

    def close(self) -> None:
        try:
            os.fsync(self._file.fileno())
        finally:
            self._file.close()
