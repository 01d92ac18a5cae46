from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.service import Service


def test_a_link_opens_the_door_once(desk: Service, open_page: OpenPage) -> None:
    link = desk.fresh_link()
    page = open_page(desk, link, anonymous=True)
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()
    assert "token" not in page.url  # nothing secret stays in the address

    second = open_page(desk, link, anonymous=True)
    expect(second.get_by_role("heading", name="This link does not open the door any more")).to_be_visible()
    expect(second.get_by_role("link", name="Go to the submissions")).to_be_visible()


def test_a_mail_program_that_looks_at_links_does_not_use_them_up(desk: Service, open_page: OpenPage) -> None:
    link = desk.fresh_link()
    page = open_page(desk, "/nowhere", anonymous=True)
    assert page.request.get(desk.url + link).ok  # fetches the page, runs no script
    page.goto(desk.url + link)
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()


def test_an_address_without_a_code_says_so(desk: Service, open_page: OpenPage) -> None:
    page = open_page(desk, "/sign-in", anonymous=True)
    expect(page.get_by_text("This address has no sign-in code in it.")).to_be_visible()


def test_signed_out_people_are_told_how_to_come_in(desk: Service, open_page: OpenPage) -> None:
    page = open_page(desk, "/", anonymous=True)
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()


def test_signing_out_and_a_session_that_ends_under_an_open_page(desk: Service, open_page: OpenPage) -> None:
    link = desk.fresh_link()
    page = open_page(desk, link, anonymous=True)
    page.get_by_role("button", name="Admin").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()

    page.goto(desk.url + desk.fresh_link())
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()
    page.context.clear_cookies()
    page.get_by_role("link", name="About").click()
    page.get_by_role("link", name="Submissions").click()
    expect(page.get_by_text("You have been signed out.")).to_be_visible()
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()  # what was on the page stays


def test_an_unknown_address_has_a_page(desk: Service, open_page: OpenPage) -> None:
    page = open_page(desk, "/no/such/page")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="Go to the submissions").click()
    expect(page.get_by_role("heading", name="Submissions")).to_be_visible()


def test_an_unknown_submission_has_a_page(desk: Service, open_page: OpenPage) -> None:
    page: Page = open_page(desk, "/submissions/01a2005f-0000-7000-8000-000000000000")
    expect(page.get_by_role("heading", name="There is no such submission")).to_be_visible()
