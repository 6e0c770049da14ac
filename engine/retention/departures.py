"""People whose own row is deleted while other rows still name them: their events are kept until none does.

Otherwise a payment that outlives its account could no longer tell when the account was cancelled. What is
kept is the value that the rows name the person by, and the times; it goes when the last such row goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import Connection, delete, select

from engine.datamap.map import DataMap
from engine.retention.writing import put
from engine.store.tables.retention import departures


def pointed_at(datamap: DataMap, dataset: str) -> tuple[str, ...]:
    """The fields of a dataset that rows of others lead to."""
    references = (
        reference.partition(".")
        for spec in datamap.datasets.values()
        for _, reference in spec.links
    )
    return tuple(dict.fromkeys(field for target, _, field in references if target == dataset))


def pointing_at(datamap: DataMap, dataset: str, target_field: str) -> Iterator[tuple[str, str]]:
    """(dataset, field) of everything that leads to this field."""
    for name, spec in datamap.datasets.items():
        for field, reference in spec.links:
            if reference == f"{dataset}.{target_field}":
                yield name, field


def remember(
    conn: Connection,
    dataset: str,
    departed: Iterable[tuple[str, str, str, datetime]],
    *,
    now: datetime,
) -> None:
    """Keep (field, value, event, at) of rows that are about to be deleted. Doing it again changes nothing."""
    names = ("field", "value", "event", "at")
    rows = [dict(zip(names, one, strict=True)) for one in departed]
    put(conn, departures, [{"dataset": dataset, "departed_at": now, **row} for row in rows])


def departed_at(
    conn: Connection, dataset: str, field: str, values: Iterable[str], event: str
) -> dict[str, datetime]:
    """When the event happened, by the value that named the person."""
    query = select(departures.c.value, departures.c.at).where(
        departures.c.dataset == dataset,
        departures.c.field == field,
        departures.c.event == event,
        departures.c.value.in_(list(values)),
    )
    return {row.value: row.at for row in conn.execute(query)}


def values_kept(conn: Connection, dataset: str, field: str) -> tuple[str, ...]:
    """Every value that is kept for a field."""
    query = select(departures.c.value).distinct()
    query = query.where(departures.c.dataset == dataset, departures.c.field == field)
    return tuple(conn.execute(query).scalars())


def forget(conn: Connection, dataset: str, field: str, values: Iterable[str]) -> None:
    """Drop what is kept of people whom no row names any more."""
    conn.execute(
        delete(departures).where(
            departures.c.dataset == dataset,
            departures.c.field == field,
            departures.c.value.in_(list(values)),
        )
    )
