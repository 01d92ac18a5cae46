"""The document the front end is built from is the one this application would write."""

import json
from pathlib import Path

from fastapi import FastAPI

DATABASES = ("sqlite",)
DOCUMENT = Path(__file__).resolve().parents[2] / "web" / "src" / "api" / "openapi.json"


def test_the_kept_document_is_up_to_date(app: FastAPI) -> None:
    assert json.loads(DOCUMENT.read_text()) == app.openapi(), "run `make api-client`"


def test_every_operation_has_a_name_of_its_own(app: FastAPI) -> None:
    names = [op["operationId"] for path in app.openapi()["paths"].values() for op in path.values()]
    assert len(names) == len(set(names))
