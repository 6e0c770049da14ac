"""Runs in the engine's tables: the intent, its batches, its outcome, and the leases that keep runs apart.

Every function writes what it records into the ledger in the same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.audit import ledger
from engine.errors import Conflict, NotFound
from engine.retention.plan import Plan
from engine.store.tables.retention import leases, run_steps, runs

RunState = Literal["open", "done", "failed", "interrupted"]
StepState = Literal["open", "done", "waiting", "refused", "failed"]


@dataclass(frozen=True, slots=True)
class RunStep:
    """What a run did of one step: `note` says why anything is left."""

    step: str
    dataset: str
    planned: int
    done: int
    state: StepState
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One execution of a plan."""

    id: str
    plan: str
    state: RunState
    scheduled: bool
    started_at: datetime
    finished_at: datetime | None
    steps: tuple[RunStep, ...] = field(default=())

    @property
    def rows(self) -> int:
        """How many changes were made, over all steps."""
        return sum(step.done for step in self.steps)

    def of(self, step: str) -> RunStep:
        """What became of one step; KeyError if the plan had none of that name."""
        return {one.step: one for one in self.steps}[step]


class LeaseLost(Conflict):
    """Another run has taken over a dataset, because this one was silent for too long."""


def open_run(
    conn: Connection,
    plan: Plan,
    refused: Mapping[str, str],
    *,
    scheduled: bool,
    now: datetime,
    lease: timedelta,
) -> Run:
    """Commit to a plan: the intent in the ledger, every step, a lease on each dataset that will be touched.

    `refused` are the datasets that may not be purged, with the reason. Raises Conflict when another run
    holds one of the others.
    """
    run_id, digest = secrets.token_hex(8), plan.digest
    touched = [one.dataset for one in plan.datasets if one.affected and one.dataset not in refused]
    # In one order everywhere: two runs that begin at once then never wait for each other.
    for dataset in sorted(touched):
        _take(conn, dataset, run_id, now, now + lease)
    row = {"id": run_id, "plan": digest, "policy": plan.policy, "state": "open"}
    conn.execute(insert(runs), row | {"scheduled": scheduled, "started_at": now})
    steps = [_new_step(run_id, step.id, step.dataset, step.rows, refused) for step in plan.steps]
    if steps:
        conn.execute(insert(run_steps), steps)
    facts = {
        "run": run_id,
        "plan": digest,
        "policy": plan.policy,
        "version": plan.version,
        "by": plan.by.isoformat(),
        "rows": {step.id: step.rows for step in plan.steps if step.dataset in touched},
        "refused": sorted(name for name in refused if plan.of(name).affected),
    }
    ledger.append(conn, "purge.intent", facts, now=now)
    return find_run(conn, run_id)


def record_batch(
    conn: Connection,
    run_id: str,
    dataset: str,
    rows: Mapping[str, int],
    *,
    now: datetime,
    lease: timedelta,
) -> None:
    """Record what a batch did, and renew the lease; LeaseLost if another run has taken it over."""
    keep_lease(conn, run_id, dataset, now=now, lease=lease)
    for step, number in rows.items():
        mine = (run_steps.c.run == run_id, run_steps.c.step == step)
        conn.execute(update(run_steps).where(*mine).values(done=run_steps.c.done + number))
    ledger.append(conn, "purge.batch", {"run": run_id, "rows": dict(rows)}, now=now)


def keep_lease(
    conn: Connection, run_id: str, dataset: str, *, now: datetime, lease: timedelta
) -> None:
    """Renew the lease on a dataset; LeaseLost if another run has taken it over."""
    mine = (leases.c.dataset == dataset, leases.c.run == run_id)
    renewed = conn.execute(update(leases).where(*mine).values(expires_at=now + lease))
    if renewed.rowcount == 0:
        raise LeaseLost(f"another run has taken over `{dataset}`: this one stops")


def set_steps(
    conn: Connection, run_id: str, steps: Iterable[str], state: StepState, note: str | None = None
) -> None:
    """Say what became of steps."""
    where = (run_steps.c.run == run_id, run_steps.c.step.in_(list(steps)))
    conn.execute(update(run_steps).where(*where).values(state=state, note=note))


def add_note(conn: Connection, run_id: str, datasets: Iterable[str], note: str) -> None:
    """Add a note to every step of these datasets that changed anything."""
    touched = (run_steps.c.dataset.in_(list(datasets)), run_steps.c.done > 0)
    before = func.coalesce(run_steps.c.note + "; ", "")
    where = (run_steps.c.run == run_id, *touched)
    conn.execute(update(run_steps).where(*where).values(note=before + note))


