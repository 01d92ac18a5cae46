"""Folders in which files are made, with several makers at once."""

import fcntl
from pathlib import Path

import pytest

from inference.media.scratch import scratch


def test_a_folder_swept_before_its_maker_could_lock_it_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between making its lock file and holding it, a maker looks dead to another."""
    swept: list[int] = []

    def late(fd: int, how: int) -> None:
        if not swept and how == fcntl.LOCK_EX:
            swept.append(fd)
            with scratch(tmp_path):  # the other maker sweeps first
                assert len(list(tmp_path.iterdir())) == 1
        flock(fd, how)

    flock = fcntl.flock
    monkeypatch.setattr(fcntl, "flock", late)
    with scratch(tmp_path) as making:
        assert swept
        (making / "proxy.mp4").touch()
    assert list(tmp_path.iterdir()) == []
