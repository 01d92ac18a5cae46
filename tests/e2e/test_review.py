"""The page of one submission: on the sample, prepared by the real pipeline."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.running import eventually
from tests.e2e.conftest import PHONE, OpenPage
from tests.e2e.service import Service

Facts = dict[str, Any]


@pytest.fixture
def facts(service: Service, sample: str) -> Facts:
    """What the service says of the sample."""
    found: Facts = {
        part: service.read(f"/api/submissions/{sample}/{part}") for part in ("transcript", "evidence", "measures")
    }
    found["submission"] = service.read(f"/api/submissions/{sample}")
    found["pieces"] = sorted(found["evidence"]["items"], key=lambda piece: piece["start"])
    return found


@pytest.fixture
def review(service: Service, sample: str, open_page: OpenPage) -> Page:
    page = open_page(service, f"/submissions/{sample}")
    expect(page.locator(".turn").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('video').readyState > 0")
    return page


def position(page: Page) -> float:
    found: float = page.evaluate("document.querySelector('video').currentTime")
    return found


def at(page: Page, seconds: float, tolerance: float = 0.3) -> None:
    eventually(
        lambda: abs(position(page) - seconds) <= tolerance, f"playback at {seconds} s, it is at {position(page)}"
    )


def lit(page: Page) -> list[str]:
    """The words that are lit now."""
    found: list[str] = page.evaluate("[...(CSS.highlights.get('now') ?? [])].map(range => range.toString())")
    return found


def test_everything_found_is_shown_and_nothing_as_a_bare_number(review: Page, facts: Facts) -> None:
    evidence = facts["pieces"]
    assert evidence, "the sample has evidence"
    for indicator, label in (
        ("youth_voice", "Youth voice"),
        ("stem_relevance", "STEM relevance"),
        ("purposeful_questions", "Purposeful questions"),
    ):
        count = sum(piece["indicator"] == indicator for piece in evidence)
        options = review.get_by_role("listbox", name=re.compile(f"^{label}: {count} piece")).get_by_role("option")
        expect(options).to_have_count(count)
    expect(review.locator(".piece")).to_have_count(len(evidence))
    expect(review.locator("[data-said]")).to_have_count(len(facts["transcript"]["utterances"]))
    expect(review.locator(".measure")).to_have_count(len(facts["measures"]["items"]))
    shown = review.locator(".evidence").inner_text()
    assert evidence[0]["quote"] in shown
    assert re.search(r"\b0?\.\d+\b(?! s\b)", shown) is None, "a probability was shown as a number"


def test_words_light_up_as_they_are_spoken(review: Page, facts: Facts) -> None:
    review.keyboard.press("k")
    eventually(lambda: position(review) > 2 and lit(review), "playback with a lit word")
    review.keyboard.press("k")
    now = position(review)
    [word] = eventually(lambda: lit(review), "a lit word")
    words = [word for utterance in facts["transcript"]["utterances"] for word in utterance["words"]]
    near = [other["text"].strip() for other in words if other["start"] - 0.2 <= now <= other["end"] + 0.8]
    assert word in near


def test_a_click_on_a_word_goes_to_it(review: Page, facts: Facts) -> None:
    utterance = max(facts["transcript"]["utterances"], key=lambda one: len(one["words"]))
    index = facts["transcript"]["utterances"].index(utterance)
    word = utterance["words"][2]
    review.locator(f"[data-said='{index}']").evaluate("said => said.scrollIntoView({ block: 'center' })")
    review.wait_for_timeout(500)  # text that was far away is laid out as it comes near
    box = review.evaluate(
        """([index, text, nth]) => {
            const node = document.querySelector(`[data-said='${index}']`).firstChild;
            const range = new Range();
            const from = node.data.split(" ").slice(0, nth).join(" ").length + 1;
            range.setStart(node, from);
            range.setEnd(node, from + text.length);
            const { x, y, width, height } = range.getBoundingClientRect();
            return [x + width / 2, y + height / 2];
        }""",
        [index, word["text"].strip(), 2],
    )
    review.mouse.click(*box)
    at(review, word["start"])
    eventually(lambda: lit(review) == [word["text"].strip()], f"“{word['text']}” to be lit, not {lit(review)}")


def test_a_click_on_the_map_goes_there(review: Page, facts: Facts) -> None:
    box = review.locator(".map-plot").bounding_box()
    assert box is not None
    review.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] - 8)  # on the waveform
    at(review, facts["submission"]["duration"] * 0.5, tolerance=1.0)


def test_the_lanes_are_walked_by_keys(review: Page, facts: Facts) -> None:
    pieces = [piece for piece in facts["pieces"] if piece["indicator"] == "purposeful_questions"]
    lane = review.get_by_role("listbox", name=re.compile("^Purposeful questions"))
    lane.focus()
    lane.press("Home")
    at(review, pieces[0]["start"])
    lane.press("ArrowRight")
    at(review, pieces[1]["start"])
    active = lane.get_attribute("aria-activedescendant")
    assert active is not None
    assert pieces[1]["quote"] in (review.locator(f"[id='{active}']").get_attribute("aria-label") or "")
    chosen = review.locator(".piece.chosen")
    expect(chosen).to_contain_text(pieces[1]["quote"])
    expect(chosen).to_be_in_viewport()  # the card comes along

    slider = review.get_by_role("slider", name="Position on the map")
    slider.focus()
    slider.press("Home")
    at(review, 0)
    slider.press("PageUp")
    at(review, 30)
    assert slider.get_attribute("aria-valuetext", timeout=1000) is not None

    turns = review.get_by_role("listbox", name=re.compile("^Who speaks"))
    turns.focus()
    turns.press("Home")
    at(review, facts["transcript"]["utterances"][0]["start"])


def test_the_keys_of_the_page(review: Page, facts: Facts) -> None:
    review.keyboard.press("l")
    at(review, 5)
    review.keyboard.press("ArrowRight")
    at(review, 6)
    review.keyboard.press("j")
    at(review, 1)
    review.keyboard.press("n")
    first = next(piece for piece in facts["pieces"] if piece["start"] > 1)
    at(review, first["start"])
    review.keyboard.press("s")
    assert review.evaluate("document.querySelector('video').playbackRate") == 1.25
    review.keyboard.press("Shift+S")
    assert review.evaluate("document.querySelector('video').playbackRate") == 1
    review.keyboard.press("c")
    eventually(lambda: review.evaluate("document.querySelector('video').textTracks[0].mode") == "showing", "captions")
    eventually(lambda: review.evaluate("document.querySelector('video').textTracks[0].cues?.length ?? 0") > 0, "cues")

    review.keyboard.press("?")
    dialog = review.get_by_role("dialog", name="Keyboard")
    expect(dialog.get_by_text("Next piece of evidence", exact=True)).to_be_visible()
    before = position(review)
    review.keyboard.press("l")  # keys rest under a dialog
    dialog.get_by_label("Single-key shortcuts are on").uncheck()
    review.keyboard.press("Escape")
    review.keyboard.press("l")
    review.keyboard.press("k")
    assert position(review) == pytest.approx(before, abs=0.05)
    review.keyboard.press("?")  # the way back stays
    dialog.get_by_label("Single-key shortcuts are on").check()
    review.keyboard.press("Escape")
    review.keyboard.press("l")
    at(review, before + 5)


def test_following_lets_go_only_when_the_reader_scrolls_away(review: Page) -> None:
    review.get_by_role("slider", name="Position on the map").focus()
    review.keyboard.press("End")
    for _ in range(4):
        review.keyboard.press("PageDown")  # two minutes before the end
    word = review.locator("[data-now]")
    expect(word).to_be_in_viewport()
    review.locator(".map-names").click()  # leaves the slider, so that k plays
    review.keyboard.press("k")
    pane = review.locator(".transcript")
    pane.hover()
    review.mouse.wheel(0, -60)  # a little: the word stays in view
    expect(review.get_by_role("button", name="Back to")).to_be_hidden()
    review.mouse.wheel(0, -4000)
    back = review.get_by_role("button", name="Back to")
    expect(back).to_be_visible()
    top = pane.evaluate("pane => pane.scrollTop")
    review.wait_for_timeout(1500)  # playback goes on; the text must not be pulled from under the reader's eyes
    assert pane.evaluate("pane => pane.scrollTop") == top
    back.click()
    expect(back).to_be_hidden()
    expect(word).to_be_in_viewport()
    review.keyboard.press("k")


def test_look_fors_can_be_set_aside(review: Page, facts: Facts) -> None:
    questions = [piece for piece in facts["pieces"] if piece["indicator"] == "purposeful_questions"]
    review.get_by_role("button", name=re.compile("^Purposeful questions")).click()
    expect(review.locator(".piece")).to_have_count(len(facts["pieces"]) - len(questions))
    expect(review.get_by_role("listbox", name=re.compile("^Purposeful questions"))).to_have_count(0)


def test_an_address_can_point_at_a_moment(service: Service, sample: str, open_page: OpenPage) -> None:
    page = open_page(service, f"/submissions/{sample}?t=90")
    expect(page.locator(".turn").first).to_be_attached()
    at(page, 90)
    expect(page.get_by_role("slider", name="Position on the map")).to_have_attribute(
        "aria-valuetext", re.compile("^1 minute 30 seconds")
    )


def test_on_a_phone(service: Service, sample: str, facts: Facts, open_page: OpenPage) -> None:
    page = open_page(service, f"/submissions/{sample}", viewport=PHONE, has_touch=True, is_mobile=True)
    expect(page.locator(".turn").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.evaluate("window.scrollTo(0, document.body.scrollHeight / 2)")
    expect(page.get_by_role("button", name="Play")).to_be_in_viewport()  # the player stays in sight
    page.evaluate("window.scrollTo(0, 0)")

    for name in ("Play", "Back 5 seconds", "Forward 5 seconds", "Captions"):
        box = page.get_by_role("button", name=name, exact=True).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, name

    plot = page.locator(".map-plot").bounding_box()
    assert plot is not None
    page.touchscreen.tap(plot["x"] + plot["width"] * 0.25, plot["y"] + plot["height"] - 8)
    at(page, facts["submission"]["duration"] * 0.25, tolerance=1.5)

    page.get_by_role("tab", name="Evidence").tap()
    card = page.locator(".piece-go").nth(1)
    card.tap()
    at(page, facts["pieces"][1]["start"])
