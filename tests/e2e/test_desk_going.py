"""Ways through a recording: the gears, the search, the map, and keys of one's own. Numbers are those of the complaints
about other tools that the project collected."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.api.running import eventually
from tests.e2e.conftest import PHONE
from tests.e2e.reviewing import NewReview, evidence, first_card, held, position, saved, state

BEFORE_S = 6  # room the reel gives a moment


def ready(page: Page) -> None:
    expect(page.locator(".turn").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('video').readyState > 0")


def painted(page: Page, name: str) -> list[str]:
    found: list[str] = page.evaluate("name => [...(CSS.highlights.get(name) ?? [])].map(String)", name)
    return found


def test_the_reel_jumps_to_what_was_suggested_and_ends_with_the_windows(new_review: NewReview, late_start: str) -> None:
    """Complaint 2: jumping between segments; and what nobody flagged is looked into as well."""
    page = new_review("assisted", "youth-voice", windows=1, of=late_start)
    ready(page)
    expect(first_card(page)).to_be_visible()
    first = evidence(page)[0]
    page.get_by_role("button", name="Reel").click()
    page.locator(".map-names").click()
    page.keyboard.press("k")
    eventually(lambda: position(page) >= first["start"] - BEFORE_S - 0.1, "the first jump")
    page.keyboard.press("k")
    jump = page.locator(".jump")
    expect(jump).to_contain_text(re.compile(r"Skipped 0:\d\d: (no|\d+) youth turns?, nothing suggested"))
    jump.get_by_role("button", name="Play it").click()
    assert position(page) < first["start"] - BEFORE_S

    page.evaluate("document.querySelector('video').currentTime = document.querySelector('video').duration - 0.4")
    page.keyboard.press("k")
    question = page.locator(".audit-now")
    expect(question).to_contain_text("Nobody flagged this")
    [window] = state(page)["audit_windows"]
    eventually(lambda: window["start"] <= position(page) < window["end"], "the window to play")
    question.get_by_role("button", name="Nothing missed").click()
    saved(page)
    assert held(page, f"audit:{window['id']}") == {"answer": "nothing"}


def test_the_clock_says_what_each_way_takes(new_review: NewReview) -> None:
    """Complaint 3: a speed of one's own choice, and what it saves."""
    page = new_review("assisted", "youth-voice")
    ready(page)
    says = page.locator(".gears .number")
    whole = state(page)["duration"]

    def seconds() -> int:
        found = re.search(r"→ (\d+):(\d\d) at this setting", says.inner_text())
        assert found, says.inner_text()
        return int(found[1]) * 60 + int(found[2])

    assert seconds() == pytest.approx(whole, abs=1)
    page.get_by_label("Speed").select_option("2")
    assert seconds() == pytest.approx(whole / 2, abs=1)
    page.get_by_label("Speed").select_option("1")
    page.get_by_role("button", name="Reel").click()
    reel = seconds()
    assert reel < whole
    page.get_by_role("button", name="Full, paced").click()
    # What the reel plays is played at its own speed, the rest at 1.75 times that.
    assert seconds() == pytest.approx(reel + (whole - reel) / 1.75, abs=2)
    before = seconds()
    page.get_by_label("Skip silence").check()
    assert seconds() <= before


