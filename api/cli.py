"""`lookfors serve`, `lookfors worker`, `lookfors people`. What only one of them needs is imported there."""

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.auth.roles import PersonRole
from api.settings import Settings
from model.errors import LookforsError

if TYPE_CHECKING:
    from api.people.desk import Desk

DATA_HELP = "Folder for the database, videos and working files; ./var unless LOOKFORS_DATA says otherwise."


def settings_with(data: Path | None, **chosen: object) -> Settings:
    """Settings of the environment, with what the command line chose written back to it for the worker to find."""
    if data is not None:
        os.environ["LOOKFORS_DATA"] = str(data.resolve())
    for name, value in chosen.items():
        if value is not None:
            os.environ[f"LOOKFORS_{name.upper()}"] = str(value)
    settings = Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    os.environ["LOOKFORS_DATA"] = str(settings.data.resolve())
    return settings


def _log_plainly() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


@click.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 unless told otherwise.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 8000 unless told otherwise.")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help=DATA_HELP)
@click.option("--web-only", is_flag=True, help="Start no worker here; run `lookfors worker` elsewhere.")
@click.option(
    "--link/--no-link", default=None, help="Print a sign-in link for the administrator; by default while one is needed."
)
@click.option("--open", "open_browser", is_flag=True, help="Open the page in a browser.")
def serve(
    host: str | None, port: int | None, data: Path | None, web_only: bool, link: bool | None, open_browser: bool
) -> None:
    """Run the review service: web and worker."""
    from api import serving  # noqa: PLC0415 - loads the whole application

    _log_plainly()
    settings = settings_with(data, host=host, port=port)
    serving.serve(settings, with_worker=not web_only, link=link, open_browser=open_browser)


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help=DATA_HELP)
@click.option("--supervised", is_flag=True, hidden=True)
def worker(data: Path | None, supervised: bool) -> None:
    """Run one more worker for a service that runs elsewhere."""
    from api.processing.worker import run_worker  # noqa: PLC0415 - loads the workflow engine
    from api.storage.upgrade import upgrade  # noqa: PLC0415

    _log_plainly()
    settings = settings_with(data)
    if not supervised:
        upgrade(settings.database)
        click.echo(f"Worker for {settings.data.resolve()}; Ctrl-C stops it.", err=True)
    run_worker(settings, supervised=supervised)


class _SaysWhy(click.Group):
    """Errors made for people end the command with their sentences, not with a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except LookforsError as error:
            click.echo(str(error), err=True)
            sys.exit(3)


@click.group(cls=_SaysWhy)
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help=DATA_HELP)
@click.pass_context
def people(ctx: click.Context, data: Path | None) -> None:
    """Add people and print their sign-in links."""
    from api.people.desk import Desk  # noqa: PLC0415 - loads the database

    ctx.obj = Desk(settings_with(data))
    ctx.call_on_close(ctx.obj.close)


ROLES = click.Choice([role.value for role in PersonRole])


@people.command("add")
@click.argument("name")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="May be given several times.")
@click.pass_obj
def people_add(desk: "Desk", name: str, roles: tuple[str, ...]) -> None:
    """Add NAME and print a link that signs them in once."""
    click.echo(desk.add(name, frozenset(PersonRole(role) for role in roles)))


@people.command("link")
@click.argument("name")
@click.pass_obj
def people_link(desk: "Desk", name: str) -> None:
    """Print a new sign-in link for NAME."""
    click.echo(desk.link(name))


@people.command("roles")
@click.argument("name")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="All roles NAME shall have.")
@click.pass_obj
def people_roles(desk: "Desk", name: str, roles: tuple[str, ...]) -> None:
    """Give NAME these roles and no others."""
    click.echo(desk.set_roles(name, frozenset(PersonRole(role) for role in roles)))


@people.command("close")
@click.argument("name")
@click.pass_obj
def people_close(desk: "Desk", name: str) -> None:
    """Close NAME's account and sign them out everywhere; what they did stays."""
    click.echo(desk.close_account(name))


@people.command("list")
@click.pass_obj
def people_list(desk: "Desk") -> None:
    """Who has an account, with which roles."""
    for line in desk.list():
        click.echo(line)
