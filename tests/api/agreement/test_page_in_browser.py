"""The report in a real browser: it asks for nothing, fits a phone, and prints what is folded away."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.agreement.page import render
from api.agreement.ratings_file import read_ratings_file
from api.agreement.study import study
from training.simulate import Arms, Scenario, simulate
from training.simulate.files import write_files

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """$LOOKFORS_CHROMIUM, else a Chromium on the PATH, else the one that Playwright brought."""
    path = os.environ.get("LOOKFORS_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    arms = Arms(unassisted=0.5, blind_then_reveal=0.0, assisted=0.5)
    write_files(simulate(Scenario(submissions=60, arms=arms), seed=2), folder)
    page = folder / "report.html"
    figures = study(read_ratings_file(folder / "ratings.csv", levels=["1", "2", "3", "4"]), resamples=100)
    page.write_text(render(figures), encoding="utf-8")
    return page


@pytest.mark.parametrize("width", [360, 1280])
def test_it_asks_for_nothing_and_never_scrolls_sideways(browser: Browser, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.goto(report.as_uri())

    assert asked == [report.as_uri()]
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("circle.dot").first.is_visible()
    page.close()


def test_marks_stand_where_their_figures_say(browser: Browser, report: Path) -> None:
    """α of all criteria: its dot's place between the axis labels 0 and 1 is the number beside it."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(report.as_uri())
    row = page.locator("#agreement .row").first
    beside = row.locator(".beside").inner_text()
    value = float(beside.split("=")[1].split("[")[0].strip().replace("−", "-"))
    centre = row.locator("circle.dot").evaluate(
        "e => e.getBoundingClientRect().x + e.getBoundingClientRect().width / 2"
    )
    zero, one = (
        page.locator("#agreement .axis text", has_text=label).last.evaluate(
            "e => e.ownerSVGElement.getBoundingClientRect().x"
            " + e.x.baseVal[0].valueInSpecifiedUnits / 100 * e.ownerSVGElement.getBoundingClientRect().width"
        )
        for label in ("0", "1")
    )

    assert (centre - zero) / (one - zero) == pytest.approx(value, abs=0.02)
    page.close()


def test_print_opens_what_is_folded(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    folded = page.locator("details:not([open])").first
    before = folded.evaluate("e => e.getBoundingClientRect().height")
    page.emulate_media(media="print")

    assert folded.evaluate("e => e.getBoundingClientRect().height") > 3 * before
    page.close()
