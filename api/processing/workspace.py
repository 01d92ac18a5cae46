"""Where the stages of one submission leave their files.

`done/` holds what recorded steps left. Each attempt works in a folder of its own that sees those files as links, so two
attempts that overlap, because a worker thought dead was only asleep, never write into each other, and what a killed
attempt left half-made is seen by nobody. Where objects are in a bucket, workers on several machines share no folder:
what is done is then kept in the bucket as well, until the run has ended.
"""

import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from api.storage.objects import ObjectStore

SOURCE = "source"


def _short(filename: str) -> str:
    """A name every file system takes: 255 bytes at most, never `.` or `..`."""
    stem, suffix = os.path.splitext(filename)
    kept = stem.encode()[: 200 - len(suffix.encode()[:20])].decode(errors="ignore").strip(". ") or "video"
    return kept + suffix.encode()[:20].decode(errors="ignore")


class Workspace:
    def __init__(self, root: Path, submission_id: str, objects: ObjectStore) -> None:
        self._folder = root / submission_id
        self._done = self._folder / "done"
        self._prefix = f"work/{submission_id}"
        self._objects = objects

    def source(self, key: str, filename: str) -> Path:
        """The original as a local file under the name the person gave it. Raises FileNotFoundError."""
        local = self._objects.path(key)
        folder = self._folder / SOURCE
        folder.mkdir(parents=True, exist_ok=True)
        named = folder / _short(filename)
        if local is not None:
            if not local.is_file():
                raise FileNotFoundError(local)
            named.unlink(missing_ok=True)
            named.symlink_to(local)
        elif not named.is_file():
            self._objects.fetch(key, named)
        return named

    def has(self, files: Sequence[str]) -> bool:
        """Whether everything an earlier step left is still there."""
        return all((self._done / name).is_file() or self._kept_remotely(name) for name in files)

    def _kept_remotely(self, name: str) -> bool:
        return self._objects.folder is None and self._objects.exists(f"{self._prefix}/{name}")

    def open(self, attempt_id: str, files: Iterable[str]) -> Path:
        """A fresh folder for one attempt, with links to what is done."""
        self._done.mkdir(parents=True, exist_ok=True)
        folder = self._folder / attempt_id
        folder.mkdir()
        for name in files:
            if not (self._done / name).is_file():
                self._objects.fetch(f"{self._prefix}/{name}", self._done / name)
            (folder / name).symlink_to(self._done / name)
        return folder

    def commit(self, attempt_id: str) -> list[str]:
        """Moves what the attempt made to what is done; answers with the names."""
        made = sorted(
            path for path in (self._folder / attempt_id).iterdir() if path.is_file() and not path.is_symlink()
        )
        for path in made:
            if self._objects.folder is None:
                self._objects.put(f"{self._prefix}/{path.name}", path)
            os.replace(path, self._done / path.name)
        return [path.name for path in made]

    def made(self, name: str) -> Path:
        return self._done / name

    def close(self, attempt_id: str) -> None:
        shutil.rmtree(self._folder / attempt_id, ignore_errors=True)

    def close_earlier(self, attempt_id: str) -> None:
        """Removes what attempts before this one left behind; ids grow with time."""
        for path in self._folder.iterdir():
            if path.name not in {"done", SOURCE} and path.name < attempt_id:
                shutil.rmtree(path, ignore_errors=True)

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        if self._objects.folder is None:
            self._objects.delete([item.key for item in self._objects.list(f"{self._prefix}/")])
