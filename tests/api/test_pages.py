from pathlib import Path

import pytest
from fastapi.testclient import TestClient

DATABASES = ("sqlite",)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>desk</title>")
    (folder / "assets" / "desk-abc123.js").write_text("console.info(1)")
    (tmp_path / "secret.txt").write_text("not yours")
    return folder


def test_before_the_build_a_sentence_says_what_to_do(anonymous: TestClient) -> None:
    answer = anonymous.get("/")
    assert answer.status_code == 503
    assert "make run" in answer.text


@pytest.mark.parametrize("path", ["/", "/sign-in?token=x", "/submissions/0190/review", "/index.html"])
def test_every_page_address_is_the_one_page_and_never_stale(anonymous: TestClient, dist: Path, path: str) -> None:
    answer = anonymous.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"
    again = anonymous.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code in {200, 304}


def test_hashed_assets_are_kept_for_ever(anonymous: TestClient, dist: Path) -> None:
    answer = anonymous.get("/assets/desk-abc123.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")


def test_a_missing_asset_is_missing_not_the_page(anonymous: TestClient, dist: Path) -> None:
    assert anonymous.get("/assets/desk-old.js").status_code == 404


@pytest.mark.parametrize("path", ["/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt", "/%2e%2e/secret.txt"])
def test_nothing_outside_the_build_is_served(anonymous: TestClient, dist: Path, path: str) -> None:
    answer = anonymous.get(path)
    assert "not yours" not in answer.text
