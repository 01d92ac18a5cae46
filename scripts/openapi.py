"""Writes web/src/api/openapi.json from the application; `--check` fails instead where the file is out of date."""

import json
import sys
import tempfile
from pathlib import Path

from api.app import create_app
from api.settings import Settings

TARGET = Path(__file__).resolve().parent.parent / "web" / "src" / "api" / "openapi.json"


def document() -> str:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder)))
        return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    text = document()
    if "--check" in sys.argv[1:]:
        if not TARGET.is_file() or TARGET.read_text() != text:
            print(f"{TARGET} is out of date: run `python scripts/openapi.py`.", file=sys.stderr)
            return 1
        return 0
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text)
    print(f"Wrote {TARGET}.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
