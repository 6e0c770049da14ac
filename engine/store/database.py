"""The engine's database: one Engine, transactions that fail closed, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

from engine.errors import StoreUnavailable


class Database:
    """The engine's own database.

    `begin()` opens a transaction for writing, `read()` one for reading. On SQLite a writer takes the write
    lock at once (BEGIN IMMEDIATE): a transaction that reads and then writes can then never fail half-way
    because somebody else wrote in between.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.engine = _create_engine(url)

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction for writing: committed at the end, rolled back when the block raises."""
        with self.connect() as conn, conn.begin():
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading only."""
        with self.connect() as conn:
            reader = conn.execution_options(upheld_read=True)
            with reader.begin():
                yield reader

    def dispose(self) -> None:
        """Close every pooled connection (before a fork, and at shutdown)."""
        self.engine.dispose()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A connection outside a transaction, closed at the end; raises StoreUnavailable."""
        try:
            conn = self.engine.connect()
        except OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise StoreUnavailable("upheld", reason) from error
        with conn:
            yield conn


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database and parsed.database != ":memory:":
        _own(Path(parsed.database))
    engine = create_engine(parsed, connect_args={"timeout": 30})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _own(path: Path) -> None:
    """Make a new database file readable by its owner alone; SQLite's other files take their mode from it.

    SQLite would make it readable by everybody, and copies of people's data for download lie in it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
    except OSError as error:
        raise StoreUnavailable("upheld", f"`{path}`: {error.strerror}") from None


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transaction handling would start transactions late; SQLAlchemy begins them below.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "secure_delete=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    reading = conn.get_execution_options().get("upheld_read", False)
    conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
