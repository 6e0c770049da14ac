"""Who is told before their data goes, and that they were: one row a rule and person.

A notice is about what goes soon. Once nothing of a person goes soon any more, because the event that it
counts from moved, the notice has lapsed: it is dropped, and they are told anew when the time comes again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from engine.consent.notices import STALE, Delivery
from engine.store.tables.notices import deletion_notices as table

RETRY = timedelta(hours=1)
"""How long after a failure a notice is tried again; while it fails, the data stays and the plan says so."""


@dataclass(frozen=True, slots=True)
class DeletionNotice:
    """One notice to one person that their data goes by a rule; `attempts` counts this one."""

    rule: str
    subject_id: str
    attempts: int


def queue(conn: Connection, rule: str, people: Iterable[str], now: datetime) -> int:
    """Queue a notice for those of the people who have none; returns how many. Drops what has lapsed."""
    wanted = set(people)
    of_rule = select(table.c.subject_id).where(table.c.rule == rule)
    have = set(conn.execute(of_rule).scalars())
    for lapsed in sorted(have - wanted):
        conn.execute(delete(table).where(table.c.rule == rule, table.c.subject_id == lapsed))
    new = [
        {"rule": rule, "subject_id": s, "state": Delivery.QUEUED, "at": now, "attempts": 0}
        for s in sorted(wanted - have)
    ]
    if new:
        conn.execute(insert(table), new)
    return len(new)


def forget_others(conn: Connection, rules: Iterable[str]) -> None:
    """Drop the notices of every other rule: no version in force promises them any more."""
    conn.execute(delete(table).where(table.c.rule.not_in(list(rules))))


def claim(conn: Connection, limit: int, now: datetime) -> Sequence[DeletionNotice]:
    """Take notices to send now, so that no other sender takes them; one whose sender died is taken again."""
    due = or_(
        table.c.state == Delivery.QUEUED,
        and_(table.c.state == Delivery.FAILED, table.c.at < now - RETRY),
        and_(table.c.state == Delivery.SENDING, table.c.at < now - STALE),
    )
    query = (
        select(table.c.rule, table.c.subject_id, table.c.attempts)
        .where(due, table.c.told_at.is_(None))
        .order_by(table.c.attempts, table.c.rule, table.c.subject_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [DeletionNotice(r.rule, r.subject_id, r.attempts + 1) for r in conn.execute(query)]
    for notice in found:
        mark(conn, notice, Delivery.SENDING, now)
    return found


def mark(
    conn: Connection,
    notice: DeletionNotice,
    state: Delivery,
    now: datetime,
    *,
    told: bool = False,
) -> None:
    """Record how sending went; `told`: from now on the person counts as told."""
    conn.execute(
        update(table)
        .where(table.c.rule == notice.rule, table.c.subject_id == notice.subject_id)
        .values(state=state, at=now, attempts=notice.attempts, told_at=now if told else None)
    )


def noticed_before(conn: Connection, rule: str, cutoff: datetime) -> frozenset[str]:
    """The people who were told at or before the cutoff that their data goes by this rule."""
    query = select(table.c.subject_id).where(table.c.rule == rule, table.c.told_at <= cutoff)
    return frozenset(conn.execute(query).scalars())