def close_run(conn: Connection, run_id: str, state: RunState, *, now: datetime) -> Run:
    """End a run: the outcome in the ledger, the leases given back. A run that has ended stays as it is."""
    is_open = (runs.c.id == run_id, runs.c.state == "open")
    ended = update(runs).where(*is_open).values(state=state, finished_at=now)
    if conn.execute(ended).rowcount == 0:
        return find_run(conn, run_id)
    conn.execute(delete(leases).where(leases.c.run == run_id))
    run = find_run(conn, run_id)
    facts = {
        "run": run_id,
        "plan": run.plan,
        "state": state,
        "rows": {step.step: step.done for step in run.steps},
    }
    ledger.append(conn, "purge.outcome", facts, now=now)
    return run


def record_recovery(
    conn: Connection, run_id: str, remaining: Mapping[str, int], *, now: datetime
) -> Run | None:
    """Close a run that died: what it recorded, and what is still due of it. A batch that was carried out
    but not recorded shows as the difference. None where somebody else closed it, or it lives again."""
    state = conn.execute(select(runs.c.state).where(runs.c.id == run_id).with_for_update()).scalar()
    held = select(leases.c.expires_at).where(leases.c.run == run_id).order_by(leases.c.dataset)
    lasts = conn.execute(held.with_for_update()).scalars().all()
    if state != "open" or any(until > now for until in lasts):
        return None
    run = find_run(conn, run_id)
    facts = {
        "run": run.id,
        "plan": run.plan,
        "recorded": {step.step: step.done for step in run.steps},
        "planned": {step.step: step.planned for step in run.steps},
        "remaining": dict(remaining),
    }
    ledger.append(conn, "purge.recovered", facts, now=now)
    return close_run(conn, run.id, "interrupted", now=now)


def dead_runs(conn: Connection, policy: str, now: datetime) -> tuple[Run, ...]:
    """Open runs of a policy none of whose leases is alive."""
    alive = select(leases.c.run).where(leases.c.expires_at > now)
    query = select(runs.c.id).where(
        runs.c.policy == policy, runs.c.state == "open", runs.c.id.not_in(alive)
    )
    return tuple(find_run(conn, found) for found in conn.execute(query).scalars().all())


def find_run(conn: Connection, run_id: str) -> Run:
    """One run; NotFound if there is none."""
    row = conn.execute(select(runs).where(runs.c.id == run_id)).first()
    if row is None:
        raise NotFound(f"no run `{run_id}`")
    return _run(conn, row)


def list_runs(conn: Connection, policy: str, limit: int = 20) -> tuple[Run, ...]:
    """The latest runs of a policy, newest first."""
    query = (
        select(runs)
        .where(runs.c.policy == policy)
        .order_by(runs.c.started_at.desc(), runs.c.id)
        .limit(limit)
    )
    return tuple(_run(conn, row) for row in conn.execute(query).all())


def _run(conn: Connection, row: Row[Any]) -> Run:
    query = select(run_steps).where(run_steps.c.run == row.id).order_by(run_steps.c.step)
    steps = tuple(
        RunStep(s.step, s.dataset, s.planned, s.done, s.state, s.note) for s in conn.execute(query)
    )
    return Run(row.id, row.plan, row.state, row.scheduled, row.started_at, row.finished_at, steps)


def _take(conn: Connection, dataset: str, run_id: str, now: datetime, until: datetime) -> None:
    held = conn.execute(select(leases).where(leases.c.dataset == dataset).with_for_update()).first()
    if held is not None and held.expires_at > now:
        raise Conflict(
            f"a purge of `{dataset}` is running (run `{held.run}`); if it died, it is taken over "
            f"after {held.expires_at:%H:%M:%S} UTC"
        )
    # Only the lease that was seen: the row may have given way, while this waited, to one that is alive.
    conn.execute(delete(leases).where(leases.c.dataset == dataset, leases.c.expires_at <= now))
    try:
        conn.execute(insert(leases), {"dataset": dataset, "run": run_id, "expires_at": until})
    except IntegrityError as error:
        raise Conflict(f"another purge of `{dataset}` began at the same moment") from error


def _new_step(
    run_id: str, step: str, dataset: str, planned: int, refused: Mapping[str, str]
) -> dict[str, Any]:
    why = refused.get(dataset) if planned else None
    state: StepState = "refused" if why else "open"
    return {
        "run": run_id, "step": step, "dataset": dataset,
        "planned": planned, "done": 0, "state": state, "note": why,
    }  # fmt: skip
