"""The web application, made by `create_app`; it never imports the models nor anything that loads them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from api.adjudication import routes as adjudication
from api.agreement import routes as agreement
from api.agreement.background import Background
from api.answers import install_error_answers
from api.auth import routes as auth
from api.auth.access import declared_routes
from api.auth.service import Sessions
from api.catalogue import routes as catalogue
from api.corrections import routes as corrections
from api.deps import Services
from api.events import routes as events
from api.events.feed import Feed
from api.findings import routes as findings
from api.pages import pages_router
from api.people import routes as people
from api.playback import routes as playback
from api.queue import routes as queue
from api.reviews import routes as reviews
from api.schemas import Problem
from api.score_model import routes as score_model
from api.security import SameOriginOnly, SecurityHeaders, SmallBodies
from api.settings import Settings
from api.storage.objects import open_objects
from api.storage.session import Database
from api.submissions import routes as submissions
from api.uploads import routes as uploads
from api.uploads.files import PartFiles

AREAS: tuple[APIRouter, ...] = (
    catalogue.router,
    auth.router,
    uploads.router,
    submissions.router,
    findings.router,
    corrections.router,
    playback.router,
    events.router,
    reviews.router,
    queue.router,
    adjudication.router,
    agreement.router,
    score_model.router,
    people.router,
)
BODY_BYTES = 2 * 1024 * 1024  # no document that a page sends is larger; uploads have their own limit


def _services(settings: Settings) -> Services:
    database = Database(settings.database, process="web")
    return Services(
        settings=settings,
        database=database,
        objects=open_objects(settings),
        parts=PartFiles(settings.data / "uploads", disk_reserve_bytes=settings.limits.disk_reserve_bytes),
        sessions=Sessions(database, settings.sessions),
        feed=Feed(database),
        background=Background(),
    )


def _operation_id(route: APIRoute) -> str:
    return route.name


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    try:
        yield
    finally:
        services.feed.close()
        services.background.close()
        services.database.close()


def create_app(settings: Settings | None = None) -> FastAPI:
    """The database is expected to be at its newest migration (`api.storage.upgrade`).

    Raises RouteUndeclared when a route does not say who may call it.
    """
    settings = settings or Settings()
    settings.data.mkdir(parents=True, exist_ok=True)
    app = FastAPI(
        title="Lookfors",
        version=version("lookfors"),
        openapi_url=None,  # the document is kept with the front end; scripts/openapi.py writes it
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        responses={"default": {"model": Problem, "description": "What is wrong and what to do"}},
    )
    app.state.services = _services(settings)
    install_error_answers(app)
    for router in AREAS:
        app.include_router(router, prefix="/api", max_body_size=BODY_BYTES)
    app.include_router(pages_router(settings.web_dist))
    declared_routes(app)
    app.add_middleware(SmallBodies, n_bytes=BODY_BYTES)
    app.add_middleware(SameOriginOnly, public_url=settings.public_url)
    app.add_middleware(SecurityHeaders, media_origin=app.state.services.objects.origin, https=settings.secure_cookies)
    return app