def test_what_was_said_is_found_in_the_text_and_on_the_map(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice")
    ready(page)
    words = " ".join(page.locator("[data-said]").all_text_contents()).lower()
    before = position(page)
    page.keyboard.press("/")
    field = page.get_by_label("Search what was said")
    expect(field).to_be_focused()
    page.keyboard.type("THÉ ")
    bar = page.locator(".find")
    expect(bar).to_contain_text(f"1 of {words.count('the')}")
    field.fill("The water")
    n = words.count("the water")
    assert n > 1
    expect(bar).to_contain_text(f"1 of {n}")
    eventually(lambda: painted(page, "found-now") == ["the water"], "the hit in hand to be painted")
    page.keyboard.press("Enter")
    expect(bar).to_contain_text(f"2 of {n}")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    expect(bar).to_contain_text(f"{n} of {n}")
    now = "[...CSS.highlights.get('found-now')][0].getBoundingClientRect().top"
    pane = page.locator(".transcript").bounding_box()
    assert pane is not None
    eventually(lambda: pane["y"] <= page.evaluate(now) <= pane["y"] + pane["height"], "the last hit to be in view")
    page.locator(".map-names").click()
    page.keyboard.press("n")  # outside the field, n goes on too
    expect(bar).to_contain_text(f"1 of {n}")
    assert position(page) == before
    page.keyboard.press("Escape")
    expect(bar.get_by_role("status")).to_have_text("")
    eventually(lambda: painted(page, "found") == [], "the paint to go")
    page.keyboard.press("n")  # and is the next suggestion's again
    expect(page.locator(".map-lane [aria-selected=true]")).to_have_count(1)


def test_from_a_moment_to_its_words_and_back(new_review: NewReview) -> None:
    """Complaint 7: from a segment to its paragraph and back; 15: a plain click is all it takes."""
    page = new_review("assisted", "youth-voice")
    ready(page)
    expect(first_card(page)).to_be_visible()
    pieces = evidence(page)
    page.locator(f"[data-card='{pieces[-1]['id']}'] .piece-go").click()
    eventually(lambda: abs(position(page) - pieces[-1]["start"]) < 0.3, "playback at the moment")
    expect(page.locator("[data-now]")).to_be_in_viewport()
    signs = page.get_by_role("button", name=re.compile("^Evidence: "))
    signs.last.click()
    expect(page.locator(".piece.chosen")).to_be_in_viewport()


def test_the_search_by_touch(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice", viewport=PHONE, has_touch=True)
    ready(page)
    page.get_by_label("Search what was said").tap()
    page.keyboard.type("water")
    page.get_by_role("button", name="Next hit").tap()
    expect(page.locator(".find")).to_contain_text("2 of")
    expect(page.get_by_role("button", name="Next hit")).to_be_in_viewport()
    page.get_by_role("button", name="Leave the search").tap()
    expect(page.get_by_role("button", name="Next hit")).to_have_count(0)


def test_the_map_comes_closer_and_shows_what_was_watched(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice")
    ready(page)
    expect(page.locator(".map-names")).to_contain_text("0 %")
    page.keyboard.press("k")
    eventually(lambda: position(page) > 5, "a few seconds of playback")
    page.keyboard.press("k")
    expect(page.locator(".map-names")).to_contain_text(re.compile(r"[1-9] %"))
    watched = page.locator(".map-names").inner_text()
    page.reload()  # leaving the page sends what was played
    ready(page)
    eventually(lambda: state(page)["watched"], "what was played to arrive")
    assert re.search(r"\d+ %", page.locator(".map-names").inner_text()) is not None, watched

    page.get_by_role("button", name="Closer on the map").click()
    part = page.get_by_role("slider", name="Part of the recording on the map")
    expect(part).to_have_attribute("aria-valuetext", re.compile(r"^0:0\d to 1:\d\d$"))
    part.press("End")
    expect(part).to_have_attribute("aria-valuetext", re.compile(r"to 3:\d\d$"))
    page.get_by_role("button", name="The whole recording on the map").click()
    expect(part).to_have_count(0)


def test_keys_are_given_others_kept_and_put_back(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice")
    expect(first_card(page)).to_be_visible()
    first = evidence(page)[0]
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    dialog.get_by_role("button", name="Supports: A Change").click()
    page.keyboard.press("k")
    expect(dialog.get_by_role("alert")).to_contain_text("K is “Play or pause”")
    dialog.get_by_role("button", name="Use it here instead").click()
    expect(dialog.get_by_role("button", name="Supports: K Change")).to_be_visible()
    expect(dialog.get_by_role("button", name="Play or pause: Space Change")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    card = first_card(page)
    expect(card.get_by_role("button", name="Supports")).to_contain_text("K")
    page.keyboard.press("n")
    page.keyboard.press("k")
    expect(card.get_by_role("button", name="Supports")).to_have_attribute("aria-pressed", "true")
    saved(page)
    assert held(page, f"evidence:{first['id']}") == {"verdict": "supports"}

    page.get_by_role("tab", name="Rubric").click()
    page.get_by_label("Feedback on the whole").fill("")
    page.get_by_label("Feedback on the whole").press_sequentially("krz")  # keys rest while one types
    expect(page.get_by_label("Feedback on the whole")).to_have_value("krz")
    page.locator("h1").click()
    page.keyboard.press("?")
    page.get_by_role("button", name="All keys as they came").click()
    expect(dialog.get_by_role("button", name="Supports: A Change")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog", name="Not complete yet")).to_be_visible()


def test_the_desk_fills_the_window_and_no_more(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice", windows=1)
    ready(page)
    expect(first_card(page)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollHeight <= document.documentElement.clientHeight")
