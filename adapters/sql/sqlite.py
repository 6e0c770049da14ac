"""SQLite: columns hold what was put in, whatever they declare, so values are read by their look."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from adapters import changes, moments
from adapters.sql.flavour import Expression, Flavour, Moment, NotOffered, Test, read_json
from adapters.sql.schema import Column
from adapters.values import Kind

FEW = 200
"""Up to so many values are parameters of their own; more travel as one JSON array."""

BUSY_SECONDS = 30

_UTC = moments.utc()


class Sqlite(Flavour):
    """SQLite 3.38 or newer."""

    name = "sqlite"
    as_written = frozenset({"time", "date", "uuid", "ip", "json"})

    def connected(self, connection: sqlite3.Connection) -> None:
        # The driver's own transaction handling would begin them late; `begun` begins them.
        connection.isolation_level = None
        for pragma in (
            "secure_delete=ON",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        functions: dict[tuple[str, int], Callable[..., Any]] = {
            ("upheld_instant", 2): _instant,
            ("upheld_number", 1): _number,
            ("upheld_hash", 3): changes.hashed,
            ("upheld_truncated", 1): changes.truncated_ip,
            ("upheld_year", 1): changes.year,
        }
        for (name, arguments), function in functions.items():
            connection.create_function(name, arguments, function, deterministic=True)

    def begun(self, conn: sa.Connection) -> None:
        writing = conn.get_execution_options().get("upheld_write", False)
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    def one_of(self, element: Expression, values: Sequence[Any], kind: Kind) -> Test:
        plain = [_plain(value) for value in values]
        if len(plain) <= FEW:
            return element.in_(plain)
        each = sa.func.json_each(json.dumps(plain)).table_valued("value")
        return element.in_(sa.select(each.c.value))

    def keys_in(self, elements: Sequence[Expression], keys: Sequence[tuple[Any, ...]]) -> Test:
        plain = [[_plain(part) for part in key] for key in keys]
        each = sa.func.json_each(json.dumps(plain)).table_valued("value")
        parts = [sa.func.json_extract(each.c.value, f"$[{i}]") for i in range(len(elements))]
        return sa.tuple_(*elements).in_(sa.select(*parts))

    def json_text(self, document: Expression, kind: Kind, keys: Sequence[str]) -> Expression:
        path = _path(keys)
        found = sa.func.json_extract(document, path)
        kind_there = sa.func.json_type(document, path)
        as_text = sa.case(
            (kind_there.in_(["true", "false"]), kind_there), else_=sa.cast(found, sa.Text)
        )
        return sa.case((sa.func.json_valid(document) == 1, as_text))

    def json_value(self, document: Expression, kind: Kind, keys: Sequence[str]) -> Expression:
        quoted = sa.func.json_quote(sa.func.json_extract(document, _path(keys)))
        is_true = sa.func.json_type(document, _path(keys)).in_(["true", "false"])
        there = sa.func.json_type(document, _path(keys))
        return sa.case((sa.func.json_valid(document) == 1, sa.case((is_true, there), else_=quoted)))

    def json_with(
        self, document: Expression, kind: Kind, keys: Sequence[str], value: Expression | None
    ) -> Expression:
        path = _path(keys)
        new = (
            sa.func.json_remove(document, path)
            if value is None
            else sa.func.json_replace(document, path, value)
        )
        return sa.case((sa.func.json_valid(document) == 1, new), else_=document)

    def stamp(self, element: Expression, column: Column, zone: ZoneInfo) -> Moment:
        return self.text_moment(element, zone)

    def text_moment(self, element: Expression, zone: ZoneInfo) -> Moment:
        instant = sa.func.upheld_instant(element, zone.key)
        before = partial(_before, element, instant)
        return Moment(instant, instant.is_not(None), before, moments.from_micros)

    def number_in(self, element: Expression) -> Expression:
        return sa.func.upheld_number(element)

    def changed(self, how: str, element: Expression, column: Column, key: bytes) -> Expression:
        if how == "hash":
            return sa.func.upheld_hash(element, key, column.size)
        function = sa.func.upheld_truncated if how == "truncate ip" else sa.func.upheld_year
        return sa.case(
            (element.is_not(None), sa.func.coalesce(function(element), _nothing(column)))
        )

    def read(self, raw: Any, kind: Kind) -> Any:
        if kind == "boolean" and raw in (0, 1):
            return bool(raw)
        if kind == "time" and isinstance(raw, str):
            return raw if len(raw) == moments.DAY_LENGTH else moments.parse_text(raw, _UTC) or raw
        return read_json(raw) if kind == "json" else raw

    def finish(self, conn: sa.Connection) -> tuple[str, ...]:
        if conn.exec_driver_sql("PRAGMA journal_mode").scalar() != "wal":
            return ()
        busy = conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar()
        if not busy:
            return ()
        return ("the write-ahead log is in use by another reader and may still hold deleted rows",)


def _nothing(column: Column) -> str | None:
    return None if column.nullable else ""


def _plain(value: Any) -> Any:
    """A value as SQLite keeps it."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value if isinstance(value, bool | int | float | str) else str(value)


def _path(keys: Sequence[str]) -> str:
    if any('"' in key for key in keys):
        raise NotOffered("a path into JSON with a quotation mark")
    return "$" + "".join(f'."{key}"' for key in keys)


def _instant(value: Any, zone: str) -> int | None:
    found = moments.parse_text(value, ZoneInfo(zone)) if isinstance(value, str) else None
    return None if found is None else moments.micros(found)


def _number(value: Any) -> float | int | None:
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str) or not moments.is_number(value):
        return None
    return float(value) if "." in value else int(value)


_USUAL = ("____-__-__T__:__:__Z", "____-__-__ __:__:__", "____-__-__ __:__:__.000000")
"""The spellings that SQLite itself reads as we do, but for days and hours that do not exist."""


def _before(element: Expression, instant: Expression, limit: datetime) -> Test:
    """Exact for every spelling: the usual ones by the order of letters, all others by our own function.

    No offset and no zone moves a time by more than a day, so `day` is above every spelling of what is before;
    an index can use that.
    """
    limit = moments.as_utc(limit)
    slow = instant < moments.micros(limit)
    if limit.year == moments.LAST.year:
        return slow
    day = (limit + timedelta(days=2)).date().isoformat()
    return sa.and_(
        element < day, sa.case((_usual(element), _usual_before(element, limit)), else_=slow)
    )


def _usual(element: Expression) -> Test:
    """SQLite reads 30 February as 2 March, and 24:00 as midnight: those are left to our function."""
    month, day = sa.func.substr(element, 6, 2), sa.func.substr(element, 9, 2)
    exists = sa.or_(day < "29", sa.and_(day < "31", month != "02"))
    early = sa.func.substr(element, 12, 2) < "24"
    spelled = sa.or_(*(element.like(form) for form in _USUAL))
    read = sa.func.unixepoch(element).is_not(None)
    return sa.and_(_binary(element) > "0002", spelled, exists, early, read)


def _usual_before(element: Expression, limit: datetime) -> Test:
    """Of a usual spelling: whether its day is before that of the limit, or else its time of day is."""
    day, clock = moments.by_letters(limit)
    letters = _binary(element)
    on_it = sa.and_(
        letters < (day + timedelta(days=1)).isoformat(), sa.func.substr(element, 12) < clock
    )
    return sa.or_(letters < day.isoformat(), on_it)


def _binary(element: Expression) -> Expression:
    return sa.collate(element, "BINARY")
