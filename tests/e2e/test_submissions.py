import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, OpenPage
from tests.e2e.service import Service

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(2000)  # enough to be handed in; nobody opens it without a worker


@pytest.fixture
def filled(empty_desk: Service) -> Service:
    """23 submissions in line: one page of twenty and a bit."""
    for number in range(1, 22):
        empty_desk.hand_in(f"Session {number:02}", MP4)
    empty_desk.hand_in("Solar ovens", MP4)
    empty_desk.hand_in("音の実験 über Klänge", MP4, filename="録画 1.mov")
    return empty_desk


def titles(page: Page) -> list[str]:
    return page.locator(".row h2 a").all_inner_texts()


def test_first_use_invites_an_upload(empty_desk: Service, open_page: OpenPage) -> None:
    page = open_page(empty_desk)
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    with page.expect_file_chooser():
        page.get_by_role("button", name="Choose recordings").click()


def test_search_sort_and_pages_live_in_the_address(filled: Service, open_page: OpenPage) -> None:
    page = open_page(filled)
    expect(page.get_by_text("1–20 of 23")).to_be_visible()
    assert titles(page)[0] == "音の実験 über Klänge"  # newest first

    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("21–23 of 23")).to_be_visible()
    assert page.url.endswith("/?page=2")

    page.get_by_label("Sort").select_option("title")
    expect(page.locator(".row h2 a").first).to_have_text("Session 01")
    assert page.url.endswith("/?sort=title")  # a new order starts at its first page

    page.get_by_label("Search by title").fill("solar")
    expect(page.get_by_text("1 in all")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=solar&sort=title$"))
    page.reload()
    expect(page.locator(".row h2 a")).to_have_text(["Solar ovens"])
    assert page.get_by_label("Search by title").input_value() == "solar"

    page.get_by_label("Search by title").fill("no such thing")
    expect(page.get_by_role("heading", name="No submission matches")).to_be_visible()
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_text("1–20 of 23")).to_be_visible()

    page.get_by_label("Show").select_option("failed")
    expect(page.get_by_role("heading", name="No submission matches")).to_be_visible()


def test_rename_by_keyboard_and_leave_as_it_was(filled: Service, open_page: OpenPage) -> None:
    page = open_page(filled, "/?q=solar")
    more = page.get_by_role("button", name="More for Solar ovens")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Rename")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("New title").fill("Sun kitchens")
    page.keyboard.press("Escape")
    expect(page.locator(".row h2 a")).to_have_text(["Solar ovens"])

    page.get_by_role("button", name="More for Solar ovens").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("New title").fill("Solar ovens, week 3")
    page.keyboard.press("Enter")
    expect(page.locator(".row h2 a")).to_have_text(["Solar ovens, week 3"])
    page.reload()
    expect(page.locator(".row h2 a")).to_have_text(["Solar ovens, week 3"])


def test_delete_asks_first(filled: Service, open_page: OpenPage) -> None:
    page = open_page(filled, "/?q=solar")
    page.get_by_role("button", name="More for Solar ovens").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete “Solar ovens”?")
    expect(dialog.get_by_role("button", name="Keep it")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator(".row")).to_have_count(1)

    page.get_by_role("button", name="More for Solar ovens").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("heading", name="No submission matches")).to_be_visible()


def test_cancel_and_try_again(filled: Service, open_page: OpenPage) -> None:
    page = open_page(filled, "/?q=solar")
    page.get_by_role("button", name="Cancel the work on Solar ovens").click()
    expect(page.get_by_text("Cancelled. What was finished is kept.")).to_be_visible()
    page.get_by_role("button", name="Try again: Solar ovens").click()
    expect(page.get_by_text("In line: it starts as soon as the worker is free")).to_be_visible()


def test_another_persons_change_arrives_by_itself(filled: Service, open_page: OpenPage) -> None:
    watching = open_page(filled)
    expect(watching.get_by_text("1–20 of 23")).to_be_visible()
    filled.hand_in("Just arrived", MP4)
    expect(watching.locator(".row h2 a").first).to_have_text("Just arrived")

    acting = open_page(filled, "/?q=just")
    acting.get_by_role("button", name="More for Just arrived").click()
    acting.get_by_role("menuitem", name="Delete").click()
    acting.get_by_role("button", name="Delete for good").click()
    expect(watching.locator(".row h2 a").first).to_have_text("音の実験 über Klänge")


def test_a_phone_shows_everything_without_sideways_scrolling(filled: Service, open_page: OpenPage) -> None:
    page = open_page(filled, viewport=PHONE, has_touch=True)
    expect(page.locator(".row")).to_have_count(20)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    for name in ("Upload recordings", "More for Solar ovens", "Cancel the work on Solar ovens"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, name
