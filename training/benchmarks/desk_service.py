"""A whole service for the desk's benchmark: started, given two long sessions through its own pages, and a reviewer."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from training.benchmarks.desk_scenes import STAGE_COMMAND, Scene, make_recording

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PATIENCE_S = 600.0
_LINK = re.compile(r"/sign-in\?token=\S+")
_CALL = """async ([method, path, body]) => {
  const answer = await fetch(path, {
    method, body: body && JSON.stringify(body), headers: body ? {"content-type": "application/json"} : {},
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}"""


def call(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the service answers to a page that is signed in."""
    return page.evaluate(_CALL, [method, path, body])


def launch(playwright: Playwright) -> Browser:
    """$LOOKFORS_CHROMIUM, else a Chromium on the PATH, else the one that Playwright brought."""
    named = os.environ.get("LOOKFORS_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    # Sizes of the heap to the byte, and a way to ask for its collection.
    wanted = ("--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--enable-precise-memory-info")
    return playwright.chromium.launch(executable_path=named, args=list(wanted))


def _eventually(look: Callable[[], Any], what: str) -> Any:
    end = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.1)
    raise TimeoutError(f"Waited {_PATIENCE_S:g} s for {what}.")


@dataclass(slots=True)
class Office:
    """The running service with two people: an administrator who hands in and assigns, and a reviewer."""

    url: str
    folder: Path
    environment: dict[str, str]
    browser: Browser
    admin: Page
    reviewer: Any  # the reviewer's cookies, as Playwright keeps them
    reviewer_id: str

    def prepared(self, scene: Scene) -> str:
        """The id of a submission of this scene, uploaded and prepared."""
        path = self.folder / f"{scene.name}.mp4"
        make_recording(path, scene)
        self.admin.goto(self.url)
        with self.admin.expect_file_chooser() as chooser:
            self.admin.get_by_role("button", name=re.compile("(Choose|Upload) recordings")).first.click()
        chooser.value.set_files(path)

        def ready() -> str | None:
            for item in call(self.admin, "GET", "/api/submissions")["items"]:
                if item["title"] == scene.name and item["state"] == "ready":
                    return str(item["id"])
                if item["state"] == "failed":
                    raise RuntimeError(f"{item['title']}: {item['failure']}")
            return None

        found: str = _eventually(ready, f"{scene.name} to be prepared")
        return found

    def assigned(self, submission_id: str) -> str:
        """The id of a review in which every suggestion is shown."""
        shown = {"protocol": "assisted", "unassisted_share": 0, "audit_windows": 4}
        call(self.admin, "PATCH", "/api/program", shown)
        wanted = {
            "submission_ids": [submission_id],
            "reviewer_ids": [self.reviewer_id],
            "rubric_id": "youth-voice",
        }
        review: str = call(self.admin, "POST", "/api/assignments", wanted)["items"][0]["assignment_id"]
        return review

    def context(self) -> BrowserContext:
        """A fresh browser window of the reviewer, with nothing cached."""
        size = {"width": 1280, "height": 800}
        return self.browser.new_context(viewport=size, storage_state=self.reviewer)  # type: ignore[arg-type]


@contextmanager
def office(folder: Path, browser: Browser) -> Iterator[Office]:
    """A service in `folder` that is stopped at the end, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stage = {f"LOOKFORS_WORKER__{name}": value for name, value in _worker().items()}
    environment = {**os.environ, **stage, "LOOKFORS_DATA": str(folder), "LOOKFORS_SAMPLE": str(folder / "none")}
    environment.pop("LOOKFORS_DATABASE_URL", None)
    log = folder / "serve.log"
    command = (sys.executable, "-m", "lookfors", "serve", "--port", str(port), "--link")
    with log.open("wb") as output:
        service = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        url = f"http://127.0.0.1:{port}"
        _eventually(lambda: service.poll() is not None or _answers(url), "the service")
        link = _eventually(lambda: service.poll() is not None or _LINK.search(log.read_text()), "a sign-in link")
        if service.poll() is not None:
            raise RuntimeError(f"The service ended at once:\n{log.read_text()}")
        admin = browser.new_context().new_page()
        _sign_in(admin, url, link[0])
        added = (sys.executable, "-m", "lookfors", "people", "add", "Reviewer", "--role", "reviewer")
        told = subprocess.run(added, env=environment, check=True, capture_output=True, text=True).stdout
        reviewer = browser.new_context().new_page()
        found = _LINK.search(told)
        _sign_in(reviewer, url, found[0] if found else "")
        reviewer_id = call(reviewer, "GET", "/api/me")["id"]
        yield Office(url, folder, environment, browser, admin, reviewer.context.storage_state(), reviewer_id)
    finally:
        service.terminate()
        service.wait(60)


def _worker() -> dict[str, str]:
    quoted = ", ".join(f'"{part}"' for part in STAGE_COMMAND)
    return {"STAGE_COMMAND": f"[{quoted}]"}


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/api/health", timeout=2):
            return True
    except (URLError, OSError):
        return False


def _sign_in(page: Page, url: str, link: str) -> None:
    page.goto(url + link)
    page.get_by_role("navigation", name="Main").wait_for()
