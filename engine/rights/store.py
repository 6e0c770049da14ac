"""Reading and writing requests. Each change of state commits with its ledger entry."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from engine.audit import ledger
from engine.errors import NotFound
from engine.rights.state import Actor, Status, Step, Times, after
from engine.store.tables.rights import (
    rights_intents,
    rights_outcomes,
    rights_packages,
    rights_requests,
    rights_transitions,
)

UNKNOWN = "no such request"


@dataclass(frozen=True)
class Request:
    """A rights request as it is stored; all times aware, in UTC."""

    id: str
    subject_id: str
    right: str
    status: Status
    details: Mapping[str, Any]
    source: str
    language: str
    region: str | None
    policy_version: str
    received_at: datetime
    code_id: str | None
    verify_by: datetime | None
    verified_at: datetime | None
    cooling_until: datetime | None
    regime: str | None
    zone: str
    set_by: str
    legal_due: datetime
    target_due: datetime
    acknowledge_by: datetime | None
    extension_notice_by: datetime | None
    provisional: bool
    deadline_data: str
    deadline_source: str
    extended_at: datetime | None
    answer: str | None
    closed_at: datetime | None
    retry_at: datetime | None
    retry_why: str | None
    claimed_until: datetime | None

    @property
    def tz(self) -> ZoneInfo:
        """The zone that its deadline counts days in."""
        return ZoneInfo(self.zone)

    def overdue(self, now: datetime) -> bool:
        """Whether it is open and late by law or policy."""
        return not self.status.closed and now >= self.legal_due

    def times(self, package_until: datetime | None = None) -> Times:
        """What its progress names."""
        return Times(
            self.legal_due,
            self.verify_by,
            self.cooling_until,
            self.closed_at,
            package_until,
            self.retry_why,
        )


@dataclass(frozen=True, slots=True)
class Moved:
    """One line of a request's history."""

    step: Step
    before: Status
    after: Status
    actor: Actor
    officer: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one category in one dataset: deleted, anonymised, restricted, corrected or told."""

    dataset: str
    category: str
    outcome: str
    rows: int
    exemption: str | None = None
    statute: str | None = None
    until: datetime | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON: what the ledger and a certificate say."""
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        told["until"] = self.until.isoformat() if self.until else None
        return {key: value for key, value in told.items() if value is not None}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Outcome:
        """What `plain` wrote."""
        until = told.get("until")
        return cls(**{**told, "until": datetime.fromisoformat(until) if until else None})


@dataclass(frozen=True, slots=True)
class Because:
    """Who moves a request, and why."""

    actor: Actor
    officer: str | None = None
    reason: str | None = None


SYSTEM = Because(Actor.SYSTEM)


def new_request(**known: Any) -> Request:
    """A request just received: what is not known yet is empty."""
    empty: dict[str, Any] = {f.name: None for f in fields(Request)}
    return Request(**(empty | {"status": Status.RECEIVED} | known))


def add(conn: Connection, request: Request) -> None:
    """Store a new request, with its ledger entry."""
    conn.execute(insert(rights_requests).values(_columns(request)))
    facts = {
        "request": request.id,
        "right": request.right,
        "source": request.source,
        "policy": request.policy_version,
        "regime": request.regime,
        "legal_due": request.legal_due.isoformat(),
        "deadlines": request.deadline_data,
    }
    now = request.received_at
    ledger.append(conn, "rights.received", facts, now=now, subject=request.subject_id)


def get(conn: Connection, request_id: str, *, lock: bool = False) -> Request:
    """One request; NotFound if there is none. With `lock`, nobody else changes it meanwhile."""
    query = select(rights_requests).where(rights_requests.c.id == request_id)
    row = conn.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(UNKNOWN)
    return _request(row)


def of_subject(conn: Connection, subject_id: str) -> list[Request]:
    """A person's requests, the newest first."""
    query = select(rights_requests).where(rights_requests.c.subject_id == subject_id)
    ordered = query.order_by(rights_requests.c.received_at.desc(), rights_requests.c.id)
    return [_request(row) for row in conn.execute(ordered)]


def having(
    conn: Connection, statuses: Collection[Status], right: str | None = None, limit: int = 500
) -> list[Request]:
    """Requests in these states, the most urgent first."""
    query = select(rights_requests).where(
        rights_requests.c.status.in_([status.value for status in statuses])
    )
    if right is not None:
        query = query.where(rights_requests.c.right == right)
    ordered = query.order_by(rights_requests.c.legal_due, rights_requests.c.id).limit(limit)
    return [_request(row) for row in conn.execute(ordered)]


def move(
    conn: Connection,
    request: Request,
    step: Step,
    because: Because,
    now: datetime,
    *,
    subject: bool = True,
    facts: Mapping[str, Any] | None = None,
    **values: Any,
) -> Request:
    """Take a step: the new state, its line of history and its ledger entry, in the caller's transaction.

    `subject=False` leaves the person out of the entry: after they were erased they have no pseudonym.
    Raises Conflict or Forbidden as `state.after` does.
    """
    status = after(request.status, step, because.actor)
    if status.closed:
        values |= {"closed_at": now, "details": {}, "code_id": None, "retry_why": None}
        values |= {"retry_at": None}
    change(conn, request.id, status=status.value, **values)
    line = {
        "request_id": request.id,
        "step": step.value,
        "before": request.status.value,
        "after": status.value,
        "actor": because.actor.value,
        "officer": because.officer,
        "reason": because.reason,
        "at": now,
    }
    conn.execute(insert(rights_transitions).values(line))
    told = {"request": request.id, "right": request.right, "status": status.value}
    told |= {"actor": because.actor.value} | dict(facts or {})
    about = request.subject_id if subject else None
    ledger.append(conn, f"rights.{_KINDS[step]}", told, now=now, subject=about)
    return get(conn, request.id)


