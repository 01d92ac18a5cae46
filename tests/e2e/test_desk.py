"""A review in a real browser, on the real sample: by keys alone, offline, in two windows, blind then revealed."""

from playwright.sync_api import expect

from tests.e2e.conftest import PHONE
from tests.e2e.reviewing import NewReview, another_window, first_card, saved, state


def test_a_whole_review_by_keyboard_alone(new_review: NewReview) -> None:
    page = new_review("assisted", "youth-voice")
    expect(page.locator(".saved")).to_be_visible()
    expect(first_card(page)).to_be_visible()  # there is something for the keys to act on
    criteria = state(page)["rubric"]["criteria"]
    for _ in criteria:
        page.keyboard.press("n")  # the next moment
        page.keyboard.press("a")  # supports
        page.keyboard.press("q")  # cite it
        page.keyboard.press("3")
        page.keyboard.press("w")  # the next criterion
    saved(page)
    held = state(page)
    assert [held["current"][f"score:{c['id']}"]["value"] for c in criteria] == [{"level": "3"}] * len(criteria)
    assert held["missing"] == []
    page.get_by_role("button", name="Hand in").focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Hand in").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chip", has_text="Handed in")).to_be_visible()
    page.reload()
    expect(page.locator(".chip", has_text="Handed in")).to_be_visible()
    expect(page.locator(".level").first).to_be_disabled()


def test_a_lost_connection_loses_nothing(new_review: NewReview) -> None:
    page = new_review("assisted", "stem-relevance")
    card = first_card(page)
    saved(page)
    page.context.set_offline(True)
    card.get_by_role("button", name="Unsure").click()
    expect(page.locator(".saved")).to_contain_text("kept in this browser")
    assert "evidence:" in str(page.evaluate("JSON.stringify(localStorage)"))
    page.context.set_offline(False)
    saved(page)
    page.reload()
    expect(first_card(page).get_by_role("button", name="Unsure")).to_have_attribute("aria-pressed", "true")
    assert "evidence:" not in str(page.evaluate("JSON.stringify(localStorage)"))


def test_undo_takes_the_last_decision_back(new_review: NewReview) -> None:
    """Complaint 38: a decision is on the server and can be taken back; nothing is changed unseen."""
    page = new_review("assisted", "stem-relevance")
    yes = first_card(page).get_by_role("button", name="Supports")
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Undo").click()
    expect(yes).to_have_attribute("aria-pressed", "false")
    saved(page)
    subjects = {s: a["value"] for s, a in state(page)["current"].items() if s.startswith("evidence:")}
    assert list(subjects.values()) == [None]


def test_two_windows_are_told_of_each_other(new_review: NewReview) -> None:
    one = new_review("assisted", "stem-relevance")
    two = another_window(one)
    expect(two.locator(".criterion").first).to_be_visible()
    for page in (one, two):
        page.get_by_role("tab", name="Rubric").click()
    name = "Feedback on the whole"
    two.context.set_offline(True)  # else it would have been brought up to date
    one.get_by_label(name).fill("Written in the first window.")
    saved(one)
    two.get_by_label(name).fill("Written in the second.")
    expect(two.locator(".saved")).to_contain_text("kept in this browser")
    two.context.set_offline(False)
    notice = two.get_by_role("alert")
    expect(notice).to_contain_text("Written in the first window.")
    expect(notice).to_contain_text("Written in the second.")
    notice.get_by_role("button", name="Use what is here").click()
    saved(two)
    assert state(one)["current"]["feedback:overall"]["value"] == {"text": "Written in the second."}


def test_a_second_window_goes_along_without_a_reload(new_review: NewReview) -> None:
    one = new_review("assisted", "stem-relevance")
    two = another_window(one, viewport=PHONE)
    card = first_card(two)
    expect(card).to_be_visible()
    first_card(one).get_by_role("button", name="Does not").click()
    expect(card.get_by_role("button", name="Does not")).to_have_attribute("aria-pressed", "true")
    card.get_by_role("button", name="Supports").click()
    answer = first_card(one).get_by_role("button", name="Supports")
    expect(answer).to_have_attribute("aria-pressed", "true")
    # What the other window decided is not this one's to undo unseen.
    expect(one.get_by_role("button", name="Undo")).to_be_disabled()


def test_blind_then_reveal_shows_suggestions_only_after_the_scores(new_review: NewReview, late_start: str) -> None:
    """Complaint 32: suggestions stay hidden while the first score is made."""
    page = new_review("blind_then_reveal", "purposeful-questions", windows=1, of=late_start)
    page.get_by_role("tab", name="Evidence").click()
    expect(page.get_by_text("Suggestions open as you score.")).to_be_visible()
    expect(page.locator(".piece")).to_have_count(0)
    page.get_by_role("tab", name="Rubric").click()
    for criterion in state(page)["rubric"]["criteria"]:
        page.locator(".criterion h3 button", has_text=criterion["label"]).click()
        page.get_by_label(f"Seen in the picture, for {criterion['label']}").fill("They turn to each other.")
        page.get_by_role("group", name=f"Score for {criterion['label']}").get_by_role("button").nth(1).click()
    saved(page)
    page.get_by_role("tab", name="Evidence").click()
    expect(page.locator(".piece").first).to_be_visible()
    expect(page.get_by_text("Was anything missed?")).to_be_visible()


def test_the_desk_at_phone_width_by_touch(new_review: NewReview) -> None:
    page = new_review("assisted", "stem-relevance", viewport=PHONE, has_touch=True)
    first_card(page).get_by_role("button", name="Does not").tap()
    page.get_by_role("button", name="Mark relevance").tap()
    page.get_by_role("tab", name="Rubric").tap()
    page.get_by_label("Seen in the picture, for").first.fill("A rain gauge on the table.")
    page.locator(".level").first.tap()
    saved(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
