from pydantic import Field

from api.schemas import Schema


class SecondRead(Schema):
    """The chance that a second blind read of a submission read once decides otherwise than the first."""

    p: float = Field(ge=0, le=1)
    text: str
    rubric_title: str


class FitCreate(Schema):
    """`rubric` is the hash of its content."""

    rubric: str
