"""Every state of the desk, light and dark, wide and narrow: no violation that axe-core knows of, and a name for a
screen reader on every control."""

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.running import environment
from tests.e2e.conftest import OpenPage
from tests.e2e.reviewing import NewReview, another_window, call, first_card, saved, state
from tests.e2e.service import Service
from tests.e2e.test_looks import Look, assert_fine, looks

AT = "2026-03-02T09:00:00Z"
RUBRIC = "stem-relevance"
CONTROLS = "button|link|textbox|searchbox|slider|combobox|checkbox|radio|tab|listbox|option|menuitem|spinbutton|switch"
NAMELESS = re.compile(rf"^\s*- (?:{CONTROLS})(?: \[[^\]]*\])*:?$", re.MULTILINE)


def assert_good(page: Page) -> None:
    assert_fine(page)
    nameless = NAMELESS.findall(page.locator("body").aria_snapshot())
    assert nameless == []


def show(page: Page, tab: str) -> None:
    """Where a part has a tab of its own."""
    found = page.get_by_role("tab", name=tab)
    if found.count() > 0:
        found.click()


def hand_in(page: Page) -> None:
    page.get_by_role("button", name="Hand in").click()


@looks
def test_going_through_and_deciding(new_review: NewReview, late_start: str, viewport: Look, scheme: str) -> None:
    page = new_review("assisted", "youth-voice", windows=1, of=late_start, viewport=viewport, color_scheme=scheme)
    expect(page.locator(".turn").first).to_be_visible()
    assert_good(page)  # the map
    expect(first_card(page)).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.press("r")
    expect(page.get_by_role("group", name="Why, if you like")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_role("slider", name="Start", exact=True)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Edited by you: was")).to_be_visible()
    assert_good(page)  # a decision, its reasons, its ends
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    expect(page.locator(".piece.own")).to_be_visible()
    page.get_by_role("button", name="Closer on the map").click()
    assert_good(page)  # a mark of one's own; the map closer

    page.get_by_role("button", name="Reel").click()
    page.evaluate("document.querySelector('video').currentTime = 0")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".jump")).to_be_visible()
    page.get_by_role("button", name="Pause", exact=True).click()
    assert_good(page)  # the reel, after a jump
    page.get_by_role("group", name="What was in the stretch").first.scroll_into_view_if_needed()
    page.get_by_role("button", name=re.compile("^Nothing missed")).first.click()
    assert_good(page)
    page.get_by_role("button", name="Full, paced").click()
    expect(page.get_by_label("Skip silence")).to_be_visible()
    assert_good(page)


@looks
def test_searching_and_keys_and_menus(new_review: NewReview, viewport: Look, scheme: str) -> None:
    page = new_review("assisted", "youth-voice", viewport=viewport, color_scheme=scheme)
    expect(page.locator(".turn").first).to_be_visible()
    field = page.get_by_label("Search what was said")
    field.fill("water")
    expect(page.locator(".find")).to_contain_text(re.compile(r"1 of \d"))
    assert_good(page)
    field.fill("xylophone")
    expect(page.locator(".find")).to_contain_text("Not said")
    assert_good(page)
    field.press("Escape")
    page.get_by_role("button", name=re.compile("^Reviewer")).click()
    assert_good(page)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    assert_good(page)
    dialog.get_by_role("button", name="Supports: A Change").click()
    page.keyboard.press("k")
    expect(dialog.get_by_role("alert")).to_contain_text("Play or pause")
    assert_good(page)


@looks
def test_blind_and_revealed(new_review: NewReview, viewport: Look, scheme: str) -> None:
    page = new_review("blind_then_reveal", "purposeful-questions", windows=1, viewport=viewport, color_scheme=scheme)
    show(page, "Evidence")
    expect(page.get_by_text("Suggestions open as you score.")).to_be_visible()
    assert_good(page)
    show(page, "Rubric")
    for criterion in state(page)["rubric"]["criteria"]:
        page.locator(".criterion h3 button", has_text=criterion["label"]).click()
        page.get_by_label(f"Seen in the picture, for {criterion['label']}").fill("They turn to each other.")
        page.get_by_role("group", name=f"Score for {criterion['label']}").get_by_role("button").nth(1).click()
    saved(page)
    expect(page.get_by_text("To change the score, say why")).to_be_visible()
    assert_good(page)
    show(page, "Evidence")
    expect(page.locator(".piece").first).to_be_visible()
    assert_good(page)


