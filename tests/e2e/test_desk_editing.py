"""Editing a suggestion and saying why it does not hold, without moving playback. Numbers are those of the complaints
about other tools that the project collected."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE
from tests.e2e.reviewing import NewReview, evidence, first_card, held, position, saved, state


def chosen(page: Page) -> Locator:
    return page.locator(".piece.chosen")


def playable(page: Page) -> None:
    """Before that, going somewhere is only noted for later."""
    page.wait_for_function("() => document.querySelector('video').readyState > 0")


def choose_first(page: Page) -> dict[str, Any]:
    """Goes to the first suggestion and answers it."""
    playable(page)
    first = evidence(page)[0]
    expect(first_card(page)).to_be_visible()
    page.keyboard.press("n")
    expect(chosen(page)).to_have_attribute("data-card", first["id"])
    return first


def choose_wide(page: Page) -> dict[str, Any]:
    """Goes to the first suggestion that the map does not come closer for: a fortieth of the recording or more."""
    playable(page)
    pieces = evidence(page)
    wide = next(piece for piece in pieces if piece["end"] - piece["start"] > state(page)["duration"] / 40)
    expect(first_card(page)).to_be_visible()
    for piece in pieces[: pieces.index(wide) + 1]:
        page.keyboard.press("n")
        expect(chosen(page)).to_have_attribute("data-card", piece["id"])
    return wide


def test_ends_are_moved_by_keys_and_playback_stays(new_review: NewReview) -> None:
    """Complaints 2 and 6: edges nudged by keys; adjusting an end never rewinds or loops."""
    page = new_review("assisted", "youth-voice")
    first = choose_first(page)
    page.keyboard.press("l")
    before = position(page)
    page.keyboard.press("e")
    expect(page.get_by_role("slider", name="Start", exact=True)).to_be_focused()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    saved(page)
    span = held(page, f"span:{first['id']}")
    assert span is not None
    assert span["start"] == pytest.approx(first["start"] - 2 * 0.5 + 0.1, abs=0.02)
    assert span["end"] == pytest.approx(first["end"], abs=0.01)
    assert position(page) == before
    expect(chosen(page)).to_contain_text("Edited by you: was")
    page.keyboard.press("Escape")
    expect(page.get_by_role("slider", name="Start", exact=True)).to_have_count(0)
    page.keyboard.press("z")  # one move, taken back as one
    expect(chosen(page)).not_to_contain_text("Edited by you")
    saved(page)
    assert held(page, f"span:{first['id']}") is None


def test_ends_are_set_where_playback_stands(new_review: NewReview) -> None:
    """Complaint 2: start and end set at the playhead; 50: a key for the out time."""
    page = new_review("assisted", "youth-voice")
    first = choose_first(page)
    page.keyboard.press("l")
    page.keyboard.press("l")
    page.keyboard.press("]")
    page.keyboard.press("j")
    page.keyboard.press("[")
    saved(page)
    span = held(page, f"span:{first['id']}")
    assert span == {
        "start": pytest.approx(first["start"] + 5, abs=0.1),
        "end": pytest.approx(first["start"] + 10, abs=0.1),
    }
    page.reload()
    expect(page.locator(".reviewing .gears")).to_be_visible()
    expect(first_card(page)).to_contain_text("Edited by you: was")
    first_card(page).get_by_role("button", name="Put back").click()
    expect(first_card(page)).not_to_contain_text("Edited by you")


def drag(page: Page, handle: Locator, dx: float, dy: float = 0) -> None:
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2)
    page.mouse.move(x + dx, y + dy)
    page.mouse.up()


def test_ends_are_dragged_on_the_map_and_in_the_text(new_review: NewReview) -> None:
    """Complaint 6, by mouse: dragging an end leaves playback where it is."""
    page = new_review("assisted", "youth-voice")
    first = choose_wide(page)
    before = position(page)
    chosen(page).get_by_role("button", name=re.compile("^Edit")).click()
    plot = page.locator(".map-plot").bounding_box()
    assert plot is not None
    per_px = state(page)["duration"] / plot["width"]
    drag(page, page.locator(".handle.on-map.end"), 40)
    saved(page)
    span = held(page, f"span:{first['id']}")
    assert span is not None
    assert span["end"] == pytest.approx(first["end"] + 40 * per_px, abs=per_px * 2)
    assert span["start"] == first["start"]

    handle = page.locator(".handle.in-text.end")
    handle.scroll_into_view_if_needed()
    drag(page, handle, -90)
    saved(page)
    shorter = held(page, f"span:{first['id']}")
    assert shorter is not None
    assert shorter["end"] < span["end"]
    assert position(page) == before


def test_its_look_for_is_changed_by_a_chooser(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice")
    first = choose_first(page)
    page.keyboard.press("v")
    chooser = page.get_by_label("What it is")
    expect(chooser).to_be_focused()
    other = "stem_relevance everyday" if first["indicator"] != "stem_relevance" else "youth_voice idea"
    chooser.select_option(other)
    saved(page)
    indicator, code = other.split()
    assert held(page, f"span:{first['id']}") == {"indicator": indicator, "code": code}
    expect(chosen(page)).to_contain_text(f"was {first['code_label']}")
    page.get_by_role("button", name="Undo").click()
    expect(chosen(page)).not_to_contain_text("Edited by you")


def test_a_no_needs_no_reason_and_takes_one_in_a_tap(new_review: NewReview) -> None:
    """Complaint 31: one click and a visible state; a reason never asked for, and never in the way of the keys."""
    page = new_review("assisted", "youth-voice")
    first = choose_first(page)
    expect(chosen(page).get_by_role("group", name="Why, if you like")).to_have_count(0)
    focus = page.evaluate_handle("document.activeElement")
    page.keyboard.press("r")
    reasons = chosen(page).get_by_role("group", name="Why, if you like")
    expect(reasons).to_be_visible()
    assert page.evaluate("before => document.activeElement === before", focus)  # the focus was not taken anywhere
    reasons.get_by_role("button", name="Words misheard").click()
    reasons.get_by_role("button", name="Wrong speaker").click()
    reasons.get_by_role("button", name="Wrong speaker").click()
    saved(page)
    assert held(page, f"evidence:{first['id']}") == {"verdict": "does_not", "reasons": ["wrong_words"]}
    page.keyboard.press("a")
    expect(reasons).to_have_count(0)
    saved(page)
    assert held(page, f"evidence:{first['id']}") == {"verdict": "supports"}


def test_yes_and_no_cost_the_same_and_nothing_accepts_all(new_review: NewReview) -> None:
    """Complaint 33, refused on purpose: each suggestion is answered by itself, no answer easier than another."""
    page = new_review("assisted", "youth-voice")
    answers = first_card(page).get_by_role("group", name="Does this moment support the look-for?").get_by_role("button")
    expect(answers).to_have_count(3)
    sizes = answers.evaluate_all("all => all.map(one => [Math.round(one.clientWidth), one.clientHeight])")
    assert sizes == [sizes[0]] * 3
    assert {answer.get_attribute("aria-pressed") for answer in answers.all()} == {"false"}  # nothing is filled in
    every = page.get_by_role("button", name=re.compile(r"\ball\b", re.IGNORECASE))
    expect(every.and_(page.locator(":not(.piece-go)"))).to_have_count(0)  # those that quote what was said may say "all"


def test_heard_is_told_apart_from_decided(new_review: NewReview) -> None:
    """Complaints 35 and 36: what the machine said, what was heard and what was decided are three things."""
    page = new_review("assisted", "youth-voice")
    first = choose_first(page)
    card = page.locator(f"[data-card='{first['id']}']")
    expect(card.locator(".heard")).to_have_text("Not heard yet")
    expect(page.get_by_text(re.compile(r"suggestions: 0 heard, 0 decided"))).to_be_visible()
    page.keyboard.press("u")
    expect(card.locator(".heard")).to_have_text("Decided unheard")
    expect(page.get_by_text(re.compile(r"suggestions: 0 heard, 1 decided"))).to_be_visible()
    page.locator("video").evaluate("video => { video.playbackRate = 2 }")
    page.keyboard.press("h")
    expect(card.locator(".heard")).to_have_text("Heard")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()  # it stopped at the end of the piece
    assert first["end"] <= position(page) + 0.1 < evidence(page)[-1]["start"]


def test_marks_of_ones_own_are_edited_by_touch(new_review: NewReview) -> None:
    page = new_review("unassisted", "youth-voice", viewport=PHONE, has_touch=True)
    page.get_by_role("tab", name="Evidence").tap()
    page.get_by_role("button", name="Mark voice").tap()
    mark = page.locator(".piece.own")
    mark.get_by_role("button", name=re.compile("^Edit")).tap()
    later = mark.get_by_role("button", name="End half a second later")
    later.tap()
    later.tap()
    box = later.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, target size
    mark.get_by_label("What it is").select_option("purposeful_questions")
    saved(page)
    [(_, act)] = [(s, a) for s, a in state(page)["current"].items() if s.startswith("own:")]
    assert act["value"]["indicator"] == "purposeful_questions"
    assert act["value"]["end"] == pytest.approx(3.0, abs=0.05)  # 0 + 2 s, and twice half a second
    mark.get_by_role("button", name=re.compile("^Remove")).tap()
    expect(mark).to_have_count(0)
    page.get_by_role("button", name="Undo").tap()
    expect(mark).to_have_count(1)
