from api.auth.roles import PersonRole
from api.schemas import Schema


class SessionCreate(Schema):
    """The secret of a one-time sign-in link."""

    token: str


class MeRead(Schema):
    id: str
    name: str
    roles: list[PersonRole]
