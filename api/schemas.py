"""Shapes shared by every area's documents."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Item = TypeVar("Item")


class Schema(BaseModel):
    model_config = ConfigDict(from_attributes=True, extra="forbid")


class Page(Schema, Generic[Item]):
    """One page of a list; `page` counts from 1."""

    items: list[Item]
    total: int
    page: int
    page_size: int


class Problem(Schema):
    """RFC 9457 problem document. `detail` says what is wrong, `remedy` what to do; `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
