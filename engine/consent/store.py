"""Reading and writing consent records and the row of facts that follows from them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.consent.choices import is_on
from engine.consent.records import ConsentRecord, Kind, Said, Standing, State, standing
from engine.datamap.directory import PlatformFacts
from engine.policy.policy import Policy
from engine.store.tables.consent import consent_records, subject_facts


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """The one row that a decision reads: what the platform said, when, and what the person said."""

    subject_id: str
    platform: PlatformFacts
    observed_at: datetime | None
    restricted: bool
    standing: Standing
    restricted_data: Mapping[str, datetime] | None = None
    """Since when categories are restricted though the person is not; None if that is unknown."""
    gone: bool = False
    """Whether the platform had no such person when it was asked last."""
    signals: tuple[str, ...] | None = None
    """What the person's browser signalled when it was last heard; None if it never was."""


def add(conn: Connection, record: ConsentRecord) -> Standing:
    """Append a record and bring the person's row of facts up to it, in the caller's transaction."""
    lock_facts(conn, record.subject_id, record.at)
    conn.execute(insert(consent_records).values(**asdict(record)))
    now = standing(records_of(conn, record.subject_id))
    values = {
        "agreed": now.agreed,
        "agreed_by": now.agreed_by,
        "declined": now.declined,
        "choices": {name: _said_json(said) for name, said in now.choices.items()},
        "objections": list(now.objections),
    }
    _update(conn, record.subject_id, record.at, values)
    return now


def lock_facts(conn: Connection, subject_id: str, at: datetime) -> None:
    """Make sure that the person's row exists, and hold it, so that two writers take turns."""
    found = select(subject_facts.c.subject_id).where(subject_facts.c.subject_id == subject_id)
    if conn.execute(found.with_for_update()).first():
        return
    with conn.begin_nested() as attempt:
        try:
            conn.execute(insert(subject_facts).values(**_empty(subject_id, at)))
        except Exception:
            attempt.rollback()
            # Somebody else has just made it: wait for them, or fail as this would have.
            if not conn.execute(found.with_for_update()).first():
                raise


def observe(
    conn: Connection,
    subject_id: str,
    facts: PlatformFacts,
    restricted_data: Mapping[str, datetime] | None,
    at: datetime,
) -> None:
    """Keep what the platform says of a person and which of their data is restricted, as seen at `at`."""
    lock_facts(conn, subject_id, at)
    told = restricted_data
    data = None if told is None else {name: since.isoformat() for name, since in told.items()}
    values = {**asdict(facts), "observed_at": at, "restricted_data": data, "gone_at": None}
    _update(conn, subject_id, at, values)


def gone(conn: Connection, subject_id: str, at: datetime) -> None:
    """Note that the platform has no such person any more: to Upheld the account counts as cancelled."""
    lock_facts(conn, subject_id, at)
    values = {"account": "cancelled", "observed_at": None, "gone_at": at}
    _update(conn, subject_id, at, values)


def restrict(conn: Connection, subject_id: str, restricted: bool, at: datetime) -> None:
    """Mark a person as restricted (GDPR 18), or no longer."""
    lock_facts(conn, subject_id, at)
    _update(conn, subject_id, at, {"restricted": restricted})


def hear(conn: Connection, subject_id: str, signals: Collection[str], at: datetime) -> None:
    """Keep what the person's browser signals."""
    lock_facts(conn, subject_id, at)
    _update(conn, subject_id, at, {"signals": sorted(signals)})


def forget(conn: Connection, subject_id: str) -> None:
    """Drop the row of facts of a person who was erased; what they said stays as evidence."""
    conn.execute(delete(subject_facts).where(subject_facts.c.subject_id == subject_id))


def facts(conn: Connection, subject_id: str) -> StoredFacts | None:
    """The person's row, or None if nothing is known of them."""
    query = select(subject_facts).where(subject_facts.c.subject_id == subject_id)
    row = conn.execute(query).first()
    return None if row is None else stored_of(row._asdict())


