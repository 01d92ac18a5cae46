"""Every page, light and dark, wide and narrow: no violation that axe-core knows of, nothing off the side."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESK, PHONE, WEB, OpenPage
from tests.e2e.service import Service

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
LOOKS = [(DESK, "light"), (DESK, "dark"), (PHONE, "light")]
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(2000)

looks = pytest.mark.parametrize(
    ("viewport", "scheme"), LOOKS, ids=[f"{size['width']}-{scheme}" for size, scheme in LOOKS]
)
Look = dict[str, int]
SETTLED = """() => Promise.all(document.getAnimations()
    .filter(one => Number.isFinite(one.effect.getComputedTiming().endTime))
    .map(one => one.finished.catch(() => {})))"""


def violations(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"
    )
    return [
        f"{one['id']}: {one['help']} at {' | '.join(str(node['target']) for node in one['nodes'][:3])}" for one in found
    ]


def assert_fine(page: Page) -> None:
    page.wait_for_timeout(100)
    page.evaluate(SETTLED)  # colours in transition have no contrast to speak of
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@looks
def test_pages_without_a_worker(empty_desk: Service, open_page: OpenPage, viewport: Look, scheme: str) -> None:
    page = open_page(empty_desk, "/", viewport=viewport, color_scheme=scheme)
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    assert_fine(page)

    empty_desk.hand_in("Water filters — an afternoon at the river with the whole group", MP4)
    expect(page.locator(".row")).to_have_count(1)
    assert_fine(page)
    page.get_by_role("button", name="More for").click()
    assert_fine(page)
    page.get_by_role("menuitem", name="Delete").click()
    assert_fine(page)
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Water filters").click()
    expect(page.get_by_role("heading", name="In line")).to_be_visible()
    assert_fine(page)

    page.goto(f"{empty_desk.url}/about")
    expect(page.get_by_role("heading", name="Models at work here")).to_be_visible()
    assert_fine(page)

    page.goto(f"{empty_desk.url}/nowhere")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    assert_fine(page)

    page.goto(f"{empty_desk.url}/sign-in?token=spent")
    expect(page.get_by_role("heading", name="This link does not open the door any more")).to_be_visible()
    assert_fine(page)


@looks
def test_signed_out(desk: Service, open_page: OpenPage, viewport: Look, scheme: str) -> None:
    page = open_page(desk, "/", anonymous=True, viewport=viewport, color_scheme=scheme)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
    assert_fine(page)


@looks
def test_the_review_page(service: Service, sample: str, open_page: OpenPage, viewport: Look, scheme: str) -> None:
    page = open_page(service, f"/submissions/{sample}", viewport=viewport, color_scheme=scheme)
    expect(page.locator(".turn").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('video').readyState > 0")
    assert_fine(page)

    page.keyboard.press("n")
    page.keyboard.press("n")
    assert_fine(page)
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert_fine(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    assert_fine(page)


def test_less_motion_is_honoured(empty_desk: Service, open_page: OpenPage) -> None:
    page = open_page(empty_desk, "/", reduced_motion="reduce")
    seconds: Callable[[str], float] = lambda rule: float(page.evaluate(rule).removesuffix("s"))  # noqa: E731
    button = "getComputedStyle(document.querySelector('.button')).transitionDuration.split(',')[0]"
    expect(page.locator(".button").first).to_be_visible()
    assert seconds(button) < 0.001
