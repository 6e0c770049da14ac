"""The one statement that SQLAlchemy spells differently for SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_ignore(conn: Connection, table: Table, **values: Any) -> bool:
    """Insert a row unless its key exists already; returns whether it was inserted."""
    if conn.dialect.name == "postgresql":
        pg = postgresql.insert(table).values(**values).on_conflict_do_nothing()
        return conn.execute(pg).rowcount > 0
    lite = sqlite.insert(table).values(**values).on_conflict_do_nothing()
    return conn.execute(lite).rowcount > 0
