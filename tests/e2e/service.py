"""A real `lookfors serve` on its own folder, and the ways a test gets recordings and people into it."""

import base64
import json
import re
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

from api.settings import Settings
from tests.api.running import Program, environment, eventually

TUS = {"Tus-Resumable": "1.0.0"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Service:
    """Keeps its address over a restart, as a real one does."""

    settings: Settings
    options: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    program: Program | None = None
    cookie: str = ""  # of the administrator, once signed in

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.settings.data.mkdir(parents=True, exist_ok=True)
        self.program = Program(self.settings, "serve", "--port", str(self.port), "--link", *self.options)
        eventually(self._answers, f"the service at {self.url}")
        self._program.process.poll()

    def stop(self) -> None:
        if self.program is not None and self.program.alive:
            self.program.stop()

    @property
    def _program(self) -> Program:
        assert self.program is not None, "the service was not started"
        return self.program

    def _answers(self) -> bool:
        assert self._program.alive, f"the service ended at once: {self._program.said}"
        try:
            with urlopen(f"{self.url}/api/health", timeout=2):
                return True
        except (URLError, OSError):
            return False

    def link(self) -> str:
        """The one-time link that the running service printed."""
        found = eventually(lambda: re.search(r"/sign-in\?token=\S+", self._program.said), "the sign-in link")
        return found[0]

    def fresh_link(self, name: str = "Admin") -> str:
        """Another one, as `lookfors people link` prints it."""
        done = subprocess.run(
            [sys.executable, "-m", "lookfors", "people", "link", name],
            env=environment(self.settings),
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.search(r"/sign-in\?token=\S+", done.stdout)
        assert found, done.stdout
        return found[0]

    def _send(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[dict[str, str], bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Cookie": self.cookie}
        with urlopen(Request(f"{self.url}{path}", body, named, method=method), timeout=60) as answer:
            return dict(answer.headers.items()), answer.read()

    def hand_in(self, title: str, content: bytes, filename: str = "session.mp4") -> str:
        """Uploads by the tus protocol and submits, as the page does; answers the submission's id."""
        name = base64.b64encode(filename.encode()).decode()
        made, _ = self._send(
            "POST", "/api/uploads", b"", Upload_Length=str(len(content)), Upload_Metadata=f"filename {name}", **TUS
        )
        address = made.get("Location") or made["location"]
        offset = {"Upload_Offset": "0", "Content_Type": "application/offset+octet-stream"}
        self._send("PATCH", address, content, **offset, **TUS)
        wanted = json.dumps({"upload_id": address.rsplit("/", 1)[-1], "title": title}).encode()
        _, answer = self._send("POST", "/api/submissions", wanted, Content_Type="application/json")
        submission_id: str = json.loads(answer)["id"]
        return submission_id

    def read(self, path: str) -> dict[str, object]:
        _, answer = self._send("GET", path)
        found: dict[str, object] = json.loads(answer)
        return found

    def clear(self) -> None:
        """Deletes every submission."""
        items = self.read("/api/submissions?page_size=100")["items"]
        assert isinstance(items, list)
        for item in items:
            self._send("DELETE", f"/api/submissions/{item['id']}")


def service_in(folder: Path, *options: str, sample: Path) -> Service:
    return Service(
        settings=Settings(data=folder, database_url=f"sqlite:///{folder / 'lookfors.db'}", sample=sample),
        options=options,
    )
