"""Data that is there for the law alone, though the person it is about is not restricted.

A category is restricted for a *person* when a rule `then: restrict` came due by an event of the person (such
as `account.cancelled`), or when an erasure had to leave some of it. What is restricted by an event of single
records (`record.created`, or one that rows between the record and the person declare) is restricted record by
record: it says nothing about the person's other records, and `Judge.fate(story).restricted` tells it of each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from engine.datamap.directory import PlatformDirectory
from engine.datamap.map import DataMap
from engine.policy.policy import Policy
from engine.ports import Clock, DataAdapter, OneOf
from engine.retention.chronicle import Chronicle
from engine.retention.compiling import subject_field
from engine.retention.due import Setting
from engine.retention.forward import Judge, personal
from engine.retention.guards import Facts
from engine.retention.linking import Linker, fields_of
from engine.retention.terms import Days
from engine.retention.writing import put
from engine.store.database import Database
from engine.store.tables.retention import restrictions

Chain = Callable[[], Sequence[Policy]]
"""The versions that may bind somebody, oldest first; the last is in force."""


@dataclass(frozen=True)
class RestrictedData:
    """Tells which categories are restricted for one person."""

    database: Database
    chain: Chain
    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    clock: Clock

    def coming(self, subject_id: str, agreed: str | None, until: datetime) -> dict[str, datetime]:
        """Category -> since when, for what a rule restricts by `until`, by events of the person.

        `agreed` is the version that the person agreed to last: older ones bind only whoever has not agreed to
        a newer. Raises StoreUnavailable.
        """
        chain = self.chain()
        events = {
            event
            for policy in chain
            for leaf in policy.categories.leaves
            for ceiling in personal(policy, leaf)
            for event in ceiling.events()
        }
        return self._dues(subject_id, agreed, until, chain, events) if events else {}

    def left(self, conn: Connection, subject_id: str, created: datetime | None) -> frozenset[str]:
        """The categories that an erasure had to leave, of the person whose row was created then.

        Where one of the two creations is not known, it may be the same person.
        """
        table = restrictions
        same = or_(table.c.created.is_(None), table.c.created == created)
        query = select(table.c.category).where(table.c.subject == subject_id)
        return frozenset(conn.execute(query if created is None else query.where(same)).scalars())

    def _dues(
        self,
        subject_id: str,
        agreed: str | None,
        until: datetime,
        chain: Sequence[Policy],
        events: Iterable[str],
    ) -> dict[str, datetime]:
        dataset, value = PlatformDirectory(self.datamap, self.adapters).place(subject_id)
        spec = self.datamap.datasets[dataset]
        own = subject_field(spec)
        if own is None:
            return {}
        linker = Linker(self.datamap, self.adapters)
        adapter, where = linker.adapter(dataset), OneOf(own, (value,))
        rows = [r for b in adapter.scan(spec, where, fields_of(spec), batch=2) for r in b]
        judge = Judge(self._setting(chain, until), dataset, _agreements(chain, subject_id, agreed))
        stories = Chronicle(linker, self.database).stories(dataset, rows, sorted(events))
        return {
            leaf: due
            for story in stories
            for leaf in _leaves(chain)
            if (due := judge.restricted_since(story, leaf)) is not None
        }

    def _setting(self, chain: Sequence[Policy], until: datetime) -> Setting:
        *earlier, policy = chain
        now = self.clock.now()
        facts = Facts({}, now, Days.of(policy))
        return Setting(policy, self.datamap, facts, now, until, tuple(earlier))


def _agreements(
    chain: Sequence[Policy], subject_id: str, agreed: str | None
) -> Callable[[str], frozenset[str]]:
    """Who agreed to a version newer than a given one, as far as one person goes."""
    names = [policy.version for policy in chain]

    def newer_than(version: str) -> frozenset[str]:
        return frozenset({subject_id} if agreed in names[names.index(version) + 1 :] else ())

    return newer_than


@dataclass(frozen=True, slots=True)
class Left:
    """What an erasure had to leave of one person in one dataset, and the value that leads to them.

    `field` is the identity that has the value, as the data map refers to it: `users.id`.
    """

    dataset: str
    category: str
    field: str
    value: str


def remember(
    conn: Connection, subject_id: str, left: Iterable[Left], created: datetime | None, now: datetime
) -> None:
    """Keep what an erasure had to leave, until no row leads to the person by it."""
    rows = [
        {
            "subject": subject_id,
            "dataset": one.dataset,
            "category": one.category,
            "field": one.field,
            "value": one.value,
            "created": created,
            "since": now,
        }
        for one in left
    ]
    put(conn, restrictions, rows)


def lift_ended(database: Database, linker: Linker) -> None:
    """Drop what is kept of data that is gone by now."""
    with database.read() as conn:
        found = conn.execute(
            select(restrictions.c.dataset, restrictions.c.field, restrictions.c.value).distinct()
        ).all()
    for dataset, field, value in found:
        if dataset in linker.datamap.datasets and not linker.leads(dataset, field, value):
            with database.begin() as conn:
                table = restrictions
                which = (table.c.dataset == dataset, table.c.field == field, table.c.value == value)
                conn.execute(delete(table).where(*which))


def _leaves(chain: Sequence[Policy]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf for policy in chain for leaf in policy.categories.leaves))
