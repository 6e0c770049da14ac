"""Remembering what services asked for and did, in counts: the record that use and sharing are judged by.

A service reports what it did, not only what it asks: a use that was denied and done all the same is what
breaks a promise. No person is named, so nothing here must ever be erased.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, String, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.decisions.decision import Decision
from engine.promises.cookie import OPERATION as COOKIE
from engine.promises.observed import Observed
from engine.store.tables.promises import observations

_NAMES = ("operation", "category", "purpose", "recipient", "effect", "rule", "lacks")
_FIELDS = (*_NAMES, "asked", "done", "last_at")
_LONGEST = {
    name: kind.length or 0
    for name in _NAMES
    if isinstance(kind := observations.c[name].type, String)
}


def record_done(conn: Connection, decision: Decision, *, now: datetime) -> None:
    """Count, leaf by leaf, that something was done, with what was decided about it then."""
    for leaf in decision.leaves or (decision,):
        lacks = ", ".join(missing.label for missing in leaf.missing)
        names = (*leaf.asked, leaf.effect, leaf.rule, lacks)
        _count(conn, dict(zip(_NAMES, names, strict=True)), asked=1, done=1, now=now)


def record_asked(conn: Connection, names: tuple[str, ...], times: int, *, now: datetime) -> None:
    """Count that the same was asked so many times; `names` are those of a row, in their order."""
    _count(conn, dict(zip(_NAMES, names, strict=True)), asked=times, done=0, now=now)


def record_cookie(conn: Connection, name: str, *, now: datetime) -> None:
    """Count a cookie that was seen being set, by its name."""
    names = dict.fromkeys(_NAMES, "") | {"operation": COOKIE, "category": name}
    _count(conn, names, asked=0, done=1, now=now)


def observed(conn: Connection) -> tuple[Observed, ...]:
    """Everything that was seen so far, the latest first."""
    query = select(observations).order_by(observations.c.last_at.desc(), *_KEY)
    return tuple(
        Observed(**{name: getattr(row, name) for name in _FIELDS}) for row in conn.execute(query)
    )


def _count(
    conn: Connection, names: dict[str, str], *, asked: int, done: int, now: datetime
) -> None:
    # What is reported may be anything; it is shortened rather than refused, so that it is not lost.
    key = {name: str(value)[: _LONGEST[name]] for name, value in names.items()}
    if _add(conn, key, asked, done, now):
        return
    row: dict[str, Any] = {**key, "asked": asked, "done": done, "first_at": now, "last_at": now}
    try:
        with conn.begin_nested():
            conn.execute(insert(observations), row)
    except IntegrityError:
        # Somebody else has just seen the same for the first time.
        _add(conn, key, asked, done, now)


def _add(conn: Connection, key: dict[str, str], asked: int, done: int, now: datetime) -> bool:
    table = observations.c
    where = and_(*(table[name] == value for name, value in key.items()))
    values = {"asked": table.asked + asked, "done": table.done + done, "last_at": now}
    return conn.execute(update(observations).where(where).values(values)).rowcount > 0


_KEY = tuple(observations.c[name] for name in _NAMES)