@looks
def test_trouble_and_the_end(new_review: NewReview, service: Service, viewport: Look, scheme: str) -> None:
    page = new_review("assisted", "stem-relevance", viewport=viewport, color_scheme=scheme)
    show(page, "Rubric")
    hand_in(page)
    expect(page.get_by_role("dialog", name="Not complete yet")).to_be_visible()
    assert_good(page)
    page.keyboard.press("Escape")

    page.context.set_offline(True)
    page.get_by_label("Feedback on the whole").fill("Written here.")
    expect(page.locator(".saved")).to_contain_text("kept in this browser")
    assert_good(page)
    other = another_window(page)
    show(other, "Rubric")
    other.get_by_label("Feedback on the whole").fill("Written there.")
    saved(other)
    page.context.set_offline(False)
    expect(page.get_by_role("alert").filter(has_text="Written there.")).to_be_visible()
    assert_good(page)
    page.get_by_role("button", name="Keep what is there").click()

    for criterion in state(page)["rubric"]["criteria"]:
        page.locator(".criterion h3 button", has_text=criterion["label"]).click()
        page.get_by_role("button", name=re.compile("^Cannot tell")).click()
    saved(page)
    hand_in(page)
    assert_good(page)
    page.get_by_role("dialog").get_by_role("button", name="Hand in").click()
    expect(page.locator(".chip", has_text="Handed in")).to_be_visible()
    assert_good(page)
    page.goto(f"{service.url}/reviews")
    expect(page.get_by_text("Handed in").first).to_be_visible()
    assert_good(page)


@pytest.fixture(scope="module")
def compared(
    service: Service, sample: str, browser: Browser, signed_in: Callable[[Service], dict[str, object]]
) -> None:
    """Two finished reviews of the sample that differ in every score."""
    command = [sys.executable, "-m", "lookfors", "people", "add", "Second reader", "--role", "reviewer"]
    done = subprocess.run(command, env=environment(service.settings), capture_output=True, text=True, check=True)
    link = re.search(r"/sign-in\?token=\S+", done.stdout)
    assert link, done.stdout
    admin = browser.new_context(storage_state=signed_in(service)).new_page()  # type: ignore[arg-type]
    admin.goto(service.url + "/about")
    rosa = browser.new_context().new_page()
    rosa.goto(service.url + link[0])
    rosa.get_by_role("navigation", name="Main").wait_for()
    call(admin, "PATCH", "/api/program", {"protocol": "assisted", "unassisted_share": 0, "audit_windows": 0})
    for old in call(admin, "GET", "/api/reviews")["items"]:
        call(admin, "DELETE", f"/api/assignments/{old['id']}")
    people = [call(page, "GET", "/api/me")["id"] for page in (admin, rosa)]
    wanted = {"submission_ids": [sample], "reviewer_ids": people, "rubric_id": RUBRIC}
    made = [item["assignment_id"] for item in call(admin, "POST", "/api/assignments", wanted)["items"]]
    for page, review, level in zip((admin, rosa), made, ("1", "3"), strict=True):
        opened = call(page, "POST", f"/api/reviews/{review}/open", {})
        acts = [
            (kind, f"{kind}:{criterion['id']}", value)
            for criterion in opened["rubric"]["criteria"]
            for kind, value in (("cite", {"seen": "They all lean in."}), ("score", {"level": level}))
        ]
        saved_acts = call(
            page,
            "POST",
            f"/api/reviews/{review}/acts",
            {
                "acts": [
                    {"id": f"{review[-12:]}-{n}", "kind": kind, "subject": subject, "value": value, "at": AT}
                    for n, (kind, subject, value) in enumerate([*acts, ("submit", "submit", {})])
                ]
            },
        )
        assert saved_acts["state"] == "submitted", saved_acts
        page.context.close()


@looks
def test_what_staff_see(
    service: Service, sample: str, open_page: OpenPage, compared: None, viewport: Look, scheme: str
) -> None:
    page = open_page(service, "/queue", viewport=viewport, color_scheme=scheme)
    expect(page.locator(".queue-row").first).to_be_visible()
    assert_good(page)
    page.locator(".queue-row input").first.check()
    page.get_by_role("button", name=re.compile("^Assign 1")).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert_good(page)
    page.keyboard.press("Escape")
    page.goto(f"{service.url}/submissions/{sample}/comparison")
    expect(page.get_by_role("table").first).to_be_visible()
    assert_good(page)
    page.get_by_role("button", name=re.compile("^Settle")).first.click()
    expect(page.get_by_label("Reason").first).to_be_visible()
    assert_good(page)
