"""Deleting rows that other rows lead to: their events are kept first, and they wait for what holds them.

A person's row goes after everything that hangs on it. What hangs on it and stays longer (a payment, say)
finds the person's events in the engine's tables. Where the database itself forbids the deletion, because a
foreign key still points there, the row waits until those rows have gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.ports import AllOf, Condition, Edit, KeyIn, Not, Record
from engine.retention import departures
from engine.retention.chronicle import Chronicle
from engine.retention.due import Setting
from engine.retention.events import is_record
from engine.retention.linking import fields_of
from engine.retention.planning import events_of
from engine.retention.wording import rows
from engine.store.database import Database


@dataclass(frozen=True, slots=True)
class Gone:
    """What one batch did: rows deleted, whether more may remain, and what waits for whom."""

    rows: int
    more: bool
    waits: str | None = None


@dataclass
class Parents:
    """Deletes rows that others lead to, in one run. Remembers which of them wait."""

    database: Database
    setting: Setting
    chronicle: Chronicle
    _waiting: dict[str, dict[tuple[Any, ...], str]] = field(default_factory=dict)

    def has_children(self, dataset: str) -> bool:
        """Whether rows of other datasets lead to this one."""
        return bool(departures.pointed_at(self.setting.datamap, dataset))

    def delete_some(self, dataset: str, where: Condition, limit: int, now: datetime) -> Gone:
        """Delete up to `limit` of the rows, after keeping their events; rows still referred to wait."""
        waiting = self._waiting.setdefault(dataset, {})
        spec = self.setting.datamap.datasets[dataset]
        adapter = self.chronicle.linker.adapter(dataset)
        left = AllOf((where, Not(KeyIn(tuple(waiting))))) if waiting else where
        # The first page only: the next batch asks again, so nothing stays open while rows are deleted.
        found = next(iter(adapter.scan(spec, left, fields_of(spec), batch=limit)), ())
        blocked = self._blocked(dataset, found)
        waiting |= blocked
        free = [record for record in found if record.key not in blocked]
        self._keep_events(dataset, free, now)
        keys = KeyIn(tuple(record.key for record in free))
        applied = adapter.apply(spec, [Edit(AllOf((where, keys)))], limit=limit) if free else None
        return Gone(applied.rows[0] if applied else 0, len(found) >= limit, self._waits(waiting))

    def _waits(self, waiting: dict[tuple[Any, ...], str]) -> str | None:
        if not waiting:
            return None
        children = " and ".join(f"`{name}`" for name in sorted(set(waiting.values())))
        return f"{rows(len(waiting), 'wait')} until what refers to them in {children} is gone"

    def _blocked(self, dataset: str, records: Sequence[Record]) -> dict[tuple[Any, ...], str]:
        """The rows that an enforced foreign key of a mapped dataset still points to, and which dataset's."""
        blocked: dict[tuple[Any, ...], str] = {}
        for field_ in departures.pointed_at(self.setting.datamap, dataset):
            values = {str(r.values[field_]): r.key for r in records if r.values[field_] is not None}
            for child, own in departures.pointing_at(self.setting.datamap, dataset, field_):
                if values and self._enforced(child, own, dataset):
                    for value in self.chronicle.linker.among(child, own, values):
                        blocked.setdefault(values[value], child)
        return blocked

    def _enforced(self, child: str, own: str, parent: str) -> bool:
        table = self.setting.datamap.datasets[child].table
        target = self.setting.datamap.datasets[parent].table
        return any(
            column.name == own and (column.references or "").rpartition(".")[0] == target
            for shape in self.chronicle.linker.adapter(child).shapes()
            if shape.name == table
            for column in shape.columns
        )

    def _keep_events(self, dataset: str, records: Sequence[Record], now: datetime) -> None:
        wanted = self._events_below(dataset)
        if not records or not wanted:
            return
        fields = departures.pointed_at(self.setting.datamap, dataset)
        stories = self.chronicle.stories(dataset, records, wanted)
        kept = [
            (field_, str(story.record.values[field_]), event, at)
            for story in stories
            for field_ in fields
            if story.record.values[field_] is not None
            for event, at in story.times.items()
        ]
        with self.database.begin() as conn:
            departures.remember(conn, dataset, kept, now=now)

    def _events_below(self, dataset: str) -> set[str]:
        """The events that rows leading here count from."""
        datamap = self.setting.datamap
        below = {
            name
            for name in datamap.datasets
            for path in datamap.paths(name)
            if any(step.target == dataset for step in path)
        }
        events = {event for name in below for _, event in events_of(self.setting, name)}
        return {event for event in events if not is_record(event)}
