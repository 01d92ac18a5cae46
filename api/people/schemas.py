from typing import Annotated

from pydantic import Field, StringConstraints

from api.auth.roles import PersonRole
from api.schemas import Schema


class PersonCreate(Schema):
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    roles: Annotated[list[PersonRole], Field(min_length=1)]


class SignInLink(Schema):
    """A link that signs this person in once. It is told here and cannot be read back."""

    person_id: str
    name: str
    link: str
