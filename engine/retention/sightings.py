"""Times that no store has, counted from when Upheld first saw a row so.

A row keeps its first sighting for as long as it stays so: a state that is left is forgotten (a reactivated
account is due no more), and a state entered again counts anew. A column that moves keeps the earliest value
seen. An orphan takes the time that its person's departure left behind, else the time it was first seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from engine.datamap.map import Step
from engine.datamap.model import Dataset
from engine.ports import KeyIn, Record
from engine.retention import departures
from engine.retention.compiling import Compiler
from engine.retention.events import TOLERANCE, Sight, Watch, sighting_condition
from engine.retention.keys import key_text, read_key
from engine.retention.linking import Linker, fields_of
from engine.retention.writing import put_earliest, queue_writers
from engine.store.database import Database
from engine.store.tables.retention import sightings

_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Sighted:
    """What a look found: how many rows are so, and how many of them are seen for the first time."""

    watch: Watch
    rows: int
    new: int


def look(
    database: Database, compiler: Compiler, linker: Linker, watch: Watch, now: datetime
) -> Sighted:
    """Look at the rows of a watch and remember since when each has been so."""
    with database.read() as conn:
        stored = read_sightings(conn, watch)
    found = dict(_find(database, compiler, linker, watch, stored, now))
    with database.begin() as conn:
        _write(conn, watch, stored, found)
    return Sighted(watch, len(found), len(found.keys() - stored.keys()))


def read_sightings(conn: Connection, watch: Watch) -> dict[str, datetime]:
    """Since when each row, by the text of its key, has been so."""
    query = select(sightings.c.key, sightings.c.at).where(*_of(watch))
    return {row.key: row.at for row in conn.execute(query)}


def seen_before(
    conn: Connection, dataset: str, event: str, cutoff: datetime
) -> tuple[tuple[Any, ...], ...]:
    """The keys of rows whose event counts from a sighting at or before the cutoff."""
    query = select(sightings.c.key).where(
        sightings.c.dataset == dataset, sightings.c.event == event, sightings.c.at <= cutoff
    )
    return tuple(read_key(key) for key in conn.execute(query.order_by(sightings.c.key)).scalars())


def any_seen(conn: Connection, dataset: str, event: str, sights: Sequence[Sight]) -> bool:
    """Whether any row of the dataset was seen so: most datasets have none."""
    query = select(sightings.c.key).where(
        sightings.c.dataset == dataset,
        sightings.c.event == event,
        sightings.c.sight.in_([sight.value for sight in sights]),
    )
    return conn.execute(query.limit(1)).first() is not None


def seen_at(
    conn: Connection, dataset: str, event: str, keys: Sequence[str], sights: Sequence[Sight]
) -> dict[str, datetime]:
    """Since when rows have been so, by the text of their key."""
    query = select(sightings.c.key, sightings.c.at).where(
        sightings.c.dataset == dataset,
        sightings.c.event == event,
        sightings.c.sight.in_([sight.value for sight in sights]),
        sightings.c.key.in_(keys),
    )
    return {row.key: row.at for row in conn.execute(query)}


def _find(
    database: Database,
    compiler: Compiler,
    linker: Linker,
    watch: Watch,
    stored: Mapping[str, datetime],
    now: datetime,
) -> Iterator[tuple[str, datetime]]:
    spec = compiler.datamap.datasets[watch.dataset]
    condition = compiler.condition(watch.dataset, sighting_condition(compiler.datamap, watch, now))
    adapter = linker.adapter(watch.dataset)
    seen = set()
    for batch in adapter.scan(spec, condition, fields_of(spec)):
        for record, since in zip(batch, _since(database, linker, watch, batch, now), strict=True):
            key = key_text(record.key)
            seen.add(key)
            yield key, min(stored.get(key, since), since)
    if watch.sight is Sight.ODD:
        yield from _still_odd(
            linker, watch, spec, {k: v for k, v in stored.items() if k not in seen}
        )


def _since(
    database: Database, linker: Linker, watch: Watch, batch: Sequence[Record], now: datetime
) -> list[datetime]:
    """Since when each row has been so, as far as can be told today."""
    if watch.sight is Sight.ORPHAN:
        return _departed(database, linker, watch, batch, now)
    time = linker.datamap.datasets[watch.dataset].times[watch.event]
    if watch.sight is Sight.STATE and time.field:
        adapter = linker.adapter(watch.dataset)
        return [adapter.time_of(time, record) or now for record in batch]
    return [now] * len(batch)


def _departed(
    database: Database, linker: Linker, watch: Watch, batch: Sequence[Record], now: datetime
) -> list[datetime]:
    found: dict[int, datetime] = {}
    for path in linker.datamap.paths(watch.dataset):
        trails = linker.follow(path, batch)
        for number, step in enumerate(path):
            gone = {
                index: trail.named
                for index, trail in enumerate(trails)
                if trail.named is not None and len(trail.records) == number + 1
            }
            kept = _kept(database, step, set(gone.values()), watch.event)
            found |= {index: kept[value] for index, value in gone.items() if value in kept}
    return [found.get(index, now) for index in range(len(batch))]


def _kept(database: Database, step: Step, values: set[str], event: str) -> dict[str, datetime]:
    if not values:
        return {}
    with database.read() as conn:
        return departures.departed_at(conn, step.target, step.target_field, values, event)


def _still_odd(
    linker: Linker, watch: Watch, spec: Dataset, doubtful: Mapping[str, datetime]
) -> Iterator[tuple[str, datetime]]:
    """Rows seen as odd before: a far future that has come near by waiting is no believable time."""
    adapter, time = linker.adapter(watch.dataset), spec.times[watch.event]
    keys = list(doubtful)
    for start in range(0, len(keys), _CHUNK):
        where = KeyIn(tuple(read_key(key) for key in keys[start : start + _CHUNK]))
        for batch in adapter.scan(spec, where, fields_of(spec)):
            for record in batch:
                key = key_text(record.key)
                claimed = adapter.time_of(time, record)
                if claimed is None or claimed > doubtful[key] + TOLERANCE:
                    yield key, doubtful[key]


def _write(
    conn: Connection, watch: Watch, stored: Mapping[str, datetime], found: Mapping[str, datetime]
) -> None:
    """Write down what differs from `stored`; a sighting that another look wrote meanwhile is merged."""
    changed = {key: at for key, at in found.items() if stored.get(key) != at}
    gone = [key for key in stored if key not in found]
    if changed or gone:
        queue_writers(conn, sightings)
    for start in range(0, len(gone), _CHUNK):
        some = gone[start : start + _CHUNK]
        conn.execute(delete(sightings).where(*_of(watch), sightings.c.key.in_(some)))
    rows = [
        {"dataset": watch.dataset, "event": watch.event, "sight": watch.sight, "key": k, "at": at}
        for k, at in changed.items()
    ]
    put_earliest(conn, sightings, rows, "at")


def _of(watch: Watch) -> tuple[Any, ...]:
    return (
        sightings.c.dataset == watch.dataset,
        sightings.c.event == watch.event,
        sightings.c.sight == watch.sight.value,
    )
