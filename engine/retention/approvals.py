"""Stored plans, and the officers who approved them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from engine.audit import ledger
from engine.audit.statements import insert_ignore
from engine.errors import Conflict, NotFound
from engine.retention.plan import Plan
from engine.store.tables.retention import approvals, plans


@dataclass(frozen=True, slots=True)
class Approval:
    """An officer's approval of one dataset's part of a plan."""

    plan: str
    dataset: str
    officer: str
    at: datetime


def save_plan(conn: Connection, plan: Plan) -> str:
    """Store a plan under its digest, once, and return the digest."""
    digest, body = plan.digest, plan.model_dump(mode="json")
    insert_ignore(conn, plans, digest=digest, policy=plan.policy, made_at=plan.now, body=body)
    return digest


def load_plan(conn: Connection, digest: str) -> Plan:
    """A stored plan by its digest, or by the first eight or more characters of it; NotFound."""
    query = select(plans.c.body).where(plans.c.digest.startswith(digest, autoescape=True))
    found = conn.execute(query.limit(2)).scalars().all() if len(digest) >= 8 else []
    if len(found) != 1:
        raise NotFound(f"no plan `{digest}`: `upheld plan` makes one and prints its digest")
    return Plan.model_validate(found[0])


def latest_plan(conn: Connection, policy: str) -> Plan | None:
    """The plan of a policy that was made last."""
    query = select(plans.c.body).where(plans.c.policy == policy)
    body = conn.execute(query.order_by(plans.c.made_at.desc()).limit(1)).scalar()
    return None if body is None else Plan.model_validate(body)


def approve(
    conn: Connection, plan: Plan, datasets: Iterable[str], *, officer: str, now: datetime
) -> tuple[Approval, ...]:
    """Approve the parts of a plan, and write that into the ledger; Conflict if nothing of it is due."""
    wanted = [name for name in datasets if plan.of(name).affected]
    if not wanted:
        raise Conflict("nothing is due in this plan, so there is nothing to approve")
    # In one order everywhere: two officers who approve at once then never wait for each other.
    each = [Approval(plan.digest, name, officer, now) for name in sorted(wanted)]
    new = [approval for approval in each if insert_ignore(conn, approvals, **asdict(approval))]
    if new:
        facts = {
            "plan": plan.digest,
            "rows": {one.dataset: plan.of(one.dataset).affected for one in new},
        }
        ledger.append(conn, "purge.approved", facts, now=now, subject=officer)
    return tuple(new)


def approved_in(conn: Connection, digest: str) -> frozenset[str]:
    """The datasets whose part of this very plan is approved."""
    query = select(approvals.c.dataset).where(approvals.c.plan == digest)
    return frozenset(conn.execute(query).scalars())


def ever_approved(conn: Connection) -> frozenset[str]:
    """The datasets of which an officer has approved some plan, so that scheduled purging is on."""
    return frozenset(conn.execute(select(approvals.c.dataset).distinct()).scalars())


def approvals_of(conn: Connection, digest: str) -> tuple[Approval, ...]:
    """Who approved what of a plan."""
    query = select(approvals).where(approvals.c.plan == digest).order_by(approvals.c.dataset)
    return tuple(
        Approval(row.plan, row.dataset, row.officer, row.at) for row in conn.execute(query)
    )
