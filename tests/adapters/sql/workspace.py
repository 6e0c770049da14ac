"""Places of the conformance suite as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from adapters.conformance import PLACES
from adapters.moments import Zone, utc
from adapters.sql import SqlAdapter
from engine.datamap.model import Dataset

_TYPES: dict[str, Any] = {
    "integer": sa.BigInteger().with_variant(sa.Integer, "sqlite"),
    "text": sa.Text(),
    "boolean": sa.Boolean(),
    "timestamp": sa.DateTime(timezone=True),
    "timestamp without zone": sa.DateTime(),
    "date": sa.Date(),
    "text that holds json": sa.Text(),
    "json": sa.JSON(none_as_null=True),
}


class SqlWorkspace:
    """Tables in an empty database; `make` builds the adapter from store and URL."""

    def __init__(self, url: str, make: Any = SqlAdapter) -> None:
        self.engine = sa.create_engine(url)
        self._make = partial(make, "platform", url)
        self._adapters: dict[Zone, SqlAdapter] = {}
        metadata = sa.MetaData()
        self.tables = {name: self._table(metadata, name) for name in PLACES}
        metadata.create_all(self.engine)

    def close(self) -> None:
        for adapter in self._adapters.values():
            adapter.close()
        self.engine.dispose()

    def fill(self, place: str, rows: Iterable[Mapping[str, Any]]) -> None:
        table = self.tables[place]
        empty = dict.fromkeys(table.c.keys())
        with self.engine.begin() as conn:
            conn.execute(sa.insert(table), [{**empty, **self._kept(place, row)} for row in rows])

    def adapter(self, zone: Zone = utc) -> SqlAdapter:
        if zone not in self._adapters:
            self._adapters[zone] = self._make(zone=zone)
        return self._adapters[zone]

    def dataset(self, place: str, **said: Any) -> Dataset:
        return Dataset(store="platform", table=place, key=("id",), **said)

    def stored(self, place: str) -> list[dict[str, Any]]:
        with self.engine.connect() as conn:
            rows = conn.execute(sa.select(self.tables[place]).order_by("id")).mappings()
            return [dict(row) for row in rows]

    def _table(self, metadata: sa.MetaData, name: str) -> sa.Table:
        return sa.Table(
            name,
            metadata,
            *(
                sa.Column(
                    field,
                    _TYPES[kind.removesuffix(", never null")],
                    primary_key=field == "id",
                    nullable=not kind.endswith("never null"),
                )
                for field, kind in PLACES[name].items()
            ),
        )

    def _kept(self, place: str, row: Mapping[str, Any]) -> dict[str, Any]:
        kinds = PLACES[place]
        return {
            field: _naive(value) if kinds[field].startswith("timestamp") else value
            for field, value in row.items()
        } | {f: json.loads(json.dumps(v)) for f, v in row.items() if kinds[f] == "json"}


def _naive(value: datetime | None) -> datetime | None:
    """UTC without a zone, as SQLite keeps it; PostgreSQL's session is in UTC as well."""
    return value and value.astimezone(UTC).replace(tzinfo=None)
