"""`lookfors serve`: one web process, one supervised worker, and a first line that says where to click."""

import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

import click
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.first_start import prepare
from api.people.desk import LINK_PATH
from api.processing.supervisor import Supervisor
from api.settings import Settings
from api.storage.base import now
from api.storage.session import Database
from api.storage.upgrade import upgrade

LOOPBACK = ("127.0.0.1", "localhost", "::1")
OPEN_STREAMS_S = 5  # for answers that are under way when the service is stopped


class PortTaken(click.ClickException):
    """Somebody else listens there."""


class Server(uvicorn.Server):
    """Ends live streams when asked to stop; they would keep the server waiting for ever."""

    def __init__(self, app: FastAPI, *, on_ready: "threading.Event") -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=OPEN_STREAMS_S,
                server_header=False,
            )
        )
        self._app = app
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._on_ready.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._app.state.services.feed.close()
        super().handle_exit(sig, frame)


def _listen(settings: Settings) -> socket.socket:
    """Raises PortTaken, saying what to do."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise PortTaken(_why_not(settings, error)) from error
    listening.set_inheritable(True)
    return listening


def _why_not(settings: Settings, error: OSError) -> str:
    where = f"http://{settings.host}:{settings.port}"
    try:
        with urlopen(f"{where}/api/health", timeout=2) as answer:
            if b'"version"' in answer.read(1000):
                return f"Lookfors is running already at {where}. Stop it first, or choose another --port."
    except (URLError, OSError, ValueError):
        pass
    return (
        f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
        f"Another program may be using it; try `lookfors serve --port {settings.port + 1}`."
    )


@contextmanager
def _worker_beside(settings: Settings, database: Database, *, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    supervisor = Supervisor(database, dict(os.environ))
    supervisor.start()
    try:
        yield
    finally:
        supervisor.stop()


def _announce(settings: Settings, *, token: str | None, expires: datetime, with_worker: bool) -> str:
    """Tells the person at the terminal where things are; answers the address to open."""
    address = f"{settings.address}{LINK_PATH}{token}" if token else settings.address
    click.echo(f"Lookfors {version('lookfors')}")
    click.echo(f"  Data     {settings.data.resolve()}")
    if token:
        click.echo(f"  Sign in  {address}")
        click.echo(f"           The link works once, until {expires:%d %B %H:%M} UTC.")
    else:
        click.echo(f"  Open     {address}")
        click.echo("           A new sign-in link: lookfors people link NAME")
    if not with_worker:
        click.echo("  Worker   none here; start one with: lookfors worker")
    click.echo("  Ctrl-C stops it.")
    sys.stdout.flush()
    return address


def serve(settings: Settings, *, with_worker: bool, link: bool | None, open_browser: bool) -> None:
    """Blocks until asked to stop. Raises PortTaken."""
    listening = _listen(settings)
    port = listening.getsockname()[1]
    settings = settings.model_copy(update={"port": port})
    os.environ["LOOKFORS_PORT"] = str(port)
    settings.address_file.parent.mkdir(parents=True, exist_ok=True)
    draft = settings.address_file.with_name(f"address.{os.getpid()}")
    draft.write_text(settings.own_address)
    draft.replace(settings.address_file)  # whoever reads it sees an address or none, never an empty one
    upgrade(settings.database)
    database = Database(settings.database, process="command")
    if link is None and settings.host in LOOPBACK and sys.stdout.isatty():
        link = True  # whoever sits at this terminal could make one anyway
    token = prepare(settings, database, link=link)
    app = create_app(settings)
    ready = threading.Event()
    server = Server(app, on_ready=ready)

    def announce() -> None:
        ready.wait()
        expires = now() + settings.sessions.link_expiry
        address = _announce(settings, token=token, expires=expires, with_worker=with_worker)
        if open_browser:
            webbrowser.open(address)

    threading.Thread(target=announce, daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server hears these first; it then raises them again, and the worker still has to be ended in order.
        signal.signal(number, lambda *_: sys.exit(0))
    try:
        with _worker_beside(settings, database, wanted=with_worker):
            server.run(sockets=[listening])
    finally:
        settings.address_file.unlink(missing_ok=True)
        database.close()
