"""Fixtures that every package's tests may use."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("lookfors", deadline=None)  # how long a busy machine takes says nothing about the code
settings.load_profile("lookfors")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of development media and corpora: $LOOKFORS_SHARED, else `shared` beside the repository."""
    folder = Path(os.environ.get("LOOKFORS_SHARED") or ROOT.parent / "shared")
    if not folder.is_dir():
        pytest.skip(f"needs the development media in {folder}; name the folder with LOOKFORS_SHARED")
    return folder
