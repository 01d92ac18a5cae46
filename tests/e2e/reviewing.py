"""A review in a test's hands: the desk on the sample, and what the service holds of it."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

CALL = """async ([method, path, body]) => {
  const answer = await fetch(path, {
    method, body: body && JSON.stringify(body), headers: body ? {"content-type": "application/json"} : {},
  });
  return answer.status === 204 ? null : answer.json();
}"""


def call(page: Page, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return page.evaluate(CALL, [method, path, body])


NewReview = Callable[..., Page]


def saved(page: Page) -> None:
    expect(page.locator(".saved", has_text="Saved")).to_be_visible()


def state(page: Page) -> dict[str, Any]:
    review: dict[str, Any] = call(page, "GET", f"/api/reviews/{page.url.rsplit('/', 1)[1]}")
    return review


def first_card(page: Page) -> Locator:
    page.get_by_role("tab", name="Evidence").click()
    return page.locator(".piece:not(.own)").first


def evidence(page: Page) -> list[dict[str, Any]]:
    """The suggestions of this review, in order of time."""
    items: list[dict[str, Any]] = call(page, "GET", f"/api/reviews/{page.url.rsplit('/', 1)[1]}/evidence")["items"]
    return sorted(items, key=lambda item: (item["start"], item["id"]))


def held(page: Page, subject: str) -> dict[str, Any] | None:
    """What the service holds of a subject."""
    act = state(page)["current"].get(subject)
    value: dict[str, Any] | None = act and act["value"]
    return value


def position(page: Page) -> float:
    found: float = page.evaluate("document.querySelector('video').currentTime")
    return found


def another_window(page: Page, **options: Any) -> Page:
    """The same review, opened by the same person on another device."""
    browser = page.context.browser
    assert browser is not None
    cookies = page.context.storage_state()["cookies"]  # what the first window keeps for itself stays there
    context = browser.new_context(storage_state={"cookies": cookies, "origins": []}, **options)
    context.set_default_timeout(30_000)
    other = context.new_page()
    other.goto(page.url)
    return other
