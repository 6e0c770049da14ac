"""What is restricted of one record: by a rule that came due for its row, or as left of somebody erased.

`restricted.py` tells what is restricted of a person, whatever the record; this tells what is of a single row,
from its own story. What cannot be read is unknown, and an unknown restriction permits nothing that a
restriction would deny.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, or_, select

from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset
from engine.decisions.facts import NOTHING_OF_RECORD, RecordFacts
from engine.policy.policy import Policy
from engine.ports import Clock, DataAdapter, KeyIn, Record
from engine.retention import notice
from engine.retention.ceilings import ceilings_of
from engine.retention.chronicle import Chronicle
from engine.retention.due import Setting, categories_in
from engine.retention.forward import Fate, Judge
from engine.retention.guards import Facts
from engine.retention.keeping import created_time
from engine.retention.linking import Linker, field_folds, fields_of
from engine.retention.memory import Agreed, Chose
from engine.retention.planning import events_of
from engine.retention.terms import Days
from engine.store.database import Database
from engine.store.tables.retention import restrictions

log = logging.getLogger(__name__)

Key = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """An identity of a person that a row leads to: `users.id`, its value, and the row of who has it now."""

    reference: str
    value: str
    folds: bool
    holder: Record | None
    dataset: str


@dataclass(frozen=True)
class RestrictedRecords:
    """Tells what is restricted of single records.

    `chain` gives the versions that may bind somebody, oldest first, the last in force; `agreed` and `chose`
    as `RetentionService` has them.
    """

    database: Database
    chain: Callable[[], Sequence[Policy]]
    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    clock: Clock
    agreed: Agreed
    chose: Chose

    def of(self, dataset: str, record: Mapping[str, Any]) -> RecordFacts:
        """What is restricted of a record, found by its key; where no store answers, that is unknown.

        No store is asked where no rule restricts data of the dataset, and no erasure left any.
        """
        chain = self.chain()
        if not chain:
            return NOTHING_OF_RECORD  # without a version in force nothing is decided at all
        setting = self._setting(chain)
        leaves = categories_in(setting, dataset)
        try:
            ruled = ruled_leaves(setting, leaves)
            possible = ruled | self._ever_left(dataset)
            row = self._row(dataset, record) if possible else None
            if row is None:
                return RecordFacts(unknown=possible) if possible else NOTHING_OF_RECORD
            due = due_leaves(self._fate(setting, dataset, row), ruled) if ruled else frozenset()
            return RecordFacts(due | self._left(dataset, row))
        except Exception as problem:  # noqa: BLE001  fail closed, whatever it was
            log.error("a record of `%s` cannot be read: %s", dataset, type(problem).__name__)
            return RecordFacts(unknown=frozenset(leaves))

    def _setting(self, chain: Sequence[Policy]) -> Setting:
        *earlier, policy = chain
        now = self.clock.now()
        facts = Facts({}, now, Days.of(policy))
        return Setting(policy, self.datamap, facts, now, now, tuple(earlier))

    def _row(self, dataset: str, record: Mapping[str, Any]) -> Record | None:
        spec = self.datamap.datasets[dataset]
        key = key_in(spec, record)
        if key is None:
            return None
        batches = self.adapters[spec.store].scan(spec, KeyIn((key,)), fields_of(spec), batch=2)
        found = [row for batch in batches for row in batch]
        return found[0] if len(found) == 1 else None

    def _fate(self, setting: Setting, dataset: str, row: Record) -> Fate:
        events = sorted({event for _, event in events_of(setting, dataset)})
        (story,) = Chronicle(self._linker, self.database).stories(dataset, [row], events)
        judge = Judge(
            setting,
            dataset,
            cache(lambda version: self._read(lambda conn: self.agreed(conn, version))),
            cache(lambda names, on: self._read(lambda conn: self.chose(conn, names, on))),
            cache(lambda r, by: self._read(lambda conn: notice.noticed_before(conn, r, by))),
        )
        return judge.fate(story)

    def _read(self, ask: Callable[[Connection], frozenset[str]]) -> frozenset[str]:
        with self.database.read() as conn:
            return ask(conn)

    @property
    def _linker(self) -> Linker:
        return Linker(self.datamap, self.adapters)

    def _ever_left(self, dataset: str) -> frozenset[str]:
        """The categories of the dataset that erasures left of anybody."""
        query = select(restrictions.c.category).where(restrictions.c.dataset == dataset).distinct()
        return self._read(lambda conn: frozenset(conn.execute(query).scalars()))

    def _left(self, dataset: str, row: Record) -> frozenset[str]:
        """The categories of this row that an erasure left."""
        found = set()
        for lead in self._leads(dataset, row):
            holder = self._created(lead.dataset, lead.holder) if lead.holder else None
            for category, created in self._entries(dataset, lead):
                if is_of_erased(created, holder, self._created(dataset, row)):
                    found.add(category)
        return frozenset(found)

    def _entries(self, dataset: str, lead: Lead) -> list[tuple[str, datetime | None]]:
        table = restrictions
        same = table.c.value == lead.value
        if lead.folds:
            same = or_(same, func.lower(table.c.value) == lead.value.lower())
        query = select(table.c.category, table.c.created).where(
            table.c.dataset == dataset, table.c.field == lead.reference, same
        )
        with self.database.read() as conn:
            return [(category, created) for category, created in conn.execute(query)]

    def _created(self, dataset: str, row: Record) -> datetime | None:
        spec = self.datamap.datasets[dataset]
        time = created_time(spec)
        return self.adapters[spec.store].time_of(time, row) if time else None

    def _leads(self, dataset: str, row: Record) -> Iterator[Lead]:
        """Each identity by which the row leads to a person, whether somebody has it now or not."""
        for path in self.datamap.paths(dataset):
            if path:
                yield from self._along(path, row)
                continue
            for field in self.datamap.datasets[dataset].identities.values():
                value = row.values.get(field)
                if value is not None:
                    yield Lead(f"{dataset}.{field}", str(value), False, row, dataset)

    def _along(self, path: Sequence[Step], row: Record) -> Iterator[Lead]:
        (trail,) = self._linker.follow(path, [row])
        last = path[-1]
        holder = trail.records[-1] if trail.whole else None
        value = holder.values.get(last.target_field) if holder else trail.named
        if value is not None and (trail.whole or len(trail.records) == len(path)):
            folds = field_folds(self.datamap, last.dataset, last.field)
            reference = f"{last.target}.{last.target_field}"
            yield Lead(reference, str(value), folds, holder, last.target)


def ruled_leaves(setting: Setting, leaves: Iterable[str]) -> frozenset[str]:
    """Those of the categories that a rule restricts some day, in any version that may bind somebody."""
    policies = (*setting.earlier, setting.policy)
    return frozenset(
        leaf
        for leaf in leaves
        if any(one.then == "restrict" for policy in policies for one in ceilings_of(policy, leaf))
    )


def due_leaves(fate: Fate, ruled: frozenset[str]) -> frozenset[str]:
    """Those of the categories whose restriction, or what is stronger, came due for the row."""
    due = (leaf for leaf, dues in fate.fields.items() if dues["restrict"] is not None)
    return ruled.intersection(due)


def is_of_erased(erased: datetime | None, holder: datetime | None, row: datetime | None) -> bool:
    """Whether a row that was left belongs to who was erased: each is told by when it was created.

    `holder` has the identity now. It is another person if it was created at another time; of theirs is only
    what is known to be no older than they are.
    """
    is_another = erased is not None and holder is not None and holder != erased
    return not is_another or row is None or holder is None or row < holder


def key_in(spec: Dataset, record: Mapping[str, Any]) -> Key | None:
    """The key of a record as it was sent; None if a part is missing, or is no number and no text."""
    parts = [record.get(field) for field in spec.key]
    whole = all(isinstance(part, int | str) and not isinstance(part, bool) for part in parts)
    return tuple(part for part in parts if part is not None) if parts and whole else None
