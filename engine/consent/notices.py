"""Telling people of a significant change, and the log that shows that they were told.

A notice is queued for everybody when a version is published, and sent in batches; each delivery is kept, so
that "significant changes will be notified" can be shown, person by person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from engine.store.tables.notices import notices


class Delivery(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one person of one version."""

    version: str
    subject_id: str
    attempts: int


def queue(conn: Connection, version: str, subjects: Iterable[str], now: datetime) -> int:
    """Queue a notice for each person who has none of this version yet; returns how many are new."""
    have = set(
        conn.execute(select(notices.c.subject_id).where(notices.c.version == version)).scalars()
    )
    new = [
        {"version": version, "subject_id": s, "state": Delivery.QUEUED, "at": now, "attempts": 0}
        for s in dict.fromkeys(subjects)
        if s not in have
    ]
    if new:
        conn.execute(insert(notices), new)
    return len(new)


def waiting(conn: Connection, limit: int, attempts: int = 5) -> Sequence[Notice]:
    """Notices to send now: queued, or failed fewer than `attempts` times. Held until the caller commits."""
    query = (
        select(notices.c.version, notices.c.subject_id, notices.c.attempts)
        .where(notices.c.state != Delivery.SENT, notices.c.attempts < attempts)
        .order_by(notices.c.attempts, notices.c.subject_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Notice(*row) for row in conn.execute(query)]


def mark(conn: Connection, notice: Notice, state: Delivery, now: datetime) -> None:
    """Record how sending went."""
    conn.execute(
        update(notices)
        .where(notices.c.version == notice.version, notices.c.subject_id == notice.subject_id)
        .values(state=state, at=now, attempts=notice.attempts + 1)
    )


def delivered_to(conn: Connection, subject_id: str) -> set[str]:
    """The versions of which this person was told."""
    query = select(notices.c.version).where(
        notices.c.subject_id == subject_id, notices.c.state == Delivery.SENT
    )
    return set(conn.execute(query).scalars())


def counts(conn: Connection, version: str) -> dict[str, int]:
    """How many notices of a version stand in each state."""
    query = (
        select(notices.c.state, func.count())
        .where(notices.c.version == version)
        .group_by(notices.c.state)
    )
    found = {str(state): int(count) for state, count in conn.execute(query)}
    return {state.value: found.get(state.value, 0) for state in Delivery}
