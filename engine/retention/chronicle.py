"""When things happened to given rows: read row by row, with no cutoff anywhere.

This is how verification looks. It shares nothing with the conditions of a plan but the data map, so that a
mistake in those cannot hide itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from engine.datamap.model import TimeSource
from engine.ports import Record
from engine.retention.compiling import subject_field
from engine.retention.events import Origin, Sight, is_record, is_sighted, origins
from engine.retention.guards import born_event
from engine.retention.keys import key_text
from engine.retention.linking import Linker, Trail, named
from engine.retention.sightings import any_seen, seen_at
from engine.store.database import Database
from engine.store.tables.retention import events as told_events

_OWN = (Sight.STATE, Sight.ODD)


@dataclass(frozen=True, slots=True)
class Person:
    """A person that a row leads to; `born` where the data map tells when that was."""

    dataset: str
    subject: str | None
    record: Record
    born: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one row: when each event happened (absent: it has not), and whose it is."""

    record: Record
    times: dict[str, datetime]
    people: tuple[Person, ...]
    unclear: bool = False
    """Whether it names somebody by an address that several people have but for case."""


@dataclass(frozen=True)
class Chronicle:
    """Tells the stories of rows, a batch at a time."""

    linker: Linker
    database: Database

    def stories(
        self, dataset: str, records: Sequence[Record], events: Iterable[str]
    ) -> list[Story]:
        """The story of each record, with the times of these events. Of several paths the earliest counts."""
        paths = self.linker.datamap.paths(dataset)
        trails = {path: self.linker.follow(path, records) for path in paths}
        times: list[dict[str, datetime]] = [{} for _ in records]
        for event in events:
            for origin in origins(self.linker.datamap, dataset, event):
                ways = trails.get(origin.path) or [Trail((record,), True) for record in records]
                _merge(times, event, self._along(dataset, event, origin, ways))
            _merge(times, event, self._orphans(dataset, event, records, list(trails.values())))
        people = self._people(dataset, trails, len(records))
        several = [any(ways[i].several for ways in trails.values()) for i in range(len(records))]
        return [Story(*each) for each in zip(records, times, people, several, strict=True)]

    def _along(
        self, dataset: str, event: str, origin: Origin, ways: Sequence[Trail]
    ) -> list[datetime | None]:
        """When the event happened, by one path."""
        reached = [_at(way, len(origin.steps)) for way in ways]
        if not origin.declared:
            return self._told(origin.dataset, event, reached)
        times = self._stored(origin.dataset, event, reached)
        if is_record(event) or not origin.path or origin.steps:
            return times
        own, link = self.linker.datamap.datasets[dataset], origin.path[0].field
        linked = [named(own, link, way.records[0]) is not None for way in ways]
        return [time if is_linked else None for time, is_linked in zip(times, linked, strict=True)]

    def _stored(
        self, dataset: str, event: str, reached: Sequence[Record | None]
    ) -> list[datetime | None]:
        time = self.linker.datamap.datasets[dataset].times[event]
        adapter = self.linker.adapter(dataset)
        seen = self._sighted(dataset, event, reached, _OWN)
        found: list[datetime | None] = []
        for record in reached:
            if record is None:
                found.append(None)
                continue
            sighted = seen.get(key_text(record.key))
            if is_sighted(time):
                holds = time.field is None or adapter.time_of(time, record) is not None
                found.append(sighted if holds and in_state(time, record) else None)
                continue
            stored = adapter.time_of(time, record)
            found.append(_earliest(stored, sighted) if is_record(event) else stored)
        return found

    def _sighted(
        self,
        dataset: str,
        event: str,
        reached: Sequence[Record | None],
        sights: Sequence[Sight],
    ) -> dict[str, datetime]:
        with self.database.read() as conn:
            if not any_seen(conn, dataset, event, sights):
                return {}
            keys = sorted({key_text(record.key) for record in reached if record is not None})
            return seen_at(conn, dataset, event, keys, sights)

    def _told(
        self, dataset: str, event: str, reached: Sequence[Record | None]
    ) -> list[datetime | None]:
        subjects = [self._subject(dataset, record) for record in reached]
        known = sorted({subject for subject in subjects if subject is not None})
        with self.database.read() as conn:
            told = _latest(conn, event, known)
        return [None if subject is None else told.get(subject) for subject in subjects]

    def _orphans(
        self,
        dataset: str,
        event: str,
        records: Sequence[Record],
        trails: Sequence[Sequence[Trail]],
    ) -> list[datetime | None]:
        lost = [
            any(trail[index].orphan for trail in trails)
            and not any(trail[index].whole or trail[index].several for trail in trails)
            for index in range(len(records))
        ]
        if not any(lost):
            return [None] * len(records)
        seen = self._sighted(dataset, event, records, (Sight.ORPHAN,))
        pairs = zip(records, lost, strict=True)
        return [seen.get(key_text(record.key)) if is_lost else None for record, is_lost in pairs]

    def _people(
        self, dataset: str, trails: dict[Any, list[Trail]], number: int
    ) -> list[tuple[Person, ...]]:
        people: list[list[Person]] = [[] for _ in range(number)]
        for path, ways in trails.items():
            target = path[-1].target if path else dataset
            for index, way in enumerate(ways):
                if way.whole:
                    record = way.records[-1]
                    subject = self._subject(target, record)
                    people[index].append(
                        Person(target, subject, record, self._born(target, record))
                    )
        return [tuple(found) for found in people]

    def _born(self, dataset: str, record: Record) -> datetime | None:
        times = self.linker.datamap.datasets[dataset].times
        event = born_event(self.linker.datamap.datasets[dataset])
        return self.linker.adapter(dataset).time_of(times[event], record) if event else None

    def _subject(self, dataset: str, record: Record | None) -> str | None:
        field = subject_field(self.linker.datamap.datasets[dataset])
        value = None if record is None or field is None else record.values.get(field)
        return None if value is None else self.linker.datamap.subject_id(dataset, str(value))


def in_state(time: TimeSource, record: Record) -> bool:
    """Whether the row is in the state in which the time means something."""
    return all(
        _spellings(record.values.get(field)).intersection(values)
        for field, values in (time.when or {}).items()
    )


def _spellings(value: Any) -> set[str]:
    if isinstance(value, bool):
        return {str(value), str(value).lower(), str(int(value))}
    return set() if value is None else {str(value)}


def _at(way: Trail, steps: int) -> Record | None:
    return way.records[steps] if len(way.records) > steps else None


def _earliest(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _merge(times: list[dict[str, datetime]], event: str, found: Iterable[datetime | None]) -> None:
    for known, time in zip(times, found, strict=True):
        earliest = _earliest(known.get(event), time)
        if earliest is not None:
            known[event] = earliest


def _latest(conn: Connection, event: str, subjects: Sequence[str]) -> dict[str, datetime]:
    return dict(_pages(conn, event, subjects))


def _pages(conn: Connection, event: str, subjects: Sequence[str]) -> Iterator[tuple[str, datetime]]:
    for start in range(0, len(subjects), 1000):
        query = (
            select(told_events.c.subject, func.max(told_events.c.at))
            .where(
                told_events.c.event == event,
                told_events.c.subject.in_(subjects[start : start + 1000]),
            )
            .group_by(told_events.c.subject)
        )
        for row in conn.execute(query):
            yield row[0], row[1]
