"""Reading the decision log: the newest decisions, and what enforcement would change for a service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from engine.store.tables.decisions import decision_log as log


@dataclass(frozen=True, slots=True)
class Logged:
    """One decision, as it was written down. `subject` is the keyed digest, or None."""

    at: datetime
    caller: str
    mode: str
    subject: str | None
    operation: str
    category: str
    purpose: str
    recipient: str
    effect: str
    rule: str
    lacks: str
    version: str
    request: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Calls that enforcement would deny, alike in what was asked and why: how many, of how many people."""

    caller: str
    operation: str
    category: str
    purpose: str
    recipient: str
    rule: str
    lacks: str
    times: int
    people: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Trial:
    """What a service's calls in shadow mode came to."""

    asked: int
    differences: tuple[Difference, ...]

    @property
    def denied(self) -> int:
        """How many of them enforcement would deny."""
        return sum(difference.times for difference in self.differences)


_FIELDS = tuple(log.c[name] for name in Logged.__slots__)
_ALIKE = tuple(
    log.c[name]
    for name in ("caller", "operation", "category", "purpose", "recipient", "rule", "lacks")
)


def latest(
    conn: Connection,
    limit: int = 100,
    *,
    caller: str | None = None,
    effect: str | None = None,
    subject: str | None = None,
    request: str | None = None,
) -> tuple[Logged, ...]:
    """The newest decisions; `caller` is a key's prefix, `subject` a person's keyed digest."""
    wanted = {"caller": caller, "effect": effect, "subject": subject, "request": request}
    query = select(*_FIELDS).order_by(log.c.at.desc(), log.c.spool, log.c.place.desc())
    query = query.where(*(log.c[name] == value for name, value in wanted.items() if value))
    return tuple(Logged(*row) for row in conn.execute(query.limit(limit)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the log ends: the next begins after it."""

    at: datetime
    spool: str
    place: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions; what is empty or None asks nothing. `callers` are prefixes of keys."""

    callers: tuple[str, ...] | None = None
    effect: str = ""
    rule: str = ""
    since: datetime | None = None


def page(
    conn: Connection, wanted: Wanted, limit: int, after: Place | None = None
) -> tuple[tuple[Logged, ...], Place | None]:
    """The newest decisions that are wanted, `limit` at most, and where the page ends if there are more."""
    query = select(log.c.spool, log.c.place, *_FIELDS).where(*_conditions(wanted))
    if after is not None:
        same = (log.c.at == after.at) & (log.c.spool == after.spool)
        query = query.where(
            or_(
                log.c.at < after.at,
                (log.c.at == after.at) & (log.c.spool > after.spool),
                same & (log.c.place < after.place),
            )
        )
    query = query.order_by(log.c.at.desc(), log.c.spool, log.c.place.desc()).limit(limit + 1)
    rows = conn.execute(query).all()
    found = tuple(Logged(*row[2:]) for row in rows[:limit])
    if len(rows) <= limit:
        return found, None
    return found, Place(found[-1].at, rows[limit - 1][0], rows[limit - 1][1])


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.callers is not None:
        found.append(log.c.caller.in_(wanted.callers))
    if wanted.effect:
        found.append(log.c.effect == wanted.effect)
    if wanted.rule:
        found.append(log.c.rule == wanted.rule)
    if wanted.since is not None:
        found.append(log.c.at >= wanted.since)
    return found


def trial(conn: Connection, callers: Sequence[str], since: datetime | None = None) -> Trial:
    """What these keys asked in shadow mode, and what enforcement would deny, the most frequent first."""
    where: list[ColumnElement[bool]] = [log.c.caller.in_(callers), log.c.mode == "shadow"]
    if since is not None:
        where.append(log.c.at >= since)
    asked = conn.execute(select(func.count()).select_from(log).where(*where)).scalar_one()
    times = func.count().label("times")
    people = func.count(log.c.subject.distinct())
    query = (
        select(*_ALIKE, times, people, func.min(log.c.at), func.max(log.c.at))
        .where(*where, log.c.effect == "deny")
        .group_by(*_ALIKE)
        .order_by(times.desc(), *_ALIKE)
    )
    return Trial(asked, tuple(Difference(*row) for row in conn.execute(query)))


def forget(conn: Connection, subject: str) -> int:
    """Cut the link between decisions and an erased person, by their keyed digest; returns how many."""
    query = update(log).where(log.c.subject == subject).values(subject=None)
    return conn.execute(query).rowcount