def change(conn: Connection, request_id: str, **values: Any) -> None:
    """Change columns that are no state (a retry, a claim, a code)."""
    where = rights_requests.c.id == request_id
    conn.execute(update(rights_requests).where(where).values(**values))


def claim(conn: Connection, request_id: str, now: datetime, until: datetime) -> bool:
    """Take a request for work, unless another worker has it."""
    free = or_(rights_requests.c.claimed_until.is_(None), rights_requests.c.claimed_until <= now)
    mine = update(rights_requests).where(rights_requests.c.id == request_id, free)
    return conn.execute(mine.values(claimed_until=until)).rowcount == 1


def hand_over(
    conn: Connection, request_id: str, since: datetime, until: datetime | None, **values: Any
) -> bool:
    """Renew the claim that holds until `since` to `until`, or end it; False if another has the request."""
    table = rights_requests
    mine = update(table).where(table.c.id == request_id, table.c.claimed_until == since)
    return conn.execute(mine.values(claimed_until=until, **values)).rowcount == 1


def history(conn: Connection, request_id: str) -> list[Moved]:
    """Every step of a request, oldest first."""
    query = select(rights_transitions).where(rights_transitions.c.request_id == request_id)
    return [
        Moved(
            Step(row.step), Status(row.before), Status(row.after), Actor(row.actor),
            row.officer, row.reason, row.at,
        )
        for row in conn.execute(query.order_by(rights_transitions.c.serial))
    ]  # fmt: skip


def outcomes(conn: Connection, request_id: str) -> list[Outcome]:
    """What became of the data."""
    query = select(rights_outcomes).where(rights_outcomes.c.request_id == request_id)
    names = [f.name for f in fields(Outcome)]
    return [
        Outcome(**{name: getattr(row, name) for name in names})
        for row in conn.execute(query.order_by(rights_outcomes.c.serial))
    ]


def add_outcomes(conn: Connection, request_id: str, found: Sequence[Outcome]) -> None:
    """Record what became of the data."""
    rows = [
        {"request_id": request_id} | {f.name: getattr(one, f.name) for f in fields(Outcome)}
        for one in found
    ]
    if rows:
        conn.execute(insert(rights_outcomes), rows)


@dataclass(frozen=True, slots=True)
class Intent:
    """Work that was begun: its frozen body, the digest of that, and the datasets that are done."""

    request_id: str
    digest: str
    body: Mapping[str, Any]
    done: tuple[str, ...]


def open_intent(conn: Connection, intent: Intent, now: datetime) -> None:
    """Say what is about to be done, before it is."""
    row = {"request_id": intent.request_id, "opened_at": now, "digest": intent.digest}
    row |= {"body": dict(intent.body), "done": list(intent.done)}
    conn.execute(insert(rights_intents).values(row))


def find_intent(conn: Connection, request_id: str) -> Intent | None:
    """What was begun and has no outcome yet."""
    query = select(rights_intents).where(rights_intents.c.request_id == request_id)
    row = conn.execute(query).first()
    return None if row is None else Intent(row.request_id, row.digest, row.body, tuple(row.done))


def open_intents(conn: Connection) -> list[str]:
    """The requests whose work was begun and has no outcome yet, oldest first."""
    query = select(rights_intents.c.request_id).order_by(rights_intents.c.opened_at)
    return list(conn.execute(query).scalars())


def set_intent(conn: Connection, request_id: str, **values: Any) -> None:
    """Record how far the work is."""
    where = rights_intents.c.request_id == request_id
    conn.execute(update(rights_intents).where(where).values(**values))


def close_intent(conn: Connection, request_id: str) -> None:
    """The work has its outcome; what it knew of the person goes."""
    conn.execute(delete(rights_intents).where(rights_intents.c.request_id == request_id))


def package_until(conn: Connection, request_id: str) -> datetime | None:
    """Until when the answer can be downloaded; None if there is none."""
    query = select(rights_packages.c.expires_at).where(rights_packages.c.request_id == request_id)
    return conn.execute(query).scalar_one_or_none()


_KINDS = {
    Step.VERIFY: "verified",
    Step.WAIT: "cooling-off",
    Step.BEGIN: "begun",
    Step.COMPLETE: "completed",
    Step.REFUSE: "refused",
    Step.CANCEL: "cancelled",
    Step.EXPIRE: "expired",
    Step.EXTEND: "extended",
    Step.HALT: "halted",
}


def _columns(request: Request) -> dict[str, Any]:
    found = {f.name: getattr(request, f.name) for f in fields(request)}
    return found | {"status": request.status.value, "details": dict(request.details)}


def _request(row: Row[Any]) -> Request:
    return Request(**{**row._mapping, "status": Status(row.status)})
