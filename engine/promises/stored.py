"""What Upheld's own tables say, for the evaluators: consent, notices, requests, holds, runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, or_, select, true

from engine.consent.notices import ATTEMPTS, Delivery
from engine.consent.records import Kind, State
from engine.promises.consent import AgreementFacts, ChoiceFacts, GuardianFacts
from engine.promises.hold import HoldFacts
from engine.promises.retention import RunFacts
from engine.promises.right import RightFacts
from engine.rights.state import Status
from engine.store.tables.consent import consent_records, guardians, subject_facts
from engine.store.tables.notices import notices
from engine.store.tables.retention import holds, run_steps, runs, verifications
from engine.store.tables.rights import rights_requests

TO_BE_TOLD = timedelta(days=1)
"""How long a notice may be on its way."""

_CLOSED = [status.value for status in Status if status.closed]


def choices(conn: Connection) -> Mapping[str, ChoiceFacts]:
    """How often people said yes and no to each choice."""
    table = consent_records.c
    valid = [state.value for state in State if state.valid]
    given = func.sum(case((table.state.in_(valid), 1), else_=0))
    query = select(table.name, func.count(), given).where(table.kind == Kind.CHOICE.value)
    found = conn.execute(query.group_by(table.name))
    return {name: ChoiceFacts(int(yes), int(total) - int(yes)) for name, total, yes in found}


def agreement(conn: Connection, version: str, now: datetime, *, telling: bool) -> AgreementFacts:
    """How people stand to a version."""
    told = notices.c.state == Delivery.SENT.value
    gave_up = or_(notices.c.attempts >= ATTEMPTS, notices.c.at < now - TO_BE_TOLD)
    return AgreementFacts(
        version=version,
        telling=telling,
        known=_people(conn, true()),
        agreed=_people(conn, subject_facts.c.agreed == version),
        declined=_people(conn, subject_facts.c.declined == version),
        told=_notices(conn, version, told),
        waiting=_notices(conn, version, and_(~told, ~gave_up, ~_agreed_to(version))),
        untold=_untold(conn, version, and_(~told, gave_up)) if telling else 0,
    )


def guardian_facts(conn: Connection) -> GuardianFacts:
    """Who is verified as a guardian, and of how many."""
    table = guardians.c
    verified, wards = (func.count(of.distinct()) for of in (table.guardian, table.subject_id))
    found = conn.execute(select(verified, wards).where(table.ended_at.is_(None))).one()
    return GuardianFacts(int(found[0]), int(found[1]))


def _people(conn: Connection, where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(subject_facts).where(where)
    return int(conn.execute(query).scalar_one())


def _notices(conn: Connection, version: str, where: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(notices).where(notices.c.version == version, where)
    return int(conn.execute(query).scalar_one())


def _agreed_to(version: str) -> ColumnElement[bool]:
    """Whoever has agreed has been told, whatever became of the notice."""
    return exists().where(
        subject_facts.c.subject_id == notices.c.subject_id, subject_facts.c.agreed == version
    )


def _untold(conn: Connection, version: str, failed: ColumnElement[bool]) -> int:
    """People whose notice did not arrive; where nobody was even queued, all who have not agreed."""
    if _notices(conn, version, true()):
        return _notices(conn, version, and_(failed, ~_agreed_to(version)))
    return _people(conn, subject_facts.c.agreed.is_distinct_from(version))


def rights(conn: Connection, now: datetime) -> Mapping[str, RightFacts]:
    """The requests for each right, counted."""
    table = rights_requests.c
    is_open = table.status.not_in(_CLOSED)
    late = and_(is_open, table.legal_due <= now)
    answered = table.status.in_([Status.COMPLETED.value, Status.REFUSED.value])
    query = select(
        table.right,
        _sum(is_open),
        _sum(late),
        func.min(case((late, table.legal_due))),
        _sum(and_(is_open, table.legal_due > now, table.target_due <= now)),
        func.min(case((and_(is_open, table.legal_due > now), table.legal_due))),
        _sum(answered),
        _sum(and_(answered, table.closed_at > table.legal_due)),
    ).group_by(table.right)
    return {row[0]: RightFacts(*row[1:]) for row in conn.execute(query)}


def _sum(where: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((where, 1), else_=0)), 0)


def holds_in_force(conn: Connection, now: datetime) -> Mapping[str, HoldFacts]:
    """The holds in force, by reason."""
    table = holds.c
    query = (
        select(table.reason, func.count(), _sum(table.review_at <= now))
        .where(table.released_at.is_(None))
        .group_by(table.reason)
    )
    return {reason: HoldFacts(int(n), int(late)) for reason, n, late in conn.execute(query)}


def last_run(conn: Connection, policy: str, datasets: Iterable[str]) -> RunFacts | None:
    """A policy's last finished purge that touched a dataset, and whether looking again upheld it."""
    names = list(datasets)
    of_run = and_(run_steps.c.run == runs.c.id, run_steps.c.dataset.in_(names))
    newest = (
        select(runs.c.id, runs.c.finished_at)
        .where(
            runs.c.policy == policy,
            runs.c.state == "done",
            runs.c.finished_at.is_not(None),
            exists().where(of_run),
        )
        .order_by(runs.c.finished_at.desc())
        .limit(1)
    )
    run = conn.execute(newest).first()
    if run is None:
        return None
    mine = select(func.coalesce(func.sum(run_steps.c.done), 0)).where(
        run_steps.c.run == run.id, run_steps.c.dataset.in_(names)
    )
    looked = (
        select(verifications.c.upheld)
        .where(verifications.c.run == run.id)
        .order_by(verifications.c.id.desc())
        .limit(1)
    )
    return RunFacts(
        run.finished_at, int(conn.execute(mine).scalar_one()), conn.execute(looked).scalar()
    )


def survivors(conn: Connection, policy: str) -> Mapping[str, int]:
    """What the last verification found still there, by dataset; empty if nobody has looked."""
    query = select(verifications.c.body).where(verifications.c.policy == policy)
    body = conn.execute(query.order_by(verifications.c.id.desc()).limit(1)).scalar()
    return {one["dataset"]: one["survivors"] for one in body["datasets"]} if body else {}
