"""Events that the platform does not store, told by its services; the latest over all accounts counts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from engine.errors import InvalidInput
from engine.policy.durations import Anchor
from engine.retention.events import is_record
from engine.retention.writing import put
from engine.store.tables.retention import events


def record_event(
    conn: Connection, subject: str, event: str, at: datetime, source: str, *, now: datetime
) -> None:
    """Remember that `event` happened to a person `at` (aware; in the future: is scheduled).

    `source` names the account or the service: telling it again replaces what the same source told before.
    Raises InvalidInput for an event that is none, or that lies in the record itself.
    """
    Anchor.parse(event)
    if is_record(event):
        raise InvalidInput(f"`{event}` is read from the record itself and cannot be told", "event")
    if at.tzinfo is None:
        raise InvalidInput("`at` has no time zone: add one, such as `+00:00`", "at")
    told = {"subject": subject, "event": event, "source": source, "at": at, "told_at": now}
    put(conn, events, [told])


def told_at(conn: Connection, subject: str, event: str) -> datetime | None:
    """When the event happened to a person, the latest over all sources; None if nobody told."""
    mine = (events.c.subject == subject, events.c.event == event)
    latest: datetime | None = conn.execute(select(func.max(events.c.at)).where(*mine)).scalar()
    return latest


def told_before(conn: Connection, event: str, cutoff: datetime) -> tuple[str, ...]:
    """The people of whom the event was told and whose latest lies at or before the cutoff."""
    query = select(events.c.subject).where(events.c.event == event).group_by(events.c.subject)
    query = query.having(func.max(events.c.at) <= cutoff).order_by(events.c.subject)
    return tuple(conn.execute(query).scalars())
