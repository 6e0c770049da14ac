"""Telling people of a significant change, and the log that shows that they were told.

A notice is queued for everybody when a version is published, and sent in batches; each delivery is kept, so
that "significant changes will be notified" can be shown, person by person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import Connection, and_, insert, or_, select, update

from engine.store.tables.notices import notices

STALE = timedelta(minutes=10)
"""After this a sender that did not report is taken to be dead."""

BATCH = 50
"""How many notices one sender takes at once."""

T = TypeVar("T")

ATTEMPTS = 5
"""How often sending a notice is tried."""


class Delivery(StrEnum):
    """Where a notice stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one person of one version; `attempts` counts this one."""

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


def claim(conn: Connection, limit: int, now: datetime) -> Sequence[Notice]:
    """Take notices to send now, marked as being sent, so that no other sender takes them too.

    One whose sender died is taken again after `STALE`: better told twice than never.
    """
    due = or_(
        notices.c.state.in_((Delivery.QUEUED, Delivery.FAILED)),
        and_(notices.c.state == Delivery.SENDING, notices.c.at < now - STALE),
    )
    query = (
        select(notices.c.version, notices.c.subject_id, notices.c.attempts)
        .where(due, notices.c.attempts < ATTEMPTS)
        .order_by(notices.c.attempts, notices.c.subject_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = [Notice(row.version, row.subject_id, row.attempts + 1) for row in conn.execute(query)]
    for notice in taken:
        mark(conn, notice, Delivery.SENDING, now)
    return taken


def batches(take: Callable[[int], Sequence[T]], limit: int) -> Iterator[Sequence[T]]:
    """What `take` gives, a batch at a time, until there is nothing left or `limit` were taken."""
    while limit > 0:
        batch = take(min(limit, BATCH))
        if not batch:
            return
        yield batch
        limit -= len(batch)


def mark(conn: Connection, notice: Notice, state: Delivery, now: datetime) -> None:
    """Record how sending went."""
    conn.execute(
        update(notices)
        .where(notices.c.version == notice.version, notices.c.subject_id == notice.subject_id)
        .values(state=state, at=now, attempts=notice.attempts)
    )


def delivered_to(conn: Connection, subject_id: str) -> set[str]:
    """The versions of which this person was told."""
    query = select(notices.c.version).where(
        notices.c.subject_id == subject_id, notices.c.state == Delivery.SENT
    )
    return set(conn.execute(query).scalars())
