"""The agreement page on a simulated installation of 40 submissions, as a researcher meets it."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.auth.roles import PersonRole
from api.auth.service import create_link
from api.people import service as people
from api.storage.session import Database
from tests.api.office import fill
from tests.api.running import eventually
from tests.e2e.conftest import DESK, PATIENCE_MS, OpenPage
from tests.e2e.service import Service, service_in
from tests.e2e.test_looks import Look, assert_fine, looks
from training.simulate import Arms, People, Scenario, simulate

QUESTIONS = (
    "How far do raters agree?",
    "Which levels are mixed up?",
    "Who is severe, who is lenient?",
    "Does severity change with time?",
    "Do raters point to the same moments?",
    "What do suggestions miss?",
    "What do suggestions do to scores?",
    "Can the machine foretell scores?",
)
ENOUGH_MS = 4 * PATIENCE_MS  # the figures are computed while the page waits
SignedIn = Callable[..., Page]


@pytest.fixture(scope="module")
def office(front_end: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Two in three submissions are read twice; all protocols are met."""
    running = service_in(tmp_path_factory.mktemp("office"), "--web-only", sample=tmp_path_factory.mktemp("none"))
    running.start()
    scenario = Scenario(
        submissions=40,
        people=People(raters=5, reads=(0.35, 0.55, 0.1)),
        arms=Arms(unassisted=0.45, blind_then_reveal=0.25, assisted=0.3),
    )
    database = Database(running.settings.database, process="command")
    with database.write() as session:
        fill(session, simulate(scenario, seed=4))
    database.close()
    yield running
    running.stop()


@pytest.fixture
def as_role(office: Service, browser: Browser) -> Iterator[SignedIn]:
    """A page at an address, for somebody with these roles."""
    contexts: list[BrowserContext] = []

    def open_one(path: str, *roles: PersonRole, **options: object) -> Page:
        database = Database(office.settings.database, process="command")
        with database.write() as session:
            row = people.add(session, f"{'+'.join(roles)} {len(contexts)} {path}", frozenset(roles))
            token = create_link(session, row, expiry=office.settings.sessions.link_expiry)
        database.close()
        context = browser.new_context(viewport=DESK, **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{office.url}/sign-in?token={token}")
        page.get_by_role("button", name=re.compile(roles[0])).first.wait_for()
        page.goto(office.url + path)
        return page

    yield open_one
    for context in contexts:
        context.close()


@looks
def test_every_figure_with_its_table_and_nothing_amiss(
    office: Service, open_page: OpenPage, viewport: Look, scheme: str
) -> None:
    page = open_page(office, "/agreement", viewport=viewport, color_scheme=scheme)
    for question in QUESTIONS:
        expect(page.get_by_role("heading", name=question)).to_be_visible(timeout=ENOUGH_MS)
    assert_fine(page)
    for summary in page.locator("details.twin > summary").all():
        summary.click()
    assert_fine(page)
    forest = page.locator("#agreement")
    # The drawing, the figure beside it and the table say the same α.
    beside = forest.locator(".figure-rows .beside").first.inner_text()
    row = forest.locator("table.figures tbody tr", has_text="Krippendorff's α, ordinal").first
    value = row.locator("td").nth(1).inner_text()
    assert beside.startswith(f"α = {value} [")
    for figure in ("evidence", "missed", "suggestions", "severity", "confusion"):
        assert page.locator(f"#{figure} table").count() > 0


def test_choices_and_downloads(office: Service, as_role: SignedIn) -> None:
    page = as_role("/agreement", PersonRole.RESEARCHER)
    page.get_by_role("heading", name=QUESTIONS[0]).wait_for(timeout=ENOUGH_MS)
    assert "simulated" not in page.locator("main").inner_text().lower()  # no title of a recording
    page.get_by_role("combobox", name="Scores").select_option("assisted")
    expect(page.get_by_text("this is not the agreement of independent raters")).to_be_visible(timeout=ENOUGH_MS)
    assert page.url.endswith("arm=assisted")
    page.goto(f"{office.url}/agreement?since=2031-01-01")
    expect(page.locator(".need").first).to_contain_text("Not enough data yet", timeout=ENOUGH_MS)
    page.goto(f"{office.url}/agreement")
    page.locator("#agreement summary", has_text="All coefficients").click(timeout=ENOUGH_MS)
    with page.expect_download() as waiting:
        page.locator("#agreement").get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text(encoding="utf-8"))))
    assert waiting.value.suggested_filename == "lookfors-agreement.csv"
    assert {"criterion", "figure", "value", "low", "high", "n", "reason"} <= set(rows[0])
    # A researcher has no other page, and is not led to one.
    expect(page.get_by_role("link", name="Submissions")).to_have_count(0)


def test_staff_fit_the_model_and_the_queue_uses_it(office: Service, open_page: OpenPage) -> None:
    page = open_page(office, "/agreement")
    page.locator("#reliability").get_by_role("button", name="Fit it").click(timeout=ENOUGH_MS)
    expect(page.locator("#reliability svg.plot")).to_be_visible(timeout=ENOUGH_MS)
    expect(page.locator("#reliability")).to_contain_text("raters with each other")

    def told() -> bool:
        page.goto(f"{office.url}/queue?sort=second_read")
        page.locator(".queue-row").first.wait_for()
        return page.locator(".second-read").count() > 0

    eventually(told, "the chances of second reads")
    first = page.locator(".second-read").first
    expect(first).to_contain_text(re.compile(r"Chance that a second read flips the decision\s+\d+ %"))
    first.locator("summary").click()
    expect(first).to_contain_text("not what the score is")
    assert_fine(page)


def test_others_are_told_that_it_is_not_for_them(as_role: SignedIn) -> None:
    for role in (PersonRole.REVIEWER, PersonRole.EDUCATOR):
        page = as_role("/agreement", role)
        expect(page.get_by_role("alert")).to_contain_text("This is for people with the role")
        expect(page.get_by_role("link", name="Agreement")).to_have_count(0)
