"""The flat packages are ours: another distribution that ships `model/` would silently win."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("package", ["api", "inference", "model", "training"])
def test_package_resolves_inside_the_repository(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == ROOT / package / "__init__.py"


@pytest.mark.parametrize("folder", sorted(p for p in (ROOT / "tests").rglob("*") if p.is_dir()), ids=str)
def test_every_test_folder_is_a_package(folder: Path) -> None:
    if any(folder.glob("*.py")):
        assert (folder / "__init__.py").exists()
