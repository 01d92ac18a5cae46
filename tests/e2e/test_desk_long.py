"""Reading, and whole reviews, of generated sessions of 20 minutes and 2 hours, with 60 and 400 moments pointed at.

The recordings are real and were uploaded and prepared as any other; what the speech models would say is made
(training/benchmarks/desk_scenes.py). Numbers in docstrings are those of the complaints about other tools.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from api.settings import Settings, Worker
from tests.api.running import environment, eventually
from tests.e2e.conftest import DESK, PATIENCE_MS
from tests.e2e.reviewing import call, evidence, position, saved, state
from tests.e2e.service import Service
from training.benchmarks.desk_scenes import SCENES, STAGE_COMMAND, TWENTY_MINUTES, Scene, make_recording

both = pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
usual = pytest.mark.parametrize("scene", [TWENTY_MINUTES], ids=[TWENTY_MINUTES.name])


@pytest.fixture(scope="module")
def service(front_end: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """In place of the one that prepares the sample: its speech models are stood in for."""
    folder = tmp_path_factory.mktemp("long")
    running = Service(
        settings=Settings(
            data=folder,
            database_url=f"sqlite:///{folder / 'lookfors.db'}",
            sample=tmp_path_factory.mktemp("no-sample"),
            worker=Worker(stage_command=STAGE_COMMAND),
        )
    )
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def handed_in(
    service: Service, signed_in: Callable[[Service], dict[str, object]], tmp_path_factory: pytest.TempPathFactory
) -> dict[Scene, str]:
    """The ids of both sessions, uploaded by the administrator; the shorter one is prepared first."""
    signed_in(service)
    folder = tmp_path_factory.mktemp("recordings")
    ids = {}
    for scene in SCENES:
        path = folder / f"{scene.minutes}.mp4"
        make_recording(path, scene)
        ids[scene] = service.hand_in(scene.name, path.read_bytes())
    return ids


@pytest.fixture(scope="module")
def reviewer(service: Service, browser: Browser) -> dict[str, Any]:
    """The cookies of somebody who did not hand the sessions in."""
    command = [sys.executable, "-m", "lookfors", "people", "add", "Rosa", "--role", "reviewer"]
    told = subprocess.run(command, env=environment(service.settings), capture_output=True, text=True, check=True).stdout
    link = re.search(r"/sign-in\?token=\S+", told)
    assert link, told
    context = browser.new_context()
    page = context.new_page()
    page.goto(service.url + link[0])
    page.get_by_role("navigation", name="Main").wait_for()
    state: dict[str, Any] = dict(context.storage_state()) | {"person": call(page, "GET", "/api/me")["id"]}
    context.close()
    return state


OpenReview = Callable[..., Page]


@pytest.fixture
def open_review(
    service: Service,
    handed_in: dict[Scene, str],
    reviewer: dict[str, Any],
    browser: Browser,
    signed_in: Callable[[Service], dict[str, object]],
) -> Iterator[OpenReview]:
    """The desk on a fresh review of a session, with every suggestion shown."""
    contexts = []
    errors: list[str] = []

    def window(storage: dict[str, Any], **options: Any) -> Page:
        context = browser.new_context(storage_state=storage, **{"viewport": DESK, **options})  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    def make(scene: Scene, rubric: str, **options: Any) -> Page:
        eventually(
            lambda: service.read(f"/api/submissions/{handed_in[scene]}")["state"] == "ready",
            f"the session of {scene.name} to be prepared",
            patience_s=600,
        )
        staff = window(signed_in(service))
        staff.goto(f"{service.url}/queue")
        call(staff, "PATCH", "/api/program", {"protocol": "assisted", "unassisted_share": 0, "audit_windows": 1})
        wanted = {
            "submission_ids": [handed_in[scene]],
            "reviewer_ids": [reviewer["person"]],
            "rubric_id": rubric,
        }
        made = call(staff, "POST", "/api/assignments", wanted)["items"][0]
        cookies = {name: reviewer[name] for name in ("cookies", "origins")}
        page = window(cookies, **options)
        page.goto(f"{service.url}/reviews/{made['assignment_id']}")
        expect(page.locator(".reviewing .gears")).to_be_visible()
        return page

    yield make
    for context in contexts:
        context.close()
    assert errors == []


def lit(page: Page) -> str:
    found: str = page.evaluate("[...(CSS.highlights.get('now') ?? [])].join('')")
    return found


def scrolled_to_its_end(page: Page, pane: Locator) -> bool:
    """Text that was far away is laid out as it comes near, so the end may move once it is reached."""
    at_end = "pane => pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2"
    page.mouse.wheel(0, 12_000)
    page.wait_for_timeout(50)
    if not pane.evaluate(at_end):
        return False
    page.wait_for_timeout(100)
    return bool(pane.evaluate(at_end))


@both
def test_reading_searching_and_seeking(open_review: OpenReview, scene: Scene) -> None:
    """1, 7, 13: a long recording opens and seeks; the waveform comes from the service, not from decoding here."""
    page = open_review(scene, "youth-voice")
    fetched = """kind => performance.getEntriesByType("resource").filter(
      one => one.initiatorType === "fetch" && one.name.endsWith(kind)).length"""
    eventually(lambda: page.evaluate(fetched, "/peaks") == 1, "the waveform to come from the service")
    assert page.evaluate(fetched, "/media") == 0  # only the player asks for it
    words = page.locator("[data-said]")
    expect(words.first).to_be_in_viewport()
    expect(words.first).not_to_be_empty()

    pane = page.locator(".transcript")
    pane.hover()
    the_end = page.locator(".the-end")
    eventually(lambda: scrolled_to_its_end(page, pane), "the end of the transcript")
    expect(the_end).to_be_in_viewport()
    expect(words.last).to_be_in_viewport()

    page.keyboard.press("/")
    page.keyboard.type("magnet")
    said = words.evaluate_all("all => all.map(one => one.textContent.split('magnet').length - 1)")
    expect(page.locator(".find [role=status]")).to_have_text(re.compile(rf"^\d+ of {sum(said)}$"))
    page.keyboard.press("Escape")

    slider = page.get_by_role("slider", name="Position on the map")
    slider.focus()
    slider.press("End")
    slider.press("PageDown")
    eventually(lambda: abs(position(page) - (scene.duration_s - 30)) < 1, f"the end, not {position(page)}")
    eventually(lambda: lit(page), "a word to be lit")
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.locator(".map-names").click()
    page.keyboard.press("k")
    before = position(page)
    eventually(lambda: position(page) > before + 0.5, "playback near the end")
    expect(page.locator("[data-now]")).to_be_in_viewport()


def criteria(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = state(page)["rubric"]["criteria"]
    return found


def assert_handed_in(page: Page, decided: int) -> None:
    """Here and on the service: every score, every citation, every decision."""
    expect(page.locator(".chip", has_text="Handed in")).to_be_visible()
    held = state(page)
    assert held["state"] == "submitted"
    assert held["missing"] == []
    verdicts = [act["value"] for subject, act in held["current"].items() if subject.startswith("evidence:")]
    assert [value["verdict"] for value in verdicts] == ["supports"] * decided
    for criterion in held["rubric"]["criteria"]:
        assert held["current"][f"cite:{criterion['id']}"]["value"]["evidence"], criterion["id"]
        assert held["current"][f"score:{criterion['id']}"]["value"] == {"level": "2"}


@usual
def test_a_whole_review_by_keyboard_alone(open_review: OpenReview, scene: Scene) -> None:
    """2, 50: jumping between moments, answering, citing, scoring and handing in, without the mouse."""
    page = open_review(scene, "purposeful-questions")
    expect(page.get_by_role("tab", name="Evidence")).to_have_text(re.compile(str(len(evidence(page)))))
    wanted = criteria(page)
    for _ in wanted:
        page.keyboard.press("n")
        for key in ("a", "q", "2", "w"):
            page.keyboard.press(key)
    answer_the_windows(page)
    saved(page)
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog")
    button = dialog.get_by_role("button", name="Hand in")
    expect(button).to_be_enabled()
    for _ in range(12):
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert_handed_in(page, len(wanted))


def windows(page: Page) -> list[Locator]:
    """The answer "nothing missed" of each stretch without suggestions, once they are on the page."""
    buttons = page.get_by_role("button", name="Nothing missed")
    expect(buttons).to_have_count(len(state(page)["audit_windows"]))
    return buttons.all()


def answer_the_windows(page: Page) -> None:
    """By keys: to each stretch without suggestions, and that nothing was missed in it."""
    page.get_by_role("tab", name="Evidence").focus()
    page.keyboard.press("Enter")
    for button in windows(page):
        button.focus()
        page.keyboard.press("Enter")


@usual
def test_a_whole_review_by_mouse_alone(open_review: OpenReview, scene: Scene) -> None:
    """15, 31: one plain click does each thing, and what it did stays visible."""
    page = open_review(scene, "stem-relevance")
    cards = page.locator(".piece:not(.own)")
    wanted = criteria(page)
    for nth, criterion in enumerate(wanted):
        page.get_by_role("tab", name="Rubric").click()
        page.locator(".criterion h3 button", has_text=criterion["label"]).click()
        page.get_by_role("tab", name="Evidence").click()
        card = cards.nth(nth * 7)
        card.locator(".piece-go").click()
        expect(card).to_have_class(re.compile("chosen"))
        card.get_by_role("button", name="Supports").click()
        card.get_by_role("button", name=re.compile("^Cite for")).click()
        expect(card.get_by_role("button", name=re.compile("Cited for"))).to_be_visible()
        page.get_by_role("tab", name="Rubric").click()
        page.get_by_role("group", name=f"Score for {criterion['label']}").get_by_role("button").nth(1).click()
    page.get_by_role("tab", name="Evidence").click()
    for button in windows(page):
        button.click()
    saved(page)
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("dialog").get_by_role("button", name="Hand in").click()
    assert_handed_in(page, len(wanted))
