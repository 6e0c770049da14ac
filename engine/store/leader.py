"""One leader among any number of processes that share a database.

On PostgreSQL the leader holds a session-level advisory lock on a connection of its own: the server frees it
in the moment the connection ends, however the process died. On SQLite, which lives on one machine, it
holds a lock on a file beside the database, which the kernel frees the same way.

A lock alone cannot stop a leader that was cut off and does not know it yet. So every election begins a new
term in the database, and `require_term` refuses whoever leads by an older one.
"""

from __future__ import annotations

import fcntl
import os
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, NullPool, create_engine, insert, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import Conflict, InvalidInput
from engine.store.database import Database
from engine.store.tables.serving import leadership

# Any number that no other program locks in this database; these are the bytes of "leader".
_LEADER_LOCK = int.from_bytes(b"leader")
_ONLY = 1

# A connection that is cut without a word is noticed within about ten seconds, on both ends.
_WATCHED = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8000,
    "application_name": "upheld leader",
    "options": "-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3",
}


class Deposed(Conflict):
    """Somebody else leads by now."""


class LeaderLock(Protocol):
    """The lock that the leader holds for as long as it lives."""

    def take(self) -> bool:
        """Try once, without waiting; returns whether this process holds the lock now."""
        ...

    def held(self) -> bool:
        """Look whether this process still holds the lock."""
        ...

    def release(self) -> None:
        """Give the lock back; fine when it is not held."""
        ...


def leader_lock(database: Database) -> LeaderLock:
    """The lock that fits the database; InvalidInput for an SQLite database in memory, which nobody shares."""
    if database.dialect == "postgresql":
        return AdvisoryLock(database)
    path = database.url.database
    if not path or path == ":memory:":
        raise InvalidInput("a database in memory has no leader: name a file")
    return FileLock(Path(f"{path}.leader"))


class AdvisoryLock:
    """A session-level advisory lock of PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._engine = create_engine(
            database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_WATCHED
        )
        self._conn: Connection | None = None
        self._holds = False

    def take(self) -> bool:
        """Try once; a database that does not answer gives no lock."""
        if self._holds:
            return self.held()
        try:
            if self._conn is None:
                self._conn = self._engine.connect()
            query = text("SELECT pg_try_advisory_lock(:key)")
            self._holds = bool(self._conn.execute(query, {"key": _LEADER_LOCK}).scalar())
        except SQLAlchemyError:
            self.release()
        return self._holds

    def held(self) -> bool:
        """Ask the server over the very connection that holds the lock."""
        if self._conn is None or not self._holds:
            return False
        try:
            self._conn.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.release()
        return self._holds

    def release(self) -> None:
        """Close the connection; the server frees the lock with it."""
        self._holds = False
        conn, self._conn = self._conn, None
        if conn is not None:
            conn.invalidate()
            conn.close()


class FileLock:
    """A lock on a file, for processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self) -> bool:
        """Try once."""
        if self._file is not None:
            return self.held()
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._file = file
        return self.held()

    def held(self) -> bool:
        """Whether the file that is locked is still the one that others would lock."""
        if self._file is None:
            return False
        try:
            same = os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            same = False
        if not same:
            self.release()
        return same

    def release(self) -> None:
        """Close the file; the lock goes with it."""
        file, self._file = self._file, None
        if file is not None:
            file.close()


def begin_term(conn: Connection, owner: str, now: datetime) -> int:
    """Begin the term of a new leader and return its number. Call it while holding the lock."""
    query = select(leadership.c.term).where(leadership.c.id == _ONLY).with_for_update()
    last = conn.execute(query).scalar()
    term = int(last or 0) + 1
    values = {"term": term, "owner": owner, "since": now}
    if last is None:
        conn.execute(insert(leadership), {"id": _ONLY, **values})
    else:
        conn.execute(update(leadership).where(leadership.c.id == _ONLY).values(values))
    return term


def require_term(conn: Connection, term: int) -> None:
    """Raise Deposed unless this term is the newest; no election can happen until the transaction ends."""
    query = select(leadership.c.term).where(leadership.c.id == _ONLY).with_for_update()
    newest = conn.execute(query).scalar()
    if newest != term:
        raise Deposed(f"term {term} is over: the leader's term is {newest}")
