"""Writing rows that somebody else may be writing at the same moment, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func
from sqlalchemy.dialects import postgresql, sqlite

Upsert = postgresql.Insert | sqlite.Insert


def put(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; one whose key is there already is replaced by the new one."""
    _upsert(conn, table, rows, {})


def put_earliest(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], column: str
) -> None:
    """Insert rows; of one whose key is there already the earlier time in `column` stays."""
    least = func.least if conn.dialect.name == "postgresql" else func.min
    _upsert(conn, table, rows, {column: least})


def queue_writers(conn: Connection, table: Table) -> None:
    """Wait until no other transaction writes the table, and let none until this one ends.

    Two writers that lock the same rows in another order would each wait for the other. On SQLite a
    transaction for writing is alone from its first statement on. Reading goes on.
    """
    if conn.dialect.name == "postgresql":
        name = conn.dialect.identifier_preparer.format_table(table)
        conn.exec_driver_sql(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


def _upsert(
    conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]], merge: Mapping[str, Any]
) -> None:
    if not rows:
        return
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table)
    key = [column.name for column in table.primary_key]
    values: dict[str, ColumnElement[Any]] = {
        column.name: merge[column.name](column, statement.excluded[column.name])
        if column.name in merge
        else statement.excluded[column.name]
        for column in table.columns
        if column.name not in key
    }
    conn.execute(statement.on_conflict_do_update(index_elements=key, set_=values), list(rows))
