from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import OpenPage
from tests.e2e.service import Service, service_in


def test_a_restart_of_the_service_is_told_and_survived(front_end: Path, tmp_path: Path, open_page: OpenPage) -> None:
    own = service_in(tmp_path / "data", "--web-only", sample=tmp_path / "no-sample")
    own.start()
    try:
        page = open_page(own)
        expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
        own.stop()
        expect(page.get_by_text("No connection to Lookfors.")).to_be_visible()
        page.route("**/api/events", lambda route: route.abort())
        own.start()
        # A try of its own: the next is seconds away.
        page.wait_for_event("requestfailed", lambda asked: asked.url.endswith("/api/events"), timeout=60_000)
        page.unroute("**/api/events")
        page.get_by_role("button", name="Try now").click()
        expect(page.get_by_text("No connection to Lookfors.")).to_be_hidden(timeout=60_000)

        # The stream is live again: what happens from here on arrives by itself.
        own.hand_in("After the restart", b"\x00\x00\x00\x20ftypisom")
        expect(page.get_by_role("link", name="After the restart")).to_be_visible()
    finally:
        own.stop()


def test_a_page_opened_while_the_service_is_away_offers_to_try_again(
    front_end: Path, tmp_path: Path, open_page: OpenPage
) -> None:
    own = service_in(tmp_path / "data", "--web-only", sample=tmp_path / "no-sample")
    own.start()
    try:
        page = open_page(own)
        page.route("**/api/me", lambda route: route.abort())  # the page's files came, then the line went dead
        page.reload()
        expect(page.get_by_role("heading", name="Lookfors does not answer")).to_be_visible()
        page.unroute("**/api/me")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    finally:
        own.stop()


def test_leaving_the_desk_in_the_dark_does_not_lose_the_way_back(desk: Service, open_page: OpenPage) -> None:
    page = open_page(desk, "/about")
    page.get_by_role("link", name="Submissions").click()
    page.go_back()
    expect(page.get_by_role("heading", name="About Lookfors")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()
    expect(page).to_have_title("Submissions · Lookfors")
