"""The answer for download: kept in pieces in the engine's database until it expires."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from engine.errors import NotFound
from engine.rights.store import UNKNOWN
from engine.store.database import Database
from engine.store.tables.rights import rights_package_chunks, rights_packages, rights_requests

PIECE = 256 * 1024
"""Bytes a row: small enough to hold many in memory, large enough for few rows."""


@dataclass(frozen=True, slots=True)
class Package:
    """An answer: a file name, its media type, its bytes, until when it is there."""

    name: str
    media_type: str
    size: int
    sha256: str
    created_at: datetime
    expires_at: datetime
    chunks: Iterable[bytes]

    def read(self) -> bytes:
        """The whole of it; for small ones."""
        return b"".join(self.chunks)


@dataclass(frozen=True, slots=True)
class Label:
    """What a package is called, and how long it is kept."""

    name: str
    media_type: str
    created_at: datetime
    expires_at: datetime


def keep_file(conn: Connection, request_id: str, label: Label, path: Path) -> str:
    """Store a file piece by piece in the caller's transaction; returns its SHA-256."""
    with path.open("rb") as file:
        return keep(conn, request_id, label, iter(lambda: file.read(PIECE), b""))


def keep(conn: Connection, request_id: str, label: Label, pieces: Iterable[bytes]) -> str:
    """Store the pieces in the caller's transaction, in place of what was there; returns the SHA-256."""
    forget(conn, request_id)
    row = {
        "request_id": request_id,
        "name": label.name,
        "media_type": label.media_type,
        "created_at": label.created_at,
        "expires_at": label.expires_at,
        "size": 0,
        "sha256": "",
    }
    conn.execute(insert(rights_packages).values(row))
    digest, size = hashlib.sha256(), 0
    for number, piece in enumerate(pieces):
        digest.update(piece)
        size += len(piece)
        chunk = {"request_id": request_id, "number": number, "data": piece}
        conn.execute(insert(rights_package_chunks).values(chunk))
    where = rights_packages.c.request_id == request_id
    known = {"size": size, "sha256": digest.hexdigest()}
    conn.execute(rights_packages.update().where(where).values(known))
    return digest.hexdigest()


def forget(conn: Connection, request_id: str) -> None:
    """Delete a package, if there is one."""
    _delete(conn, [request_id])


def forget_of(conn: Connection, subject_id: str) -> None:
    """Delete every package of a person: a copy of what is erased would outlive it."""
    query = select(rights_requests.c.id).where(rights_requests.c.subject_id == subject_id)
    _delete(conn, list(conn.execute(query).scalars()))


def forget_expired(conn: Connection, now: datetime) -> int:
    """Delete the packages whose time is over; returns how many."""
    query = select(rights_packages.c.request_id).where(rights_packages.c.expires_at <= now)
    over = list(conn.execute(query).scalars())
    _delete(conn, over)
    return len(over)


def find(database: Database, request_id: str, now: datetime) -> Package:
    """The package of a request; NotFound if there is none, or none any more."""
    with database.read() as conn:
        query = select(rights_packages).where(rights_packages.c.request_id == request_id)
        row = conn.execute(query).first()
    if row is None or row.expires_at <= now:
        raise NotFound(UNKNOWN)
    pieces = _pieces(database, request_id)
    return Package(
        row.name, row.media_type, row.size, row.sha256, row.created_at, row.expires_at, pieces
    )


def _pieces(database: Database, request_id: str) -> Iterator[bytes]:
    """One piece at a time, each in a short transaction: a slow download holds nothing open."""
    table, number = rights_package_chunks, 0
    while True:
        query = select(table.c.data).where(
            table.c.request_id == request_id, table.c.number == number
        )
        with database.read() as conn:
            data = conn.execute(query).scalar_one_or_none()
        if data is None:
            return
        yield bytes(data)
        number += 1


def _delete(conn: Connection, ids: list[str]) -> None:
    for table in (rights_package_chunks, rights_packages):
        conn.execute(delete(table).where(table.c.request_id.in_(ids)))
