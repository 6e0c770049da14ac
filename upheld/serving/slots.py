"""Slots: a job at one of its times. Each is run once, whoever leads, and kept with how it went.

A slot whose leader died is run again by the next one; one that failed is tried again, ever more rarely.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.store.leader import require_term
from engine.store.tables.serving import job_runs

ATTEMPTS = 6
"""How often a slot is tried: over about a quarter of an hour."""

FIRST_WAIT = timedelta(seconds=30)
"""Until the second attempt; it doubles from then on."""

KEPT = timedelta(days=90)
"""How long is remembered what was run."""


def claim(conn: Connection, job: str, due_at: datetime, *, term: int, now: datetime) -> bool:
    """Take a slot, and return whether it is to be run now. Raises Deposed when the term is over."""
    require_term(conn, term)
    mine = (job_runs.c.job == job, job_runs.c.due_at == due_at)
    known = conn.execute(select(job_runs).where(*mine)).first()
    if known is not None and not _open(known, term, now):
        return False
    values = {
        "state": "running",
        "term": term,
        "attempts": known.attempts + 1 if known else 1,
        "started_at": now,
        "finished_at": None,
        "problem": None,
    }
    if known is None:
        conn.execute(insert(job_runs), {"job": job, "due_at": due_at, **values})
    else:
        conn.execute(update(job_runs).where(*mine).values(values))
    return True


def finish(
    conn: Connection, job: str, due_at: datetime, *, term: int, now: datetime, problem: str | None
) -> None:
    """Record how a slot went, unless a later leader has taken it over; `problem` is a kind of error."""
    mine = (job_runs.c.job == job, job_runs.c.due_at == due_at, job_runs.c.term == term)
    state = "failed" if problem else "done"
    values = {"state": state, "finished_at": now, "problem": problem}
    conn.execute(update(job_runs).where(*mine).values(values))


def forget(conn: Connection, now: datetime) -> int:
    """Delete what was run long ago; returns how many rows."""
    old = job_runs.c.started_at < now - KEPT
    return conn.execute(delete(job_runs).where(old)).rowcount


def _open(run: Row[tuple[object, ...]], term: int, now: datetime) -> bool:
    if run.state == "running":
        return bool(run.term < term)
    if run.state == "done" or run.attempts >= ATTEMPTS:
        return False
    return bool(now >= run.finished_at + FIRST_WAIT * 2 ** (run.attempts - 1))
