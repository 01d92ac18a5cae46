"""Weights are put together once, checked, and refused when they are not the right ones."""

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from inference import weights
from inference.weights import WeightsMissing, WeightsRefused, package_file, verify, weight_files, whisper_base


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOOKFORS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_the_packaged_parts_make_the_known_model(cache: Path) -> None:
    folder = whisper_base()
    assert folder.parent == cache
    assert (folder / "model.bin").stat().st_size == weights.WHISPER_BASE_SIZE
    assert {path.name for path in folder.iterdir()} == {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"}
    made = (folder / "model.bin").stat().st_mtime_ns
    assert whisper_base() == folder
    assert (folder / "model.bin").stat().st_mtime_ns == made, "it was put together again"
    assert [path.name for path in cache.iterdir() if path.name.startswith(".")] == [], "a draft was left behind"


def test_a_damaged_copy_is_made_anew(cache: Path) -> None:
    folder = whisper_base()
    with (folder / "model.bin").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damage")
    shutil.rmtree(cache / "verified")
    assert verify(whisper_base() / "model.bin", weights.WHISPER_BASE_SHA256)


def test_a_part_with_other_content_is_refused(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "other_weights"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").touch()
    for name in ("model.bin.part1", "config.json", "tokenizer.json", "vocabulary.txt"):
        (package / "data" / name).write_bytes(b"not weights")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(weights, "_WHISPER_PARTS", (("other_weights", "data/model.bin.part1"),))
    with pytest.raises(WeightsRefused, match="SHA-256") as refused:
        whisper_base()
    assert refused.value.found == sha256(b"not weights")
    assert not (cache / "whisper-base-d01c3014").exists()


def test_a_note_spares_the_hashing_until_the_file_changes(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"one")
    status = file.stat()
    verify(file, sha256(b"one"))
    file.write_bytes(b"two")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    verify(file, sha256(b"one"))  # same size and time: the note is believed …
    shutil.rmtree(cache / "verified")
    with pytest.raises(WeightsRefused):
        verify(file, sha256(b"one"))  # … and without it the content is looked at


def test_a_changed_file_is_noticed_although_there_is_a_note(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"one")
    verify(file, sha256(b"one"))
    file.write_bytes(b"longer than before")
    with pytest.raises(WeightsRefused) as refused:
        verify(file, sha256(b"one"))
    assert (refused.value.expected, refused.value.found) == (sha256(b"one"), sha256(b"longer than before"))


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(WeightsMissing, match="no-such-package"):
        package_file("no_such_package", "model.bin")


def test_everything_listed_has_hash_licence_and_place() -> None:
    for listed in weight_files():
        assert len(listed.sha256) == 64
        assert listed.licence
        assert listed.path is not None
        assert listed.path.is_file()
        assert listed.size
