"""Holds: named reasons for which some data is kept although it is due. A restriction request is one.

A hold is about a person, a dataset, a category, or any two or all of them; it blocks deletion and
anonymisation. It names an entry of the policy's `holds:` or a statute, and the day it is reviewed.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from engine.audit import ledger
from engine.datamap.map import DataMap
from engine.errors import Conflict, InvalidInput, NotFound, UnknownName
from engine.policy.durations import Anchor
from engine.policy.policy import Policy, leaves_of
from engine.retention.expressions import EVERY_ROW, Expression, Person, either, via
from engine.retention.guards import people_of
from engine.retention.terms import Days, Term
from engine.store.tables.retention import holds

RESTRICTION = "restriction"
_EVERYTHING = ("everything",)


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold. `reason` is the id of a `holds:` entry, of a statute, or `restriction`."""

    id: str
    reason: str
    subject: str | None
    dataset: str | None
    category: str | None
    note: str
    placed_by: str
    placed_at: datetime
    review_at: datetime
    released_by: str | None = None
    released_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a new hold is about."""

    subject: str | None = None
    dataset: str | None = None
    category: str | None = None


def add_hold(
    conn: Connection,
    policy: Policy,
    datamap: DataMap,
    reason: str,
    scope: Scope,
    *,
    note: str,
    by: str,
    review_at: datetime | None,
    now: datetime,
) -> Hold:
    """Place a hold and write it into the ledger. Without `review_at`, its reason says when it is reviewed.

    Raises UnknownName for a reason, dataset or category that nothing declares, InvalidInput for a hold on
    nothing in particular, or one whose review lies in the past or later than its reason allows.
    """
    _check(policy, datamap, reason, scope)
    review_at = _review(policy, reason, review_at, now)
    hold = Hold(
        secrets.token_hex(8), reason, scope.subject, scope.dataset, scope.category,
        note, by, now, review_at,
    )  # fmt: skip
    conn.execute(insert(holds), {name: getattr(hold, name) for name in Hold.__slots__})
    ledger.append(conn, "hold.placed", _facts(hold), now=now, subject=hold.subject)
    return hold


def _review(policy: Policy, reason: str, wanted: datetime | None, now: datetime) -> datetime:
    entry = next((entry for entry in policy.holds if entry.id == reason), None)
    latest = (
        None
        if entry is None
        else Days.of(policy).expires_at(Term(entry.review_every, Anchor.parse("hold.placed")), now)
    )
    review = latest if wanted is None else wanted
    if review is None:
        raise InvalidInput(f"say when the hold for `{reason}` is looked at again", "review")
    if review <= now:
        raise InvalidInput("the review must lie in the future", "review")
    if entry is not None and latest is not None and review > latest:
        day = f"{latest.astimezone(policy.header.zone):%Y-%m-%d}"
        raise InvalidInput(
            f"holds for `{reason}` are reviewed every {entry.review_every}: by {day} at the latest",
            "review",
        )
    return review


def release_hold(conn: Connection, hold_id: str, *, by: str, now: datetime) -> Hold:
    """End a hold. Raises NotFound, or Conflict if it was released before."""
    hold = find_hold(conn, hold_id)
    in_force = (holds.c.id == hold_id, holds.c.released_at.is_(None))
    change = {"released_by": by, "released_at": now}
    if conn.execute(update(holds).where(*in_force).values(change)).rowcount == 0:
        released = find_hold(conn, hold_id).released_at or now
        raise Conflict(f"the hold `{hold_id}` was released on {released:%Y-%m-%d}")
    ledger.append(conn, "hold.released", _facts(hold), now=now, subject=hold.subject)
    return find_hold(conn, hold_id)


def find_hold(conn: Connection, hold_id: str) -> Hold:
    """One hold; NotFound if there is none."""
    row = conn.execute(select(holds).where(holds.c.id == hold_id)).first()
    if row is None:
        raise NotFound(f"no hold `{hold_id}`: `upheld hold list` shows them")
    return _hold(row)


def list_holds(conn: Connection, *, released: bool = False) -> tuple[Hold, ...]:
    """The holds in force, oldest first; with `released`, those of the past too."""
    query = select(holds).order_by(holds.c.placed_at, holds.c.id)
    if not released:
        query = query.where(holds.c.released_at.is_(None))
    return tuple(_hold(row) for row in conn.execute(query))


def holds_for(conn: Connection, also: Iterable[str] = ()) -> tuple[Hold, ...]:
    """The holds in force, and those with these ids even if they were released since."""
    wanted = or_(holds.c.released_at.is_(None), holds.c.id.in_(list(also)))
    rows = conn.execute(select(holds).where(wanted).order_by(holds.c.placed_at, holds.c.id))
    return tuple(_hold(row) for row in rows)


def held_leaves(policy: Policy, hold: Hold) -> frozenset[str]:
    """The leaf categories that a hold is about."""
    held = policy.data_leaves(policy.hold_reasons().get(hold.reason, _EVERYTHING))
    if hold.category is None:
        return frozenset(held)
    narrower = leaves_of(policy.categories, (hold.category,), "everything")
    return frozenset(held) & frozenset(narrower)


def held_rows(
    policy: Policy, datamap: DataMap, hold: Hold, dataset: str, leaves: Iterable[str]
) -> Expression:
    """The rows of a dataset, holding data of these categories, that a hold keeps."""
    backup = bool(datamap.datasets[dataset].backup_of)
    elsewhere = hold.dataset != dataset if backup else hold.dataset not in (None, dataset)
    if elsewhere or not held_leaves(policy, hold).intersection(leaves):
        return either()
    if hold.subject is None:
        return EVERY_ROW
    return either(
        *(
            via(hops, Person(dataset=person, subjects=(hold.subject,)))
            for hops, person in people_of(datamap, dataset)
        )
    )


def _check(policy: Policy, datamap: DataMap, reason: str, scope: Scope) -> None:
    reasons = [*policy.hold_reasons(), RESTRICTION]
    if reason not in reasons:
        raise UnknownName("reason for a hold", reason, reasons)
    if scope.dataset is not None and scope.dataset not in datamap.datasets:
        raise UnknownName("dataset", scope.dataset, datamap.datasets)
    if scope.category is not None and scope.category not in policy.categories:
        raise UnknownName("category", scope.category, policy.categories.terms)
    if scope == Scope():
        raise InvalidInput("a hold is about a person, a dataset or a category: name one", "subject")
    if reason == RESTRICTION and scope.subject is None:
        raise InvalidInput("a restriction is about a person: name them", "subject")


def _facts(hold: Hold) -> dict[str, Any]:
    return {
        "hold": hold.id,
        "reason": hold.reason,
        "dataset": hold.dataset,
        "category": hold.category,
        "review": hold.review_at.isoformat(),
    }


def _hold(row: Row[Any]) -> Hold:
    return Hold(**{name: getattr(row, name) for name in Hold.__slots__})