def facts_of(conn: Connection, subject_ids: Collection[str]) -> dict[str, StoredFacts]:
    """The rows of several people; those of whom nothing is known are missing."""
    query = select(subject_facts).where(subject_facts.c.subject_id.in_(subject_ids))
    return {row.subject_id: stored_of(row._asdict()) for row in conn.execute(query)}


def records_of(conn: Connection, subject_id: str) -> list[ConsentRecord]:
    """Everything that a person said, oldest first."""
    query = (
        select(consent_records)
        .where(consent_records.c.subject_id == subject_id)
        .order_by(consent_records.c.serial)
    )
    return [_record(row) for row in conn.execute(query)]


def record(conn: Connection, record_id: str) -> ConsentRecord | None:
    """One record by its id."""
    row = conn.execute(select(consent_records).where(consent_records.c.id == record_id)).first()
    return None if row is None else _record(row)


def agreed_to(conn: Connection, versions: Collection[str]) -> frozenset[str]:
    """The people whose last agreement is to one of these versions."""
    query = select(subject_facts.c.subject_id).where(subject_facts.c.agreed.in_(versions))
    return frozenset(conn.execute(query).scalars())


def who_chose(
    conn: Connection, policy: Policy, choices: Collection[str], *, on: bool, now: datetime
) -> frozenset[str]:
    """The people who have any of the choices on at `now`, or (`on` false) who turned off every one of them.

    Only what a person said counts, and a consent that has run out is off; who was never asked is in neither.
    A choice that the policy does not have is neither on nor off.
    """
    known = {choice.id: choice for choice in policy.consent.choices}
    query = select(subject_facts.c.subject_id, subject_facts.c.choices)
    found = set()
    for subject, said in conn.execute(query):
        states = [
            is_on(known[name], _said(said[name]), policy.header.zone, now)
            if name in known and name in said
            else None
            for name in choices
        ]
        if (True in states) if on else all(state is False for state in states):
            found.add(subject)
    return frozenset(found)


def _update(conn: Connection, subject_id: str, at: datetime, values: Mapping[str, Any]) -> None:
    conn.execute(
        update(subject_facts)
        .where(subject_facts.c.subject_id == subject_id)
        .values(**values, changed_at=at)
    )


def _empty(subject_id: str, at: datetime) -> dict[str, Any]:
    return {
        "subject_id": subject_id,
        "restricted": False,
        "choices": {},
        "objections": [],
        "changed_at": at,
    }


def _said_json(said: Said) -> dict[str, str]:
    told = {"state": said.state.value, "at": said.at.isoformat(), "version": said.version}
    return told | ({"guardian": said.guardian} if said.guardian else {})


def _said(value: Mapping[str, str]) -> Said:
    at = datetime.fromisoformat(value["at"])
    return Said(State(value["state"]), at, value["version"], value.get("guardian"))


def stored_of(row: Mapping[str, Any]) -> StoredFacts:
    """The facts in a row of the table, by its columns."""
    said = Standing(
        row["agreed"],
        row["declined"],
        {name: _said(value) for name, value in row["choices"].items()},
        tuple(row["objections"]),
        row["agreed_by"],
    )
    platform = PlatformFacts(
        row["subject"], row["region"], row["account"], row["born"], row["created"], row["age"]
    )
    told = row["restricted_data"]
    data = None if told is None else {n: datetime.fromisoformat(at) for n, at in told.items()}
    return StoredFacts(
        row["subject_id"],
        platform,
        row["observed_at"],
        row["restricted"],
        said,
        data,
        row["gone_at"] is not None,
        None if row["signals"] is None else tuple(row["signals"]),
    )


def _record(row: Row[Any]) -> ConsentRecord:
    told = dict(row._mapping)
    del told["serial"]
    return ConsentRecord(**{**told, "kind": Kind(row.kind), "state": State(row.state)})
