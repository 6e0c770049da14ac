"""Who was verified as whose guardian: reading and writing, in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from engine.store.tables.consent import guardians


@dataclass(frozen=True, slots=True)
class Guardianship:
    """That `guardian` answers in the place of `subject_id`: verified how, at what time, said by whom."""

    id: str
    subject_id: str
    guardian: str
    verified_by: str
    source: str
    at: datetime


def add(
    conn: Connection, subject_id: str, guardian: str, verified_by: str, source: str, at: datetime
) -> Guardianship:
    """Record a verification; an earlier one of the same two people gives way to it."""
    end(conn, subject_id, guardian, at)
    made = Guardianship(str(uuid.uuid4()), subject_id, guardian, verified_by, source, at)
    row = {name: getattr(made, name) for name in Guardianship.__slots__}
    conn.execute(insert(guardians).values(row))
    return made


def end(conn: Connection, subject_id: str, guardian: str, at: datetime) -> str | None:
    """End what stands between the two; returns its id, or None if nothing did."""
    found = next((one for one in of(conn, subject_id) if one.guardian == guardian), None)
    if found is not None:
        conn.execute(update(guardians).where(guardians.c.id == found.id).values(ended_at=at))
    return found.id if found else None


def of(conn: Connection, subject_id: str) -> Sequence[Guardianship]:
    """The verified guardians of a person, the earliest first."""
    return _read(conn, guardians.c.subject_id == subject_id)


def wards(conn: Connection, guardian: str) -> Sequence[str]:
    """The people whose verified guardian this is."""
    return [one.subject_id for one in _read(conn, guardians.c.guardian == guardian)]


def stands(conn: Connection, subject_id: str, guardian: str) -> bool:
    """Whether somebody is verified as this person's guardian."""
    return any(one.guardian == guardian for one in of(conn, subject_id))


def _read(conn: Connection, wanted: ColumnElement[bool]) -> Sequence[Guardianship]:
    columns = [guardians.c[name] for name in Guardianship.__slots__]
    query = select(*columns).where(wanted, guardians.c.ended_at.is_(None)).order_by(guardians.c.at)
    return [Guardianship(*row) for row in conn.execute(query)]
