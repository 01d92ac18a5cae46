"""The review desk against its budgets: `python -m training.benchmarks.desk [--rounds 3]`.

A real Chromium on the built front end and a real service, with sessions of 20 minutes and 2 hours side by side
(desk_scenes). Each round opens a fresh window; of several rounds the best is told, since other work on the machine only
adds time. Headless: the processor makes the pictures, sixty a second, and no screen sets their beat; so the frames let
go while scrolling stand beside those let go at rest.
"""

import argparse
import gzip
import statistics
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Response, sync_playwright

from training.benchmarks.desk_scenes import SCENES, TWENTY_MINUTES, Scene
from training.benchmarks.desk_service import Office, launch, office

PROBE = Path(__file__).with_suffix("").with_name("desk_probe.js")
LATE_MS = 1.5 * 1000 / 60  # a frame after this long has let one go by
HOUR_S, MINUTE_S = 3600, 60
CLICKS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Pictures over some seconds: how many, the share that came late, long tasks among them."""

    n: int
    late: float
    long_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    shown_ms: float
    interactive_ms: float
    scrolled: Frames
    at_rest: Frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        with office(Path(folder), browser) as at:
            reviews = {scene: at.assigned(at.prepared(scene)) for scene in SCENES}
            print(f"{'':34}{SCENES[0].name:>12}{SCENES[1].name:>12}   limit")
            weigh(at, reviews[TWENTY_MINUTES])
            found = {scene: [opening(at, reviews[scene]) for _ in range(rounds)] for scene in SCENES}
            print_openings(found)
            answers(at, reviews)
            memory(at, reviews[TWENTY_MINUTES])
        browser.close()


def row(name: str, *cells: str, limit: str = "") -> None:
    print(f"{name:34}" + "".join(f"{cell:>12}" for cell in cells) + (f"   {limit}" if limit else ""))


def open_review(at: Office, review: str) -> Page:
    """A fresh window on a review, with the probe in it; its transcript is there."""
    page = at.context().new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(PROBE.read_text())
    page.goto(f"{at.url}/reviews/{review}")
    page.locator("[data-said]").first.wait_for()
    return page


def weigh(at: Office, review: str) -> None:
    """Every script a first visit fetches, as gzip -9 would send it."""
    scripts: dict[str, bytes] = {}

    def keep(response: Response) -> None:
        if response.request.resource_type == "script":
            scripts[response.url] = response.body()

    page = at.context().new_page()
    page.on("response", keep)
    page.goto(f"{at.url}/reviews/{review}")
    page.locator("[data-said]").first.wait_for()
    page.wait_for_timeout(1000)  # what is fetched for later counts too
    kilobytes = sum(len(gzip.compress(body, 9)) for body in scripts.values()) / 1000
    row("JavaScript of a first visit, kB", f"{kilobytes:.1f}", "", limit="130")
    page.context.close()


def opening(at: Office, review: str) -> Opening:
    page = open_review(at, review)
    told = page.evaluate("probe.opened()")
    at_rest = watched(page, lambda: page.wait_for_timeout(3000))
    scrolled = watched(page, lambda: scroll_to_the_end(page))
    page.context.close()
    return Opening(shown_ms=told["shown"], interactive_ms=told["interactive"], scrolled=scrolled, at_rest=at_rest)


def watched(page: Page, doing: Any) -> Frames:
    page.evaluate("probe.record()")
    doing()
    told = page.evaluate("probe.recorded()")
    deltas = told["deltas"]
    missed = sum(round(delta / (1000 / 60)) - 1 for delta in deltas if delta > LATE_MS)
    return Frames(n=len(deltas), late=missed / (len(deltas) + missed), long_tasks=told["longTasks"])


def scroll_to_the_end(page: Page) -> None:
    """By the wheel, as fast as somebody skims: 3,000 pixels a second."""
    pane = page.locator(".transcript")
    box = pane.bounding_box()
    assert box is not None
    tools = page.context.new_cdp_session(page)
    at_end = "pane => pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 2"
    while not pane.evaluate(at_end):
        tools.send(
            "Input.synthesizeScrollGesture",
            {
                "x": box["x"] + box["width"] / 2,
                "y": box["y"] + box["height"] / 2,
                "yDistance": -9000,
                "speed": 3000,
                "gestureSourceType": "mouse",
            },
        )


def print_openings(found: dict[Scene, list[Opening]]) -> None:
    def best(of: str) -> list[str]:
        return [f"{min(getattr(one, of) for one in found[scene]):.0f}" for scene in SCENES]

    row("Words on the screen, ms", *best("shown_ms"))
    row("Transcript interactive, ms", *best("interactive_ms"), limit="1000 (20 min)")
    calmest = {
        scene: min(found[scene], key=lambda one: (one.scrolled.late, one.scrolled.long_tasks)) for scene in SCENES
    }
    row(
        "Frames let go, scrolling",
        *(f"{100 * calmest[scene].scrolled.late:.1f} %" for scene in SCENES),
        limit="as at rest",
    )
    row("Frames let go, at rest", *(f"{100 * calmest[scene].at_rest.late:.1f} %" for scene in SCENES))
    row("Long tasks, scrolling", *(str(calmest[scene].scrolled.long_tasks) for scene in SCENES), limit="0")
    row("Frames seen, scrolling", *(str(calmest[scene].scrolled.n) for scene in SCENES))


def answers(at: Office, reviews: dict[Scene, str]) -> None:
    """Click on a word: pictures until it is lit, and what the browser itself says of the time."""
    frames, times = [], []
    for scene in SCENES:
        page = open_review(at, reviews[scene])
        page.evaluate("probe.opened()")
        for nth in range(CLICKS):
            page.mouse.click(*page.evaluate("nth => probe.someWord(nth)", nth))
            page.wait_for_timeout(150)
        told: Sequence[float] = page.evaluate("probe.answers")
        frames.append(f"{statistics.median(told):.0f} ({max(told):.0f})")
        slow: Sequence[float] = page.evaluate("probe.clicks")
        # Clicks that took less than 16 ms are not reported by the browser.
        times.append(f"{statistics.median([*slow, *[16.0] * (CLICKS - len(slow))]):.0f}")
        page.context.close()
    row("Frames from click to answer (most)", *frames, limit="1")
    row("Click to picture, ms", *times)


def memory(at: Office, review: str) -> None:
    """The heap after a minute and after an hour of use, collected before it is measured."""
    page = open_review(at, review)
    page.evaluate("probe.opened()")
    tools = page.context.new_cdp_session(page)

    def used() -> tuple[float, int, int]:
        for _ in range(3):
            tools.send("HeapProfiler.collectGarbage")
        counted = tools.send("Memory.getDOMCounters")
        size = tools.send("Runtime.getHeapUsage")["usedSize"]
        return size / 1e6, counted["nodes"], counted["jsEventListeners"]

    page.keyboard.press("k")
    page.evaluate("seconds => probe.use(seconds)", MINUTE_S)
    after_minute = used()
    page.evaluate("seconds => probe.use(seconds)", HOUR_S - MINUTE_S)
    page.locator(".saved", has_text="Saved").wait_for()
    after_hour = used()
    for name, minute, hour in zip(("Heap, MB", "Nodes", "Listeners"), after_minute, after_hour, strict=True):
        row(f"{name}: a minute, an hour, ratio", f"{minute:.1f}", f"{hour:.1f}", limit=f"{hour / minute:.2f}")
    page.context.close()


if __name__ == "__main__":
    main()
