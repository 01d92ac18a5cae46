"""From a file on somebody's disk to evidence on the screen, through the real upload, worker and pipeline."""

import re
import subprocess
from pathlib import Path

import pytest
from imageio_ffmpeg import get_ffmpeg_exe
from playwright.sync_api import Page, expect

from tests.conftest import ROOT
from tests.e2e.conftest import OpenPage
from tests.e2e.service import Service

MINUTES_10 = 600_000
SCENE = next(iter(sorted((ROOT / "sample").glob("*.mp4"))), ROOT / "sample")


def ffmpeg(*arguments: str) -> None:
    subprocess.run([get_ffmpeg_exe(), "-y", "-loglevel", "error", *arguments], check=True)


def upload(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload recordings").click()
    chooser.value.set_files(file)


@pytest.mark.usefixtures("sample")  # the worker takes one at a time
def test_a_recording_without_a_picture_becomes_evidence_before_ones_eyes(
    service: Service, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "Talk at the river.m4a"
    ffmpeg("-i", str(SCENE), "-t", "14", "-vn", "-c:a", "aac", str(file))
    page = open_page(service)
    upload(page, file)
    row = page.locator(".row", has=page.get_by_role("link", name="Talk at the river"))
    expect(row.get_by_text(re.compile(r"Step \d of 7"))).to_be_visible()
    row.get_by_role("link", name="Talk at the river").click()
    expect(page.get_by_role("heading", name="Lookfors is working on this recording")).to_be_visible()

    expect(page.locator(".turn").first).to_be_visible(timeout=MINUTES_10)  # without a reload
    expect(page.get_by_text("Sound only: this recording has no picture")).to_be_visible()
    expect(page.get_by_role("region", name="Map of the session")).to_be_visible()
    page.get_by_role("link", name="All submissions").click()
    expect(row.get_by_role("list", name="Pieces of evidence")).to_be_visible()


@pytest.mark.usefixtures("sample")
def test_a_silent_picture_can_still_be_watched(service: Service, open_page: OpenPage, tmp_path: Path) -> None:
    file = tmp_path / "no sound.mp4"
    ffmpeg("-i", str(SCENE), "-t", "4", "-an", "-c:v", "copy", str(file))
    page = open_page(service)
    upload(page, file)
    page.get_by_role("link", name="no sound").click()
    expect(page.get_by_text("This recording has no sound")).to_be_visible(timeout=MINUTES_10)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


@pytest.mark.usefixtures("sample")
def test_a_file_that_ends_early_says_what_is_wrong_and_what_to_do(
    service: Service, open_page: OpenPage, tmp_path: Path
) -> None:
    file = tmp_path / "cut off.mp4"
    whole = tmp_path / "whole.mp4"
    ffmpeg("-i", str(SCENE), "-t", "20", "-c", "copy", str(whole))  # its index stands at its end
    file.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    page = open_page(service)
    upload(page, file)
    row = page.locator(".row", has=page.get_by_role("link", name="cut off"))
    failure = row.locator(".row-failure p")
    expect(failure).to_have_count(2, timeout=MINUTES_10)
    assert all(sentence.endswith(".") for sentence in failure.all_inner_texts())

    row.get_by_role("link", name="cut off").click()
    expect(page.get_by_role("alert").get_by_role("heading")).to_be_visible()
    expect(page.get_by_text("Examine the file")).to_be_visible()
