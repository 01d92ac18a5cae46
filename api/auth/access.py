"""Who may call a route. Every route names one of these declarations; an app with one that does not will not start."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from api.auth.person import Person
from api.auth.roles import PersonRole
from api.errors import NotPermitted, NotSignedIn


class Declaration:
    """Base of the two ways a route can say who may call it."""


class Anyone(Declaration):
    """No sign-in needed."""

    def __call__(self) -> None:
        return None


class Allow(Declaration):
    """Whoever holds one of these roles."""

    def __init__(self, *roles: PersonRole) -> None:
        self.roles = frozenset(roles)

    def __call__(self, request: Request) -> Person:
        person: Person | None = request.app.state.services.sessions.person_of(request.cookies)
        if person is None:
            raise NotSignedIn("session.none", "You are not signed in.", "Open your sign-in link, or ask for a new one.")
        if not person.has(*self.roles):
            raise NotPermitted(
                "role.missing",
                f"This is for people with the role {' or '.join(sorted(self.roles))}.",
                "Ask an administrator if you need it.",
            )
        return person


PUBLIC = Depends(Anyone())
EVERYONE = tuple(PersonRole)

SignedIn = Annotated[Person, Depends(Allow(*EVERYONE))]
# Those who may look at the media and words of submissions; which submissions is part of each query.
Viewer = Annotated[Person, Depends(Allow(PersonRole.EDUCATOR, PersonRole.REVIEWER, PersonRole.STAFF, PersonRole.ADMIN))]
# Those who may see what the machine found without reviewing.
Overseer = Annotated[Person, Depends(Allow(PersonRole.STAFF, PersonRole.ADMIN))]
Uploader = Annotated[Person, Depends(Allow(PersonRole.EDUCATOR, PersonRole.STAFF, PersonRole.ADMIN))]


def _declarations(dependant: Dependant) -> Iterator[Declaration]:
    for child in dependant.dependencies:
        if isinstance(child.call, Declaration):
            yield child.call
        yield from _declarations(child)


class RouteUndeclared(Exception):
    """A route does not say who may call it, or says it twice."""


@dataclass(frozen=True, slots=True)
class DeclaredRoute:
    path: str
    methods: frozenset[str]
    declaration: Declaration


def declared_routes(app: FastAPI) -> tuple[DeclaredRoute, ...]:
    """Every route of the app with its declaration. Raises RouteUndeclared for a route without exactly one."""
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = context.path or ""
        if not isinstance(route, APIRoute):
            raise RouteUndeclared(f"{path} is not a declared API route")
        declarations = tuple(_declarations(context.dependant or route.dependant))
        methods = frozenset(route.methods or ())
        if len(declarations) != 1:
            raise RouteUndeclared(f"{sorted(methods)} {path} declares {len(declarations)} times who may call it")
        found.append(DeclaredRoute(path, methods, declarations[0]))
    return tuple(found)
