"""The adapter itself: queries, batches, and streams over one database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from adapters import moments
from adapters.sql.conditions import Place, Scope
from adapters.sql.edits import run_edit
from adapters.sql.failures import translated
from adapters.sql.flavour import Flavour, read_json
from adapters.sql.postgresql import Postgresql
from adapters.sql.schema import Locate, Schema
from adapters.sql.shapes import read_shapes
from adapters.sql.sqlite import Sqlite
from engine.datamap.model import Dataset, TimeSource
from engine.errors import PolicyError
from engine.policy.findings import Position
from engine.ports import Applied, Condition, Edit, Record, TableShape


def nowhere(_dataset: Dataset, *_path: str) -> Position:
    """The place of what stands in no file."""
    return Position("datamap.yaml")


class SqlAdapter:
    """A `DataAdapter` for one database. `hash_key` makes `anonymise: hash` repeatable from run to run.

    Without it a key is drawn and forgotten at the end: equal values can then be told to be equal only within
    one run, and nobody can find them by trying. A date alone is a day of the `zone`.
    """

    def __init__(
        self, store: str, url: str, *, locate: Locate = nowhere, hash_key: bytes | None = None,
        flavour: Flavour | None = None, zone: moments.Zone = moments.utc,
    ) -> None:  # fmt: skip
        self.store = store
        self._engine, self._flavour = _open(store, url, flavour)
        self._schema = Schema(self._engine, locate)
        self._zone = zone
        self._hash_key = hash_key or secrets.token_bytes(32)

    def shapes(self) -> tuple[TableShape, ...]:
        """Every table with its columns, key, references and indexes."""
        with translated(self.store):
            return read_shapes(self._engine)

    def distinct(self, dataset: Dataset, field: str, limit: int) -> tuple[str, ...]:
        """Up to `limit` distinct values of a field over the whole table, as text."""
        with self._reading(dataset) as (conn, scope):
            place = scope.place(field)
            value = scope.comparable(place)
            query = sa.select(value).where(value.is_not(None)).distinct().limit(limit)
            found = conn.scalars(query)
            return tuple(str(self._flavour.read(raw, place.kind)) for raw in found)

    def alike(self, dataset: Dataset, field: str) -> tuple[str, ...]:
        """The values of a field that several rows have, but perhaps for case: one for each row."""
        with self._reading(dataset) as (conn, scope):
            value = self._flavour.text(scope.comparable(scope.place(field)))
            folded = sa.func.lower(value)
            several = (
                sa.select(folded)
                .select_from(scope.rows)
                .where(scope.mine(), value.is_not(None))
                .group_by(folded)
                .having(sa.func.count() > 1)
            )
            query = sa.select(value).select_from(scope.rows)
            found = conn.scalars(query.where(scope.mine(), folded.in_(several)))
            return tuple(str(each) for each in found)

    def count(self, dataset: Dataset, where: Condition) -> int:
        """How many rows of the dataset satisfy the condition."""
        with self._reading(dataset) as (conn, scope):
            query = sa.select(sa.func.count()).select_from(scope.rows)
            return conn.scalar(query.where(scope.mine(), scope.holds(where))) or 0

    def extent(
        self, dataset: Dataset, where: Condition, time: TimeSource
    ) -> tuple[datetime | None, datetime | None]:
        """The oldest and the newest readable time among the rows that satisfy the condition."""
        if time.field is None:
            return None, None
        with self._reading(dataset) as (conn, scope):
            moment = scope.moment(time)
            tests = (scope.mine(), scope.holds(where), scope.in_state(time), moment.readable)
            query = sa.select(sa.func.min(moment.value), sa.func.max(moment.value))
            oldest, newest = conn.execute(query.where(*tests)).one()
        if oldest is None:
            return None, None
        return moment.decode(oldest), moment.decode(newest)

    def scan(
        self, dataset: Dataset, where: Condition, fields: Sequence[str], *, batch: int = 5000
    ) -> Iterator[Sequence[Record]]:
        """The rows in the order of their key, in batches."""
        with translated(self.store):
            scope = self._scope(dataset)
            key = scope.key()
            places = [scope.place(field, "fields", field) for field in fields]
            query = self._query(scope, where, key, places)
        by_key = scope.source.unique(tuple(place.column.name for place in key))
        pages = (
            self._pages(query, scope, key, batch) if by_key else self._stream(query, scope, batch)
        )
        for rows in pages:
            yield [self._record(row, len(key), places) for row in rows]

    def time_of(self, time: TimeSource, record: Record) -> datetime | None:
        """The event's time in a scanned record; None if missing."""
        return moments.time_of(time, record.values, self._zone)

    def apply(self, dataset: Dataset, edits: Sequence[Edit], *, limit: int) -> Applied:
        """Carry out one bounded batch in one transaction."""
        counts, more = [0] * len(edits), False
        with self._writing(dataset) as (conn, scope):
            for number, edit in enumerate(edits):
                left = limit - sum(counts)
                counts[number], more = run_edit(conn, scope, edit, self._hash_key, left)
                if more:
                    break
        return Applied(tuple(counts), more)

    def grants(self, dataset: Dataset, role: str) -> tuple[str, ...]:
        """The least privileges that planning and purging this dataset need."""
        with translated(self.store):
            scope = self._scope(dataset)
            erased = {scope.place(path, "fields", path).column.name for path in dataset.fields}
            return self._flavour.grants(
                scope.source.table, role, sorted(erased), deletes=dataset.row is not None
            )

    def finish(self) -> tuple[str, ...]:
        """Make deletions physical where the database can."""
        with translated(self.store), self._engine.connect() as conn:
            plain = conn.execution_options(isolation_level="AUTOCOMMIT")
            return self._flavour.finish(plain)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _scope(self, dataset: Dataset) -> Scope:
        return Scope(self._schema, self._flavour, dataset, self._zone())

    @contextmanager
    def _reading(self, dataset: Dataset) -> Iterator[tuple[sa.Connection, Scope]]:
        with self._forgetting():
            scope = self._scope(dataset)
            with self._engine.begin() as conn:
                yield conn, scope

    @contextmanager
    def _writing(self, dataset: Dataset) -> Iterator[tuple[sa.Connection, Scope]]:
        with self._forgetting():
            scope = self._scope(dataset)
            with self._engine.connect() as conn:
                writer = conn.execution_options(upheld_write=True)
                with writer.begin():
                    yield writer, scope

    @contextmanager
    def _forgetting(self) -> Iterator[None]:
        """A name that was right and is wrong now: look at the schema again next time."""
        try:
            with translated(self.store):
                yield
        except PolicyError:
            self._schema.forget()
            raise

    def _query(
        self, scope: Scope, where: Condition, key: Sequence[Place], places: Sequence[Place]
    ) -> sa.Select[Any]:
        columns = [scope.comparable(place) for place in key]
        values = [self._value(scope, place) for place in places]
        labelled = [value.label(f"c{i}") for i, value in enumerate([*columns, *values])]
        query = sa.select(*labelled).select_from(scope.rows)
        return query.where(scope.mine(), scope.holds(where)).order_by(*columns)

    def _value(self, scope: Scope, place: Place) -> Any:
        if not place.keys:
            return place.element
        return scope.offered(self._flavour.json_value, place.element, place.column.kind, place.keys)

    def _pages(
        self, query: sa.Select[Any], scope: Scope, key: Sequence[Place], batch: int
    ) -> Iterator[Sequence[Any]]:
        """By key: each page is a query of its own, so that nothing stays open between them."""
        columns = sa.tuple_(*(scope.comparable(place) for place in key))
        page = query.limit(batch)
        while True:
            with self._reading(scope.dataset) as (conn, _):
                rows = conn.execute(page).all()
            if rows:
                yield rows
            if len(rows) < batch:
                return
            page = query.where(columns > sa.tuple_(*rows[-1][: len(key)])).limit(batch)

    def _stream(self, query: sa.Select[Any], scope: Scope, batch: int) -> Iterator[Sequence[Any]]:
        """By a cursor: where the key is not known to be unique, a page could end within it."""
        with self._reading(scope.dataset) as (conn, _):
            found = conn.execution_options(stream_results=True, yield_per=batch).execute(query)
            yield from found.partitions(batch)

    def _record(self, row: Sequence[Any], width: int, places: Sequence[Place]) -> Record:
        values = {
            place.path: read_json(raw) if place.keys else self._flavour.read(raw, place.kind)
            for place, raw in zip(places, row[width:], strict=True)
        }
        return Record(tuple(row[:width]), values)


def _open(store: str, url: str, flavour: Flavour | None) -> tuple[sa.Engine, Flavour]:
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except (ArgumentError, ImportError) as problem:
        message = f"the url of the store `{store}` is not that of a database this program can open"
        raise PolicyError(message) from problem
    known = {"sqlite": Sqlite, "postgresql": Postgresql}
    chosen = flavour or known.get(engine.dialect.name, Flavour)()
    sa.event.listen(engine, "connect", lambda connection, _record: chosen.connected(connection))
    sa.event.listen(engine, "begin", chosen.begun)
    return engine, chosen
