"""Alembic's entry: runs inside the connection that `api.storage.upgrade` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from api.storage import desk_tables, score_tables, tables  # noqa: F401 - fill the metadata
from api.storage.base import Base, UtcDateTime


def _plain_type(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Writes our time type as the plain one, so that migrations import nothing of ours that may change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_plain_type,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
