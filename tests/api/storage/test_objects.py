from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from api.storage.objects import ObjectStore, ObjectsUnavailable


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    if request.param == "folder":
        yield ObjectStore(folder=tmp_path / "objects")
        return
    yield ObjectStore(url=request.getfixturevalue("bucket_url"))


def file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_what_goes_in_comes_out(store: ObjectStore, tmp_path: Path) -> None:
    data = bytes(range(256)) * 80_000  # 20 MB: more than one part
    store.put("a/b", file(tmp_path, "in", data))
    assert store.exists("a/b")
    assert store.size("a/b") == len(data)
    store.fetch("a/b", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == data
    assert not (tmp_path / "out.part").exists()


def test_adopting_takes_the_file_away(store: ObjectStore, tmp_path: Path) -> None:
    source = file(tmp_path, "in", b"video")
    store.adopt("originals/1", source)
    assert not source.exists()
    assert store.size("originals/1") == 5
    with pytest.raises(FileNotFoundError):
        store.adopt("originals/2", source)


def test_putting_again_replaces(store: ObjectStore, tmp_path: Path) -> None:
    store.put("a", file(tmp_path, "in", b"old"))
    store.put("a", file(tmp_path, "in", b"newer"))
    assert store.size("a") == 5


def test_listing_and_deleting(store: ObjectStore, tmp_path: Path) -> None:
    for key in ("derived/1/x", "derived/1/y", "derived/2/x", "originals/1"):
        store.put(key, file(tmp_path, "in", key.encode()))
    assert sorted(item.key for item in store.list("derived/1/")) == ["derived/1/x", "derived/1/y"]
    store.delete(["derived/1/x", "derived/1/y", "derived/1/never"])
    assert not store.exists("derived/1/x")
    assert store.exists("derived/2/x")


def test_what_is_not_there_is_said(store: ObjectStore, tmp_path: Path) -> None:
    assert not store.exists("nothing")
    with pytest.raises(FileNotFoundError):
        store.size("nothing")
    with pytest.raises(FileNotFoundError):
        store.fetch("nothing", tmp_path / "out")


def test_a_store_that_cannot_be_reached_is_an_os_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers wait and try again as with any disk, and need not know which library speaks to the store."""
    for name, value in {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    store = ObjectStore(url="s3://nowhere", retries=0)
    with pytest.raises(ObjectsUnavailable):
        store.put("a", file(tmp_path, "in", b"x"))
    with pytest.raises(ObjectsUnavailable):
        store.exists("a")
    with pytest.raises(ObjectsUnavailable):
        list(store.list(""))


def test_a_folder_serves_files_and_a_bucket_signs_addresses(store: ObjectStore, tmp_path: Path) -> None:
    store.put("a/clip.mp4", file(tmp_path, "in", b"0123456789"))
    path = store.path("a/clip.mp4")
    if path is not None:
        assert path.read_bytes() == b"0123456789"
        assert store.origin is None
        with pytest.raises(TypeError):
            store.signed_url("a/clip.mp4", method="GET", expires=timedelta(minutes=1))
        return
    url = store.signed_url("a/clip.mp4", method="GET", expires=timedelta(minutes=1))
    assert store.origin is not None
    assert url.startswith(store.origin)
    with urlopen(Request(url, headers={"Range": "bytes=2-4"})) as answer:
        assert (answer.status, answer.read()) == (206, b"234")
