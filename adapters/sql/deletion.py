"""Deleting rows in bounded batches: up to a bound where an index orders them in time, else row by row."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from adapters.sql.batches import Done, batch
from adapters.sql.conditions import Scope
from adapters.sql.flavour import Expression, Test
from engine.ports import AllOf, AnyOf, Before, Condition


def delete(conn: sa.Connection, scope: Scope, where: Condition, wanted: Test, limit: int) -> Done:
    """Delete up to `limit` of the rows that are wanted; `where` is what makes them so.

    A range of an index is read once, and its rows need not be looked up by their address. Rows that stay
    (what is no time at all, say) may crowd it: where it turns out half empty, the table is asked for others.
    """
    ranged = _range(scope, where)
    if ranged is None:
        return _some(conn, scope, wanted, limit)
    order, within = ranged
    ahead = sa.select(order).where(within).order_by(order).offset(limit).limit(1)
    bound = conn.scalar(ahead)
    if bound is None:
        return _all(conn, scope, wanted), False
    gone = _all(conn, scope, sa.and_(wanted, order < sa.literal(bound, order.type)))
    if gone > limit // 2:
        return gone, True
    more, left = _some(conn, scope, wanted, limit - gone)
    return gone + more, left


def _all(conn: sa.Connection, scope: Scope, wanted: Test) -> int:
    return conn.execute(sa.delete(scope.source.table).where(wanted)).rowcount


def _some(conn: sa.Connection, scope: Scope, wanted: Test, limit: int) -> Done:
    gone = _all(conn, scope, batch(scope, wanted, limit))
    return gone, gone >= limit


def _range(scope: Scope, where: Condition) -> tuple[Expression, Test] | None:
    """The column whose index holds what is due together, and a range in it which has everything due."""
    last = latest(where) if scope.flavour.by_range else None
    if last is None or last.time.field is None:
        return None
    place = scope.place(last.time.field, "times")
    if place.keys or place.column.name not in scope.source.ordered:
        return None
    moment = scope.moment(last.time)
    within = (moment.above or moment.before)(last.limit)
    return place.element, sa.and_(scope.mine(), within)


def latest(where: Condition) -> Before | None:
    """The time before which every row lies that satisfies the condition; None if it names no such time."""
    match where:
        case Before():
            return where
        case AllOf(parts):
            return next(filter(None, map(latest, parts)), None)
        case AnyOf(parts):
            return _last_of([latest(part) for part in parts])
        case _:
            return None


def _last_of(found: Sequence[Before | None]) -> Before | None:
    """Of several times of one field the last; None if one part names none, or another's."""
    times = [one for one in found if one is not None]
    fields = {(one.time.field, one.time.form) for one in times}
    if len(times) < len(found) or len(fields) != 1:
        return None
    return max(times, key=lambda one: one.limit)
