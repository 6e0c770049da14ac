"""One prepared question to the database for the hot path: the driver's own connection, one for each thread.

A pool, a transaction object and result rows of SQLAlchemy cost several times what the question itself does.
Each question sees what was committed before it: on SQLite and PostgreSQL a statement outside a transaction
reads the newest state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, Select, Text, cast

from engine.errors import StoreUnavailable
from engine.store.database import Database

Raw = tuple[Any, ...]
"""A row as the driver gives it."""


class QuickQuestion:
    """A SELECT of at most one row; `Unavailable` when the database does not answer."""

    def __init__(self, database: Database, query: Select[Any]) -> None:
        self._dialect = dialect = database.engine.dialect
        self._connect_args = dialect.create_connect_args(database.url)
        self._own = threading.local()
        self._open: set[Any] = set()
        self._sqlite = dialect.name == "sqlite"
        compiled = _plain(query).compile(dialect=dialect)
        self._sql = str(compiled)
        self._order: list[str] = list(getattr(compiled, "positiontup", None) or ())
        self._columns = [(str(c.key), _reader(c, dialect)) for c in query.selected_columns]

    def ask(self, **values: str) -> Raw | None:
        """The row, in the driver's own values; `read` makes it legible."""
        try:
            return self._ask(self._connection(), values)
        except self._dialect.loaded_dbapi.Error:
            # The connection may have died since the last question; a new one decides.
            self._forget()
        try:
            return self._ask(self._connection(), values)
        except self._dialect.loaded_dbapi.Error as error:
            self._forget()
            raise StoreUnavailable("upheld", type(error).__name__) from error

    def read(self, raw: Raw) -> Mapping[str, Any]:
        """The row's values by column, as SQLAlchemy would give them."""
        return {
            name: value if reader is None else reader(value)
            for (name, reader), value in zip(self._columns, raw, strict=True)
        }

    def close(self) -> None:
        """Close the connections of all threads; nobody may be asking."""
        while self._open:
            self._open.pop().close()
        self._own = threading.local()

    def _ask(self, connection: Any, values: Mapping[str, str]) -> Raw | None:
        if self._sqlite:
            found: Raw | None = connection.execute(
                self._sql, [values[name] for name in self._order]
            ).fetchone()
            return found
        row: Raw | None = connection.execute(self._sql, values, prepare=True).fetchone()
        return row

    def _connection(self) -> Any:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            args, options = self._connect_args
            if self._sqlite:
                # Each is used by its own thread, and closed by whoever ends the process.
                options = {**options, "check_same_thread": False}
            connection = self._dialect.connect(*args, **options)
            if self._sqlite:
                connection.isolation_level = None
                connection.execute("PRAGMA query_only=ON")
            else:
                connection.autocommit = True
            self._own.connection = connection
            self._open.add(connection)
        return connection

    def _forget(self) -> None:
        connection = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            self._open.discard(connection)
            with suppress(Exception):
                connection.close()


def _plain(query: Select[Any]) -> Select[Any]:
    """The same with JSON as text: a row of plain values can be compared, and remembered."""
    return query.with_only_columns(
        *(cast(c, Text) if _is_json(c) else c for c in query.selected_columns),
        maintain_column_froms=True,
    )


def _is_json(column: ColumnElement[Any]) -> bool:
    return isinstance(column.type, JSON)


def _reader(column: ColumnElement[Any], dialect: Any) -> Callable[[Any], Any] | None:
    if _is_json(column):
        return lambda text: None if text is None else orjson.loads(text)
    kind = column.type.dialect_impl(dialect)
    reader: Callable[[Any], Any] | None = kind.result_processor(dialect, None)
    return reader
