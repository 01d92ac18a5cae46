"""The settings of the program: what each protocol does and costs; a change is asked first, for later reviews alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.e2e.conftest import DESK, PHONE, OpenPage
from tests.e2e.reviewing import call
from tests.e2e.service import Service
from tests.e2e.test_looks import assert_fine

USUAL = {"protocol": "blind_then_reveal", "unassisted_share": 0.2, "audit_windows": 3, "due_business_days": 10}


def program(page: Page) -> dict[str, Any]:
    held: dict[str, Any] = call(page, "GET", "/api/program")
    return {name: held[name] for name in USUAL}


@pytest.fixture
def settings(desk: Service, open_page: OpenPage) -> Page:
    page = open_page(desk, "/queue")
    call(page, "PATCH", "/api/program", USUAL)
    page.get_by_role("link", name="Program").click()
    expect(page.get_by_role("heading", name="Program", level=1)).to_be_visible()
    expect(page.get_by_role("radio")).to_have_count(3)
    return page


def test_a_change_is_named_and_asked_before_it_is_made(settings: Page) -> None:
    save = settings.get_by_role("button", name="Save changes")
    expect(save).to_be_disabled()
    settings.get_by_role("radio", name=re.compile("^With suggestions")).check()
    settings.get_by_label("Reviews kept without suggestions").fill("25")
    expect(settings.get_by_text("about 1 in 4")).to_be_visible()
    settings.get_by_label("Stretches to check").fill("6")
    expect(settings.get_by_text("2 min of listening")).to_be_visible()  # 6 x 20 s
    save.click()
    dialog = settings.get_by_role("dialog", name="Change the program?")
    for words in ("With suggestions", "20 %", "25 %", "Those assigned already stay as they are"):
        expect(dialog).to_contain_text(words)
    expect(dialog).not_to_contain_text("Working days")  # as it was
    dialog.get_by_role("button", name="Not now").click()
    assert program(settings) == USUAL

    save.click()
    dialog.get_by_role("button", name="Change it").click()
    expect(settings.locator(".saved", has_text="Saved")).to_be_visible()
    assert program(settings) == {**USUAL, "protocol": "assisted", "unassisted_share": 0.25, "audit_windows": 6}
    settings.reload()
    expect(settings.get_by_role("radio", name=re.compile("^With suggestions"))).to_be_checked()
    expect(settings.get_by_label("Reviews kept without suggestions")).to_have_value("25")


def test_what_makes_no_sense_is_said_beside_the_field(settings: Page) -> None:
    days = settings.get_by_label("Working days")
    days.fill("0")
    expect(settings.get_by_role("alert")).to_have_text("Give a whole number from 1 to 90.")
    expect(days).to_have_attribute("aria-invalid", "true")
    expect(settings.get_by_role("button", name="Save changes")).to_be_disabled()
    settings.get_by_role("button", name="Put back").click()
    expect(days).to_have_value("10")
    expect(settings.get_by_role("alert")).to_have_count(0)


def test_without_suggestions_there_is_no_share_to_draw(settings: Page) -> None:
    settings.get_by_role("radio", name=re.compile("^Without suggestions")).check()
    expect(settings.get_by_label("Reviews kept without suggestions")).to_be_disabled()
    expect(settings.get_by_text("nothing is left to draw")).to_be_visible()


def test_a_service_that_does_not_answer_leaves_the_form_as_it_is(settings: Page) -> None:
    def refuse(route: Route, request: Request) -> None:
        if request.method == "PATCH":
            route.abort("connectionrefused")
        else:
            route.continue_()

    settings.get_by_label("Working days").fill("5")
    settings.get_by_role("button", name="Save changes").click()
    settings.route("**/api/program", refuse)
    dialog = settings.get_by_role("dialog", name="Change the program?")
    dialog.get_by_role("button", name="Change it").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    settings.unroute("**/api/program")
    dialog.get_by_role("button", name="Change it").click()
    expect(dialog).to_have_count(0)
    assert program(settings)["due_business_days"] == 5


@pytest.mark.parametrize(("viewport", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_it_looks_right_everywhere(desk: Service, open_page: OpenPage, viewport: dict[str, int], scheme: str) -> None:
    page = open_page(desk, "/queue/program", viewport=viewport, color_scheme=scheme)
    call(page, "PATCH", "/api/program", USUAL)
    page.get_by_label("Working days").fill("400")
    expect(page.get_by_role("alert")).to_be_visible()
    assert_fine(page)
    page.get_by_label("Working days").fill("4")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_fine(page)


def test_reviewers_are_not_shown_the_settings(desk: Service, open_page: OpenPage) -> None:
    """The arm of a review is concealed until it is opened; the shares that it is drawn by belong to staff."""
    page = open_page(desk, "/queue/program", anonymous=True)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
