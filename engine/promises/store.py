"""Keeping what was found, so that pages read it quickly; and every change of a state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from engine.promises.promise import Promise, State
from engine.store.tables.promises import promise_changes, promises


@dataclass(frozen=True, slots=True)
class Changed:
    """A clause whose state changed at `at`."""

    clause: str
    state: State
    sentence: str
    at: datetime


def load(conn: Connection, version: str) -> Mapping[str, Promise]:
    """What was found last for a version, in the order of the text; empty if nobody has looked."""
    query = select(promises).where(promises.c.version == version).order_by(promises.c.position)
    return {
        row.clause: Promise(
            row.clause,
            State(row.state),
            row.sentence,
            row.figures,
            tuple(row.evidence),
            row.checked_at,
        )
        for row in conn.execute(query)
    }


def save(conn: Connection, version: str, found: Sequence[Promise]) -> tuple[Promise, ...]:
    """Replace what was found for a version; returns the promises whose state is new or has changed."""
    before = load(conn, version)
    changed = tuple(
        p for p in found if p.clause not in before or before[p.clause].state is not p.state
    )
    conn.execute(delete(promises).where(promises.c.version == version))
    rows = [
        {
            "version": version,
            "clause": promise.clause,
            "position": position,
            "state": promise.state.value,
            "sentence": promise.sentence,
            "figures": dict(promise.figures),
            "evidence": list(promise.evidence),
            "checked_at": promise.checked_at,
        }
        for position, promise in enumerate(found)
    ]
    if rows:
        conn.execute(insert(promises), rows)
    if changed:
        conn.execute(insert(promise_changes), [_change(version, promise) for promise in changed])
    return changed


def history(conn: Connection, version: str, clause: str, limit: int = 50) -> tuple[Changed, ...]:
    """The latest changes of a clause's state, newest first."""
    table = promise_changes.c
    query = (
        select(table.clause, table.state, table.sentence, table.at)
        .where(table.version == version, table.clause == clause)
        .order_by(table.serial.desc())
        .limit(limit)
    )
    return tuple(
        Changed(row.clause, State(row.state), row.sentence, row.at) for row in conn.execute(query)
    )


def _change(version: str, promise: Promise) -> dict[str, object]:
    return {
        "version": version,
        "clause": promise.clause,
        "state": promise.state.value,
        "sentence": promise.sentence,
        "at": promise.checked_at,
    }
