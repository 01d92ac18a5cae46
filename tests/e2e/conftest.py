"""A real browser on a real service. What is missing here fails; nothing is skipped."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.api.running import eventually
from tests.conftest import ROOT
from tests.e2e.reviewing import NewReview, call
from tests.e2e.service import Service, service_in

WEB = ROOT / "web"
HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESK = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
OpenPage = Callable[..., Page]
PATIENCE_MS = 30_000  # for a busy machine; nothing waits this long where things work


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives the browser; those that need the sample ready come last, while it is being prepared."""
    own = [item for item in items if HERE in item.path.parents]
    for item in own:
        item.add_marker(pytest.mark.e2e)
    late = {item for item in own if "sample" in getattr(item, "fixturenames", ())}
    items.sort(key=lambda item: item in late)


@pytest.fixture(scope="session")
def browser_path() -> str | None:
    """$LOOKFORS_CHROMIUM, else a Chromium on the PATH, else (None) the one that Playwright brought."""
    named = os.environ.get("LOOKFORS_CHROMIUM")
    if named:
        assert Path(named).exists(), f"LOOKFORS_CHROMIUM names {named}, which is not there"
        return named
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright, browser_path: str | None) -> Iterator[Browser]:
    launched = playwright.chromium.launch(
        executable_path=browser_path, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
    )
    yield launched
    launched.close()


def _newest(folder: Path) -> float:
    return max(path.stat().st_mtime for path in folder.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def front_end() -> Path:
    """The pages as they are in the working tree: built again where a source is newer than the build."""
    page = WEB / "dist" / "index.html"
    if not page.exists() or page.stat().st_mtime < _newest(WEB / "src"):
        tools = Path(sys.executable).parent
        environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
        subprocess.run(["npm", "run", "--silent", "build"], cwd=WEB, env=environment, check=True)
    return page.parent


@pytest.fixture(scope="session", autouse=True)
def service(front_end: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The whole program as `make run` starts it: it begins to prepare the sample at once."""
    running = service_in(tmp_path_factory.mktemp("service"), sample=ROOT / "sample")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def desk(front_end: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service without a worker: what is handed in stays in line, so lists and uploads can be looked at in peace."""
    nothing = tmp_path_factory.mktemp("no-sample")
    running = service_in(tmp_path_factory.mktemp("desk"), "--web-only", sample=nothing)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Callable[[Service], dict[str, object]]:
    """Signs in once per service; later pages carry the cookie."""
    kept: dict[Path, dict[str, object]] = {}

    def sign_in(service: Service) -> dict[str, object]:
        if service.settings.data not in kept:
            context = browser.new_context()
            page = context.new_page()
            page.goto(service.url + service.link())
            page.get_by_role("heading", name="Submissions").wait_for()
            kept[service.settings.data] = dict(context.storage_state())
            service.cookie = "; ".join(f"{c.get('name')}={c.get('value')}" for c in context.cookies())
            context.close()
        return kept[service.settings.data]

    return sign_in


@pytest.fixture
def open_page(browser: Browser, signed_in: Callable[[Service], dict[str, object]]) -> Iterator[OpenPage]:
    """Opens an address of a service, signed in unless told otherwise. An error on the page's console fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_one(service: Service, path: str = "/", *, anonymous: bool = False, **options: object) -> Page:
        state = None if anonymous else signed_in(service)
        viewport = options.pop("viewport", DESK)
        context = browser.new_context(viewport=viewport, storage_state=state, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(service.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def empty_desk(desk: Service, signed_in: Callable[[Service], dict[str, object]]) -> Iterator[Service]:
    """The desk with nothing in it, before and after."""
    signed_in(desk)
    desk.clear()
    yield desk
    desk.clear()


@pytest.fixture(scope="session")
def sample(service: Service, signed_in: Callable[[Service], dict[str, object]]) -> str:
    """The id of the sample, once the real pipeline has prepared it."""
    signed_in(service)
    return prepared(service, lambda item: bool(item["is_sample"]))


def prepared(service: Service, wanted: Callable[[dict[str, Any]], bool]) -> str:
    def ready() -> str | None:
        items = service.read("/api/submissions")["items"]
        assert isinstance(items, list)
        found = next(item for item in items if wanted(item))
        assert found["state"] not in {"failed", "cancelled"}, found["failure"]
        return str(found["id"]) if found["state"] == "ready" else None

    return eventually(ready, "the recording to be prepared", patience_s=900)


@pytest.fixture(scope="session")
def late_start(service: Service, sample: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The sample after 40 seconds of stillness: room to jump over, and for an audit window of 20."""
    scene = next(iter((ROOT / "sample").glob("*.mp4")))
    late = tmp_path_factory.mktemp("late") / "late.mp4"
    filters = ["-vf", "tpad=start_mode=clone:start_duration=40", "-af", "adelay=40000:all=1"]
    command = [get_ffmpeg_exe(), "-loglevel", "error", "-i", str(scene), *filters, "-preset", "ultrafast", str(late)]
    subprocess.run(command, check=True)
    id_ = service.hand_in("A late start", late.read_bytes())
    return prepared(service, lambda item: bool(item["id"] == id_))


@pytest.fixture
def new_review(service: Service, sample: str, open_page: OpenPage) -> NewReview:
    """The desk on a review by somebody new, under a protocol and a rubric of its own; of the sample, or of another."""

    def make(protocol: str, rubric: str, *, windows: int = 0, of: str = sample, **options: Any) -> Page:
        office = open_page(service, "/about")
        program = {"protocol": protocol, "unassisted_share": 0, "audit_windows": windows}
        call(office, "PATCH", "/api/program", program)
        person = call(office, "POST", "/api/people", {"name": f"Reviewer {uuid4()}", "roles": ["reviewer"]})
        wanted = {"submission_ids": [of], "reviewer_ids": [person["person_id"]], "rubric_id": rubric}
        made = call(office, "POST", "/api/assignments", wanted)
        office.context.close()
        page = open_page(service, re.sub(r"^https?://[^/]+", "", person["link"]), anonymous=True, **options)
        page.get_by_role("navigation", name="Main").wait_for()
        page.goto(f"{service.url}/reviews/{made['items'][0]['assignment_id']}")
        expect(page.locator(".reviewing .gears")).to_be_visible()
        return page

    return make
