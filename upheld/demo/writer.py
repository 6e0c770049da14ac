"""Writing many rows, a bounded batch at a time, parents before children."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, DateTime, Table, func, insert, select, text

from upheld.demo.schema import metadata

BATCH = 10_000
"""How many rows are held in memory at most."""


class Writer:
    """Takes rows as tuples in the order of their table's columns; `flush()` after the last."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._waiting: dict[str, list[Sequence[object]]] = {name: [] for name in metadata.tables}
        self._held = 0

    def add(self, table: Table, row: Sequence[object]) -> None:
        """Write that row, now or with a later batch."""
        self._waiting[table.name].append(row)
        self._held += 1
        if self._held >= BATCH:
            self.flush()

    def add_all(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        """Write those rows, now or with later batches."""
        for row in rows:
            self.add(table, row)

    def flush(self) -> None:
        """Write everything that waits."""
        for table in metadata.sorted_tables:
            rows = self._waiting[table.name]
            if rows:
                self._write(table, rows)
                rows.clear()
        self._held = 0

    def _write(self, table: Table, rows: list[Sequence[object]]) -> None:
        """Write by the quickest way of the database at hand, in the transaction that is open."""
        match self._conn.dialect.name:
            case "postgresql":
                _copy(self._conn, table, rows)
            case "sqlite":
                _insert_as_text(self._conn, table, rows)
            case _:
                names = table.columns.keys()
                values = [dict(zip(names, row, strict=True)) for row in rows]
                self._conn.execute(insert(table), values)


def _copy(conn: Connection, table: Table, rows: list[Sequence[object]]) -> None:
    driver: Any = conn.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert_as_text(conn: Connection, table: Table, rows: list[Sequence[object]]) -> None:
    # SQLAlchemy takes as long again to prepare the rows; SQLite holds its timestamps as text.
    places = [i for i, column in enumerate(table.columns) if isinstance(column.type, DateTime)]
    statement = str(insert(table).compile(dialect=conn.dialect))
    ready = [_with_text(row, places) for row in rows] if places else [tuple(row) for row in rows]
    conn.exec_driver_sql(statement, ready)


def _with_text(row: Sequence[object], places: list[int]) -> tuple[object, ...]:
    values = list(row)
    for i in places:
        moment = values[i]
        if isinstance(moment, datetime):
            values[i] = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return tuple(values)


def continue_numbering(conn: Connection) -> None:
    """Let PostgreSQL number new rows after the ones written here with numbers of their own."""
    if conn.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        last = conn.scalar(select(func.max(table.c.id)))
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :last, :used)")
        conn.execute(sequence, {"table": table.name, "last": last or 1, "used": last is not None})
