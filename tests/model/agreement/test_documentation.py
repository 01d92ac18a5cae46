"""docs/statistics.md describes every public function, fully, and shows code that runs."""

import inspect
import re
from pathlib import Path

import pytest

from model import agreement

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "statistics.md").read_text(encoding="utf-8")
FUNCTIONS = sorted(name for name in agreement.__all__ if inspect.isfunction(getattr(agreement, name)))


def section(name: str) -> str:
    found = re.search(rf"^### `{name}`\n(.*?)(?=^##)", PAGE, flags=re.MULTILINE | re.DOTALL)
    return found.group(1) if found else ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_is_described(name: str) -> None:
    text = section(name)
    for part in ("Means.", "Use.", "Assumes.", "Formula.", "Edges."):
        assert f"- **{part}** " in text, f"{name}: {part}"


def test_nothing_is_described_that_does_not_exist() -> None:
    assert sorted(re.findall(r"^### `(\w+)`$", PAGE, flags=re.MULTILINE)) == FUNCTIONS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_has_its_own_description(name: str) -> None:
    assert inspect.getdoc(getattr(agreement, name))


def test_the_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    assert code is not None
    exec(compile(code.group(1), "docs/statistics.md", "exec"), {})
    assert "Krippendorff's alpha (ordinal), α = " in capsys.readouterr().out


def test_links_inside_the_page_lead_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
