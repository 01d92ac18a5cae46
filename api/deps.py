"""What routes ask for. Everything comes from the application they run in; nothing lives in a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Query, Request
from sqlalchemy.orm import Session

from api.agreement.background import Background
from api.auth.service import Sessions
from api.events.feed import Feed
from api.settings import Settings
from api.storage.objects import ObjectStore
from api.storage.session import Database
from api.uploads.files import PartFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    settings: Settings
    database: Database
    objects: ObjectStore
    parts: PartFiles
    sessions: Sessions
    feed: Feed
    background: Background


def services_of(request: Request) -> Services:
    return cast(Services, request.app.state.services)


ServicesDep = Annotated[Services, Depends(services_of)]


def _settings(services: ServicesDep) -> Settings:
    return services.settings


def _read_session(services: ServicesDep) -> Iterator[Session]:
    with services.database.read() as session:
        yield session


def _write_session(services: ServicesDep) -> Iterator[Session]:
    with services.database.write() as session:
        yield session


SettingsDep = Annotated[Settings, Depends(_settings)]
# Scope "function": the transaction ends before the answer leaves, so nobody is told of what was not kept.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]


@dataclass(frozen=True, slots=True)
class Paging:
    page: int
    page_size: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.page_size


def _paging(
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1, page_size: Annotated[int, Query(ge=1, le=200)] = 50
) -> Paging:
    return Paging(page, page_size)


PagingDep = Annotated[Paging, Depends(_paging)]
