"""The transcript of the sample corrected in a real browser: by key, by mouse, by touch, without a connection."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.running import eventually
from tests.e2e.conftest import PHONE, OpenPage
from tests.e2e.reviewing import NewReview, call, evidence, held, saved
from tests.e2e.service import Service

LOOKED_MS = 240_000  # the real tagger, on a busy machine


@pytest.fixture(autouse=True)
def as_before(service: Service, sample: str, open_page: OpenPage) -> Iterator[None]:
    """Every correction is taken back, so that other tests find the sample as the machine heard it."""
    yield
    page = open_page(service, "/about")
    for made in call(page, "GET", f"/api/submissions/{sample}/corrections")["items"]:
        if not made["taken_back"]:
            call(page, "DELETE", f"/api/submissions/{sample}/corrections/{made['id']}")

    def settled() -> bool:
        return bool(call(page, "GET", f"/api/submissions/{sample}")["revision"]["evidence"] == "up_to_date")

    eventually(settled, "the sample to be as it was", patience_s=LOOKED_MS / 1000)


def utterances(page: Page, sample: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call(page, "GET", f"/api/submissions/{sample}/transcript")["utterances"]
    return found


@pytest.fixture
def office(service: Service, open_page: OpenPage) -> Page:
    """Staff see measures; a reviewer who has not handed in does not."""
    return open_page(service, "/about")


def youth_share(office: Page, sample: str) -> float:
    items = call(office, "GET", f"/api/submissions/{sample}/measures")["items"]
    return float(next(item["value"] for item in items if item["id"] == "talk_share_youth"))


def turn_of(page: Page, utterance: str) -> Locator:
    return page.locator(".turn", has=page.locator(f'[data-utterance="{utterance}"]'))


def looked(page: Page) -> None:
    expect(page.locator(".revision")).to_contain_text("Up to date", timeout=LOOKED_MS)


def a_question(page: Page) -> dict[str, Any]:
    """A moment that rests on what the facilitator asks."""
    return next(e for e in evidence(page) if e["indicator"] == "purposeful_questions" and e["start"] > 5)


def test_one_key_corrects_a_turn_and_z_takes_it_back(new_review: NewReview, sample: str, office: Page) -> None:
    page = new_review("assisted", "purposeful-questions")
    before, share = evidence(page), youth_share(office, sample)
    long_turn = max(
        (u for u in utterances(page, sample) if u["role"] == "facilitator"), key=lambda u: float(u["end"] - u["start"])
    )
    turn = turn_of(page, long_turn["id"])
    turn.locator(".turn-time").focus()
    page.keyboard.press("t")
    expect(turn).to_contain_class("youth")
    expect(turn).to_contain_text("corrected")
    expect(page.locator(".revision")).to_contain_text("Corrected, looking again…")
    eventually(lambda: youth_share(office, sample) > share, "the measures, before anything is looked for")
    expect(page.locator(".revision")).to_contain_text("Corrected, looking again…")
    looked(page)
    assert {u["id"]: u["role"] for u in utterances(page, sample)}[long_turn["id"]] == "youth"
    page.keyboard.press("z")
    expect(turn).to_contain_class("facilitator")
    expect(page.locator(".revision")).to_contain_text("Corrected, looking again…")
    looked(page)
    assert youth_share(office, sample) == share
    assert [e["id"] for e in evidence(page)] == [e["id"] for e in before]


def test_pressed_twice_the_turn_is_as_it_was_and_shift_means_the_whole_voice(
    new_review: NewReview, sample: str
) -> None:
    page = new_review("unassisted", "youth-voice")
    first = utterances(page, sample)[0]
    turn = turn_of(page, first["id"])
    turn.locator(".turn-time").focus()
    other = "youth" if first["role"] == "facilitator" else "facilitator"
    page.keyboard.press("t")
    expect(turn).to_contain_class(other)
    page.keyboard.press("t")
    expect(turn).to_contain_class(first["role"] if first["role"] != "unknown" else "youth")
    page.keyboard.press("Shift+T")
    saved_role = "youth" if first["role"] == "facilitator" else "facilitator"
    expect(turn).to_contain_class(saved_role)

    def everywhere() -> bool:
        of_voice = {u["role"] for u in utterances(page, sample) if u["speaker"] == first["speaker"]}
        return of_voice == {saved_role}

    eventually(everywhere, "every turn of the voice to be corrected")


def test_by_mouse_and_what_was_decided_stays(new_review: NewReview, sample: str) -> None:
    page = new_review("assisted", "purposeful-questions")
    question = a_question(page)
    page.get_by_role("tab", name="Evidence").click()
    card = page.locator(".piece:not(.own)", has_text=question["quote"][:60]).first
    card.get_by_role("button", name="Supports").click()
    saved(page)
    turn = turn_of(page, question["utterances"][0])
    turn.locator(".turn-role").click()
    menu = page.get_by_role("menu", name="Correct this turn")
    expect(menu.get_by_role("menuitemradio", name="Facilitator").first).to_have_attribute("aria-checked", "true")
    menu.get_by_role("group", name="This turn").get_by_role("menuitemradio", name="Youth").click()
    expect(turn).to_contain_class("youth")
    looked(page)
    kept = page.locator(".piece:not(.own)", has_text="No longer suggested after the correction")
    expect(kept).to_have_count(1)
    expect(kept.get_by_role("button", name="Supports")).to_have_attribute("aria-pressed", "true")
    page.reload()
    page.get_by_role("tab", name="Evidence").click()
    expect(kept).to_have_count(1)
    expect(turn_of(page, question["utterances"][0])).to_contain_class("youth")
    assert held(page, f"evidence:{question['id']}") == {"verdict": "supports"}


def test_words_are_corrected_where_they_stand(new_review: NewReview, sample: str) -> None:
    page = new_review("assisted", "youth-voice")
    said = utterances(page, sample)[1]
    words = page.locator(f'[data-utterance="{said["id"]}"]')
    words.dblclick()
    field = page.locator(f'.word-editor textarea[name="{said["id"]}"]')
    expect(field).to_be_focused()
    field.fill("Nothing of this is kept.")
    page.keyboard.press("Escape")
    expect(words).to_contain_text(said["text"])
    page.keyboard.press("x")
    page.locator(f'.word-editor textarea[name="{said["id"]}"]').fill("We build a   rain gauge.")
    page.keyboard.press("Enter")
    expect(words).to_contain_text("We build a rain gauge. (corrected)")
    looked(page)
    now = utterances(page, sample)[1]
    assert now["heard"] == {"role": None, "text": said["text"]}
    assert "".join(w["text"] for w in now["words"]) == "Webuildaraingauge."
    assert said["start"] <= now["words"][0]["start"] <= now["words"][-1]["end"] <= said["end"] + 0.01
    captions = page.evaluate("p => fetch(p).then((a) => a.text())", f"/api/submissions/{sample}/captions.vtt")
    assert "We build a rain gauge." in captions
    page.reload()
    expect(words).to_contain_text("We build a rain gauge.")
    words.dblclick()
    page.locator(".word-editor-heard").first.get_by_role("button", name="Use that").click()
    page.keyboard.press("Enter")
    expect(words).to_contain_text(said["text"])


def test_without_a_connection_corrections_wait(new_review: NewReview, sample: str) -> None:
    page = new_review("assisted", "stem-relevance")
    saved(page)
    first = utterances(page, sample)[0]
    other = "youth" if first["role"] == "facilitator" else "facilitator"
    turn = turn_of(page, first["id"])
    turn.locator(".turn-time").focus()
    page.context.set_offline(True)
    page.keyboard.press("t")
    expect(turn).to_contain_class(other)
    expect(page.locator(".revision")).to_contain_text("Your corrections are kept in this browser")
    assert "lookfors.corrections" in str(page.evaluate("Object.keys(localStorage)"))
    page.context.set_offline(False)
    expect(page.locator(".revision")).not_to_contain_text("No connection")
    eventually(lambda: utterances(page, sample)[0]["role"] == other, "the correction to be sent")
    kept = "Object.keys(localStorage)"
    eventually(lambda: "lookfors.corrections" not in str(page.evaluate(kept)), "the answer to be taken in")
    page.reload()
    expect(turn).to_contain_class(other)


def test_another_open_page_follows(new_review: NewReview, service: Service, sample: str, open_page: OpenPage) -> None:
    page = new_review("assisted", "youth-voice")
    staff = open_page(service, f"/submissions/{sample}")
    first = utterances(page, sample)[0]
    other = "youth" if first["role"] == "facilitator" else "facilitator"
    expect(turn_of(staff, first["id"])).to_be_visible()
    turn_of(page, first["id"]).locator(".turn-time").focus()
    page.keyboard.press("t")
    expect(turn_of(staff, first["id"])).to_contain_class(other)
    looked(staff)


def test_at_phone_width_by_touch(new_review: NewReview, sample: str) -> None:
    page = new_review("assisted", "youth-voice", viewport=PHONE, has_touch=True)
    first = utterances(page, sample)[0]
    turn = turn_of(page, first["id"])
    turn.locator(".turn-role").tap()
    page.get_by_role("group", name="Every turn of this voice").get_by_role("menuitemradio", name="Youth").tap()
    expect(turn).to_contain_class("youth")
    turn.locator(".turn-role").tap()
    page.get_by_role("menuitem", name="Correct the words").tap()
    field = page.locator(f'.word-editor textarea[name="{first["id"]}"]')
    field.fill("Hello everyone.")
    page.locator(".word-editor").get_by_role("button", name="Save").tap()
    expect(turn).to_contain_text("Hello everyone.")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.get_by_role("button", name="Undo").tap()
    expect(turn).to_contain_text(first["text"])
