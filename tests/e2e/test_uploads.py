from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.api.running import eventually
from tests.e2e.conftest import OpenPage
from tests.e2e.service import Service

MB = 1_000_000


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """60 MB that begin like an MP4: four chunks of an upload."""
    file = tmp_path / "long session.mp4"
    file.write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(range(256)) * (60 * MB // 256))
    return file


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "Über den Fluss 川.mp4"
    file.write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(3000))
    return file


def slow_line(page: Page, *, bytes_per_second: int) -> CDPSession:
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    set_speed(line, bytes_per_second)
    return line


def set_speed(line: CDPSession, bytes_per_second: int, *, offline: bool = False) -> None:
    """-1 is as fast as it goes."""
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_second},
    )


def percent(page: Page) -> int:
    return int(page.get_by_role("progressbar").get_attribute("aria-valuenow") or 0)


def choose(page: Page, *files: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose recordings").or_(
            page.get_by_role("button", name="Upload recordings")
        ).click()
    chooser.value.set_files(list(files))


def test_several_files_at_once(empty_desk: Service, open_page: OpenPage, small: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.mov"
    second.write_bytes(b"\x00\x00\x00\x14ftypqt  " + bytes(5000))
    page = open_page(empty_desk)
    choose(page, small, second)
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_text("Uploaded. The work on it has started.")).to_have_count(2)
    expect(page.locator(".row h2 a")).to_have_count(2)
    expect(page.get_by_role("link", name="Über den Fluss 川", exact=True)).to_be_visible()


def test_what_is_no_recording_is_refused_before_it_is_sent(
    empty_desk: Service, open_page: OpenPage, tmp_path: Path
) -> None:
    wrong = {
        "notes.mp4": b"Dear all,\nthe video follows.\n",
        "live.mp4": b"#EXTM3U\n#EXT-X-VERSION:3\nhttp://example.org/1.ts\n",
        "form.mp4": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "empty.mp4": b"",
    }
    files = []
    for name, content in wrong.items():
        files.append(tmp_path / name)
        files[-1].write_bytes(content)
    page = open_page(empty_desk)
    choose(page, *files)
    told = page.get_by_role("region", name="Uploads").get_by_role("alert")
    for sentence in (
        "“notes.mp4” is a text file",
        "“live.mp4” is a playlist",
        "“form.mp4” is a PDF",
        "“empty.mp4” is empty",
    ):
        expect(told).to_contain_text(sentence)
    assert empty_desk.read("/api/submissions")["total"] == 0
    told.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("region", name="Uploads")).to_be_hidden()


