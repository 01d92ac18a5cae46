"""The page that `lookfors annotate --html` writes, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from inference.page import write_page
from tests.inference.test_page import a_scene


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "light"), (390, "dark")])
def test_the_page_of_results(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    """Nothing is fetched, nothing runs off the side, and the map is walked by keyboard to the card and the words."""
    written = tmp_path / "page.html"
    written.write_text(write_page(a_scene()))
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(written.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator(".marks.questions a").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#e1"
    assert page.locator("#e1:target").is_visible()
    page.locator("#e1 .when").click()
    assert page.evaluate("location.hash") == "#u1"
    assert page.locator("#u1").is_visible()
    assert requests == [written.as_uri()]
    assert complaints == []
    context.close()
