from dataclasses import dataclass

from api.auth.roles import PersonRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is asking, as far as a route needs to know."""

    id: str
    name: str
    roles: frozenset[PersonRole]
    session_id: str

    def has(self, *roles: PersonRole) -> bool:
        return not self.roles.isdisjoint(roles)
