"""Media and what is derived from it: a folder by default, an S3 bucket by URL. Files are streamed, never held whole."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from api.settings import Settings

CHUNK = 8 * 1024 * 1024  # bytes


class ObjectsUnavailable(OSError):
    """The store failed, or could not be reached."""


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except BaseError as error:
        raise ObjectsUnavailable(str(error).split("Debug source", maxsplit=1)[0].strip()) from error


@dataclass(frozen=True, slots=True)
class StoredObject:
    key: str
    size: int  # bytes
    modified: datetime


class ObjectStore:
    """Keys are relative paths of our own making. `folder` is set where objects are plain files."""

    def __init__(self, *, folder: Path | None = None, url: str | None = None, retries: int = 5) -> None:
        self.folder = folder.resolve() if folder is not None else None
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._store: LocalStore | S3Store = LocalStore(self.folder, automatic_cleanup=True)
        elif url is not None:
            self._store = S3Store.from_url(url, retry_config={"max_retries": retries})
        else:
            raise ValueError("an object store needs a folder or a URL")

    def path(self, key: str) -> Path | None:
        """The object as a local file, where there is one."""
        return None if self.folder is None else self.folder / key

    def put(self, key: str, source: Path) -> None:
        """Copies a file in; readers see all of it or nothing."""
        with _failures():
            obstore.put(self._store, key, source, chunk_size=CHUNK)

    def adopt(self, key: str, source: Path) -> None:
        """Takes a finished file over and removes it from where it was; a rename where both are on one disk."""
        target = self.path(key)
        if target is None:
            self.put(key, source)
            source.unlink()
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.replace(source, target)
        except OSError:  # another file system
            self.put(key, source)
            source.unlink()

    def fetch(self, key: str, target: Path) -> None:
        """Streams an object into a file. Raises FileNotFoundError when there is none."""
        partial = target.with_name(target.name + ".part")
        with _failures(), partial.open("wb") as file:
            for chunk in obstore.get(self._store, key).stream(CHUNK):
                file.write(chunk)
        os.replace(partial, target)

    def exists(self, key: str) -> bool:
        try:
            self.size(key)
        except FileNotFoundError:
            return False
        return True

    def size(self, key: str) -> int:
        """Bytes. Raises FileNotFoundError."""
        with _failures():
            return obstore.head(self._store, key)["size"]

    def delete(self, keys: Iterable[str]) -> None:
        """Removes what is there; what is not there is as wished already."""
        for key in keys:
            with _failures(), suppress(FileNotFoundError):
                obstore.delete(self._store, key)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        with _failures():
            for chunk in obstore.list(self._store, prefix):
                for meta in chunk:
                    yield StoredObject(meta["path"], meta["size"], meta["last_modified"])

    def signed_url(self, key: str, *, method: str, expires: timedelta) -> str:
        """An address a browser may use for a while without credentials; S3 only."""
        if not isinstance(self._store, S3Store):
            raise TypeError("a folder cannot sign addresses: serve its files directly")
        return obstore.sign(self._store, "HEAD" if method == "HEAD" else "GET", key, expires)

    @property
    def origin(self) -> str | None:
        """Scheme and host that browsers are sent to for media, None for a folder; goes into the security policy."""
        if self.folder is not None:
            return None
        parts = urlsplit(self.signed_url("x", method="GET", expires=timedelta(seconds=1)))
        return f"{parts.scheme}://{parts.netloc}"


def open_objects(settings: Settings) -> ObjectStore:
    if settings.objects_url is not None:
        return ObjectStore(url=settings.objects_url)
    return ObjectStore(folder=settings.data / "objects")
