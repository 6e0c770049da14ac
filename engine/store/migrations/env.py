"""What Alembic runs for every command; `engine.store.migrate` hands it an open connection."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from engine.store.metadata import Json, UtcDateTime
from engine.store.schema import full_metadata


def _render_item(kind: str, item: Any, rendering: AutogenContext) -> str | Literal[False]:
    """Write our own column types as what they are on disk: a revision outlives the code of its day."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if item is Json:
        rendering.imports.add("from sqlalchemy.dialects.postgresql import JSONB")
        return 'sa.JSON().with_variant(JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=full_metadata(),
    render_as_batch=True,  # SQLite changes a table by building it anew
    render_item=_render_item,
)
with context.begin_transaction():
    context.run_migrations()
