"""Sets up everything Lookfors needs, with nothing installed beforehand but Python 3.11 and make.

    python3 scripts/setup.py run     what `make run` needs: packages, front end, warmed models
    python3 scripts/setup.py dev     the same and what tests and linters need
    python3 scripts/setup.py browser a Chromium for the end-to-end tests

Standard library only. Each part leaves a stamp of what it was made from, so a second run takes a moment.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMPS = VENV / "stamps"
WEB = ROOT / "web"
EXTRAS = {"run": "", "dev": "[dev,postgres,spans]"}


class SetupFailed(Exception):
    """A sentence for the person at the terminal."""


def say(text: str) -> None:
    print(text, flush=True)


def digest(paths: Iterable[Path], *words: str) -> str:
    seen = hashlib.sha256()
    for path in sorted(paths):
        seen.update(str(path.relative_to(ROOT)).encode())
        seen.update(path.read_bytes())
    for word in words:
        seen.update(word.encode())
    return seen.hexdigest()


def fresh(stamp: str, value: str) -> bool:
    path = STAMPS / stamp
    return path.exists() and path.read_text() == value


def record(stamp: str, value: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / stamp).write_text(value)


def seconds_since(start: float) -> str:
    return f"{time.monotonic() - start:.0f} s"


def make_venv() -> None:
    if PYTHON.exists():
        return
    try:
        venv.create(VENV, with_pip=True)
    except Exception as error:
        raise SetupFailed(
            f"Python could not make a virtual environment in {VENV} ({error}). "
            "On Debian and Ubuntu install the package python3-venv, then try again."
        ) from error


def install_packages(kind: str) -> None:
    wanted = digest([ROOT / "pyproject.toml", ROOT / "constraints.txt"], sys.version)
    # The development set holds the other one.
    if fresh("packages-dev", wanted) or fresh(f"packages-{kind}", wanted):
        return
    count = sum(1 for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line)
    say(f"      at most {count} packages; the largest is PyTorch. A few minutes on a usual connection.")
    command = [
        *(str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--progress-bar=off"),
        *("--constraint", str(ROOT / "constraints.txt"), "--editable", f"{ROOT}{EXTRAS[kind]}"),
    ]
    tail: list[str] = []
    collected = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            tail = [*tail, line.rstrip()][-25:]
            if match := re.match(r"Collecting ([\w.-]+)", line):
                collected += 1
                show_progress(f"      {collected} found, now {match[1]}")
            elif line.startswith("Installing collected packages"):
                show_progress("      all found, now unpacking them (a minute or two)")
    end_progress()
    if pip.returncode != 0:
        raise SetupFailed("The Python packages could not be installed. The last lines of pip:\n  " + "\n  ".join(tail))
    record(f"packages-{kind}", wanted)


def show_progress(text: str) -> None:
    """One line that rewrites itself on a terminal; in a log, nothing: the steps are enough there."""
    if sys.stdout.isatty():
        print(f"\r\033[K{text}", end="", flush=True)


def end_progress() -> None:
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)


def run_quietly(command: list[str], failure: str, **options: object) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        tail = (done.stdout + done.stderr).strip().splitlines()[-25:]
        raise SetupFailed(failure + " The last lines it printed:\n  " + "\n  ".join(tail))


def build_front_end() -> None:
    sources = [p for p in WEB.rglob("*") if p.is_file() and not {"node_modules", "dist"} & set(p.parts)]
    wanted = digest(sources)
    if (WEB / "dist" / "index.html").exists() and fresh("front-end", wanted):
        return
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"}
    npm = str(BIN / "npm")
    lock = digest([WEB / "package-lock.json"])
    if not ((WEB / "node_modules").exists() and fresh("node-modules", lock)):
        # Not `npm ci`: that refuses a lock in which an index left out the builds for other platforms.
        run_quietly(
            [npm, "install", "--no-save", "--no-audit", "--no-fund"],
            "The front end's packages could not be installed.",
            cwd=WEB,
            env=environment,
        )
        record("node-modules", lock)
    run_quietly([npm, "run", "build"], "The front end could not be built.", cwd=WEB, env=environment)
    record("front-end", wanted)


def warm_models() -> None:
    """Joins and checks the speech weights and compiles the speaker model once, so the first video does not wait."""
    wanted = digest([ROOT / "constraints.txt", ROOT / "inference" / "weights.py", ROOT / "inference" / "speakers.py"])
    if fresh("models", wanted):
        return
    run_quietly(
        [str(PYTHON), "-m", "inference.warm"], "The speech and speaker models could not be made ready.", cwd=ROOT
    )
    record("models", wanted)


def find_browser() -> str | None:
    named = os.environ.get("LOOKFORS_CHROMIUM")
    if named:
        return named if Path(named).exists() else None
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        if found := shutil.which(name):
            return found
    return None


def install_browser() -> None:
    """Debian's Chromium where we may install it, else the one Playwright brings."""
    if find_browser():
        return
    if shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        failure = "Chromium, which the end-to-end tests drive, could not be installed with apt-get."
        run_quietly(["apt-get", "update", "-qq"], failure, env=environment)
        run_quietly(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"], failure, env=environment
        )
        return
    run_quietly(
        [str(PYTHON), "-m", "playwright", "install", "chromium"],
        "The end-to-end tests need Chromium. Install it, or name one in LOOKFORS_CHROMIUM.",
    )


def main(kind: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs before anything checked it
        raise SetupFailed(f"Lookfors needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
    steps = [
        ("A virtual environment in .venv", make_venv),
        ("Python packages", lambda: install_packages("run" if kind == "run" else "dev")),
        ("The front end", build_front_end),
        ("Speech and speaker models (the first time about a minute)", warm_models),
    ]
    if kind == "browser":
        steps = [*steps[:2], ("A browser for the end-to-end tests", install_browser)]
    for number, (label, step) in enumerate(steps, start=1):
        start = time.monotonic()
        say(f"[{number}/{len(steps)}] {label}")
        step()
        if time.monotonic() - start > 2:
            say(f"      done in {seconds_since(start)}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in {"run", "dev", "browser"}:
        sys.exit(__doc__)
    try:
        main(sys.argv[1])
    except SetupFailed as failure:
        sys.exit(f"\nSet-up stopped. {failure}")
    except KeyboardInterrupt:
        sys.exit("\nSet-up stopped; run it again and it goes on from here.")
