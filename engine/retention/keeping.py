"""The rows that a purge must leave alone: written down before its first batch, compared afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from engine.datamap.model import Dataset, TimeSource
from engine.ports import Condition, DataAdapter
from engine.retention.events import is_sighted
from engine.retention.expressions import EVERY_ROW, Expression, Passed
from engine.retention.fingerprint import Fingerprint
from engine.store.tables.retention import kept_rows

CREATED = "record.created"


def created_time(spec: Dataset) -> TimeSource | None:
    """Where a row says when it was created, if it does."""
    time = spec.times.get(CREATED)
    return None if time is None or is_sighted(time) else time


def known_before(dataset: str, spec: Dataset, moment: datetime) -> Expression:
    """The rows that existed at a moment, as far as rows say when they were created."""
    if created_time(spec) is None:
        return EVERY_ROW
    return Passed(dataset=dataset, event=CREATED, cutoff=moment)


def take_fingerprint(
    adapter: DataAdapter, spec: Dataset, where: Condition, *, hashed: bool
) -> tuple[int, Fingerprint | None]:
    """How many rows there are, and their fingerprint (not of datasets that are too large for it)."""
    if not hashed:
        return adapter.count(spec, where), None
    fingerprint = Fingerprint()
    for key in _keys(adapter, spec, where):
        fingerprint.add(key)
    return fingerprint.rows, fingerprint


def store_fingerprint(
    conn: Connection, run: str, dataset: str, rows: int, fingerprint: Fingerprint | None
) -> None:
    """Write down what stays."""
    buckets = None if fingerprint is None else fingerprint.plain()
    row = {"run": run, "dataset": dataset, "rows": rows, "buckets": buckets}
    conn.execute(insert(kept_rows), row)


def read_fingerprints(conn: Connection, run: str) -> dict[str, tuple[int, list[list[Any]] | None]]:
    """What stayed in each dataset, by a run."""
    query = select(kept_rows).where(kept_rows.c.run == run)
    return {row.dataset: (row.rows, row.buckets) for row in conn.execute(query)}


def _keys(adapter: DataAdapter, spec: Dataset, where: Condition) -> Iterator[tuple[Any, ...]]:
    for batch in adapter.scan(spec, where, ()):
        for record in batch:
            yield record.key
