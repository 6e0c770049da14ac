"""What differs between databases. The base knows what every one of them can do; the others extend it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from adapters.sql.schema import Column
from adapters.values import Kind

Expression = sa.ColumnElement[Any]
Test = sa.ColumnElement[bool]


class NotOffered(Exception):
    """This database cannot do what is asked; the message says what."""


@dataclass(frozen=True)
class Moment:
    """A time in SQL: `value` orders by it where `readable`; `before` is exact; `decode` reads `value`.

    `above`, where it is quicker than `before`, holds of everything before the limit, and perhaps of more.
    """

    value: Expression
    readable: Test
    before: Callable[[datetime], Test]
    decode: Callable[[Any], datetime]
    above: Callable[[datetime], Test] | None = None


class Flavour:
    """Any database: batches by key, no paths into JSON, no times in texts, no transformations."""

    name = "generic"
    as_written: frozenset[Kind] = frozenset()
    """The kinds that are kept, and compared, as the text that was put in."""
    by_range = False
    """Whether what an index orders goes quicker up to a bound than row by row."""

    def connected(self, connection: Any) -> None:
        """Set up a new driver connection."""

    def begun(self, conn: sa.Connection) -> None:
        """Begin a transaction where the driver does not."""

    def one_of(self, element: Expression, values: Sequence[Any], kind: Kind) -> Test:
        """Whether the element is one of many values, all of its kind."""
        return element.in_(values)

    def keys_in(self, elements: Sequence[Expression], keys: Sequence[tuple[Any, ...]]) -> Test:
        """Whether several elements together are one of many keys."""
        return sa.tuple_(*elements).in_(keys)

    def json_text(self, document: Expression, kind: Kind, keys: Sequence[str]) -> Expression:
        """The scalar at a path as text; NULL if it is absent, or if the document is not JSON."""
        raise NotOffered("paths into JSON columns")

    def json_value(self, document: Expression, kind: Kind, keys: Sequence[str]) -> Expression:
        """What lies at a path, as JSON text."""
        raise NotOffered("paths into JSON columns")

    def json_with(
        self, document: Expression, kind: Kind, keys: Sequence[str], value: Expression | None
    ) -> Expression:
        """The document with another text at a path, or without the path; unchanged if it has none."""
        raise NotOffered("paths into JSON columns")

    def stamp(self, element: Expression, column: Column, zone: ZoneInfo) -> Moment:
        """A column of dates, which are days of the zone, or of times."""
        raise NotOffered("times")

    def text_moment(self, element: Expression, zone: ZoneInfo) -> Moment:
        """ISO 8601 text; a date alone is a day of the zone."""
        raise NotOffered("times in texts")

    def number_in(self, element: Expression) -> Expression:
        """The number that a text holds; NULL if it holds none."""
        raise NotOffered("epochs in texts")

    def text(self, element: Expression) -> Expression:
        """The element as text."""
        return sa.cast(element, sa.Text)

    def changed(self, how: str, element: Expression, column: Column, key: bytes) -> Expression:
        """The element transformed; transforming it twice is the same as once."""
        raise NotOffered(f"`anonymise: {how}`")

    def address(self, name: str, table: sa.Table) -> Expression:
        """The physical address of a row."""
        return sa.column(name, _selectable=table)

    def at_addresses(self, address: Expression, chosen: sa.Select[Any]) -> Test:
        """Whether a row is at one of the addresses that the query chooses."""
        return address.in_(chosen)

    def read(self, raw: Any, kind: Kind) -> Any:
        """A value as a record has it, from what the driver gives."""
        return raw

    def finish(self, conn: sa.Connection) -> tuple[str, ...]:
        """Make deletions physical; what could not be done, in words."""
        return ()

    def grants(
        self, table: sa.Table, role: str, erased: Sequence[str], deletes: bool
    ) -> tuple[str, ...]:
        """The statements that allow planning and purging, and nothing else."""
        return ()


def read_json(raw: Any) -> Any:
    """Decode JSON text; what is no JSON stays text."""
    if not isinstance(raw, str):
        return raw
    try:
        return json.loads(raw)
    except ValueError:
        return raw