def test_dropping_a_file_anywhere(empty_desk: Service, open_page: OpenPage) -> None:
    page = open_page(empty_desk, "/about")
    page.get_by_role("heading", name="About Lookfors").wait_for()
    drag = """kind => {
        const data = new DataTransfer();
        const head = new Uint8Array([0, 0, 0, 32, 102, 116, 121, 112, 105, 115, 111, 109]);
        data.items.add(new File([head], "dropped.mp4"));
        document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    page.evaluate(drag, "dragenter")
    expect(page.get_by_text("Drop to upload")).to_be_visible()
    page.evaluate(drag, "drop")
    expect(page.get_by_text("Drop to upload")).to_be_hidden()
    expect(page.get_by_text("Uploaded. The work on it has started.")).to_be_visible()


def test_pause_go_on_and_cancel(empty_desk: Service, open_page: OpenPage, recording: Path) -> None:
    page = open_page(empty_desk)
    line = slow_line(page, bytes_per_second=4 * MB)
    choose(page, recording)
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_text("MB/s")).to_be_visible()
    tray.get_by_role("button", name="Pause").click()
    expect(tray.get_by_text("Paused")).to_be_visible()
    tray.get_by_role("button", name="Go on").click()
    expect(tray.get_by_text("MB/s")).to_be_visible()
    tray.get_by_role("button", name="Cancel the upload").click()
    expect(tray).to_be_hidden()
    set_speed(line, -1)
    page.reload()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()
    expect(page.get_by_role("region", name="Uploads")).to_be_hidden()  # nothing half-made is offered again


def test_a_lost_connection_is_waited_out(empty_desk: Service, open_page: OpenPage, recording: Path) -> None:
    page = open_page(empty_desk)
    line = slow_line(page, bytes_per_second=8 * MB)
    choose(page, recording)
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_text("MB/s")).to_be_visible()
    set_speed(line, -1, offline=True)
    expect(tray.get_by_text("Connection lost")).to_be_visible()
    set_speed(line, -1)
    expect(tray.get_by_text("Uploaded. The work on it has started.")).to_be_visible()
    item = empty_desk.read("/api/submissions")["items"]
    assert isinstance(item, list)
    assert item[0]["size"] == recording.stat().st_size


def test_after_a_reload_the_same_file_goes_on_from_where_it_was(
    empty_desk: Service, open_page: OpenPage, recording: Path, tmp_path: Path
) -> None:
    page = open_page(empty_desk)
    line = slow_line(page, bytes_per_second=8 * MB)
    choose(page, recording)
    tray = page.get_by_role("region", name="Uploads")
    # 17 of 60 MB are one whole chunk: from there on the server has something to keep.
    eventually(lambda: percent(page) > 30, "more than one chunk to be sent")
    set_speed(line, -1, offline=True)
    expect(tray.get_by_text("Connection lost")).to_be_visible()
    tray.get_by_role("button", name="Pause").click()
    set_speed(line, -1)
    page.reload()
    expect(tray.get_by_text("Begun before this page was loaded")).to_be_visible()

    other = tmp_path / "other.mp4"
    other.write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(30))
    with page.expect_file_chooser() as chooser:
        tray.get_by_role("button", name="Choose file").click()
    chooser.value.set_files(other)
    expect(tray.get_by_text("is not the file that was begun")).to_be_visible()

    sent: list[int] = []
    page.on(
        "request",
        lambda request: sent.append(int(request.headers["upload-offset"])) if request.method == "PATCH" else None,
    )
    with page.expect_file_chooser() as chooser:
        tray.get_by_role("button", name="Choose file").click()
    chooser.value.set_files(recording)
    expect(tray.get_by_text("Uploaded. The work on it has started.")).to_be_visible()
    assert sent[0] >= 16 * MB  # went on, did not begin again
    item = empty_desk.read("/api/submissions")["items"]
    assert isinstance(item, list)
    assert len(item) == 1


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (413, "<html>Request Entity Too Large</html>", "The server refuses a file of this size."),
        (
            507,
            '{"detail": "The disk has no room.", "remedy": "Free some space.", "code": "full"}',
            "The disk has no room.",
        ),
    ],
)
def test_refusals_on_the_way_are_told_apart(
    empty_desk: Service, open_page: OpenPage, small: Path, status: int, body: str, told: str
) -> None:
    """A proxy in front of the service answers; its page is no problem document."""
    page = open_page(empty_desk)
    page.route("**/api/uploads/*", lambda route: route.fulfill(status=status, body=body))
    choose(page, small)
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_role("alert")).to_contain_text(told)
    page.unroute("**/api/uploads/*")
    tray.get_by_role("button", name="Try again").click()
    expect(tray.get_by_text("Uploaded. The work on it has started.")).to_be_visible()


def test_a_session_that_ends_during_an_upload_does_not_lose_it(
    empty_desk: Service, open_page: OpenPage, recording: Path
) -> None:
    page = open_page(empty_desk)
    line = slow_line(page, bytes_per_second=4 * MB)
    choose(page, recording)
    tray = page.get_by_role("region", name="Uploads")
    expect(tray.get_by_text("MB/s")).to_be_visible()
    kept = page.context.cookies()
    page.context.clear_cookies()
    expect(page.get_by_text("You have been signed out.")).to_be_visible()
    page.context.add_cookies(kept)  # type: ignore[arg-type]
    set_speed(line, -1)
    tray.get_by_role("button", name="Go on").click()
    expect(tray.get_by_text("Uploaded. The work on it has started.")).to_be_visible()
