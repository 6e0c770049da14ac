"""From a condition to SQL. Every comparison is by the column's own type; values are always bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from math import ceil
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from adapters import moments
from adapters.sql.flavour import Expression, Flavour, Moment, NotOffered, Test
from adapters.sql.schema import Column, Schema, Source
from adapters.values import Kind, coerce_all
from engine.datamap.model import Dataset, TimeSource
from engine.errors import PolicyError, did_you_mean
from engine.ports import (
    AllOf,
    Always,
    AnyOf,
    Before,
    Condition,
    IsNull,
    KeyIn,
    Link,
    Not,
    OfRow,
    OneOf,
    Reaches,
    TimeMissing,
    Transformation,
    Untreated,
)

P = ParamSpec("P")
T = TypeVar("T")

_FITTING: Mapping[Transformation, tuple[Kind, ...]] = {
    "hash": ("text",),
    "truncate ip": ("text", "ip"),
    "year": ("text", "time", "date"),
}
"""The kinds of columns that can be transformed so."""


@dataclass(frozen=True)
class Place:
    """A field of the data map in the real table: a column, or a path of `keys` into a JSON column."""

    path: str
    column: Column
    element: Expression
    keys: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """How values of this field compare: what lies in JSON compares as text."""
        return "text" if self.keys else self.column.kind


class Scope:
    """One dataset's rows in a query: its table, or an alias of it, and what its fields are called there."""

    def __init__(
        self, schema: Schema, flavour: Flavour, dataset: Dataset, zone: ZoneInfo, rows: Any = None
    ) -> None:
        self.schema = schema
        self.flavour = flavour
        self.dataset = dataset
        self.zone = zone
        self.source: Source = schema.source(dataset)
        self.rows = self.source.table if rows is None else rows

    def place(self, path: str, *where: str) -> Place:
        """The field in the real table. PolicyError if there is no such column."""
        column, *keys = self._split(path)
        if column not in self.source.columns:
            near = did_you_mean(column, self.source.columns)
            message = f"`{self.dataset.table}` has no column `{column}`{near}"
            raise self.refuse(where or ("table",), "UNKNOWN_COLUMN", message)
        found = self.source.columns[column]
        return Place(path, found, self.rows.c[column], tuple(keys))

    def refuse(self, where: Sequence[str], code: str, message: str, hint: str = "") -> PolicyError:
        """The error about one place of this dataset."""
        return self.schema.refuse(self.dataset, tuple(where), code, message, hint)

    def key(self) -> list[Place]:
        """The fields of the key."""
        if not self.dataset.key:
            raise self.refuse((), "NO_KEY", "the dataset does not say which field is its key")
        return [self.place(path, "key") for path in self.dataset.key]

    def comparable(self, place: Place) -> Expression:
        """The field as values and links compare with it."""
        if place.keys:
            return self.offered(
                self.flavour.json_text, place.element, place.column.kind, place.keys
            )
        if place.kind in ("json", "other"):
            return self.flavour.text(place.element)
        return place.element

    def offered(self, make: Callable[P, T], *arguments: P.args, **more: P.kwargs) -> T:
        """What the flavour makes of it. PolicyError if the database cannot do that."""
        try:
            return make(*arguments, **more)
        except NotOffered as problem:
            name = self.flavour.name
            message = f"`{self.dataset.table}`: {name} does not offer {problem}"
            raise self.refuse((), "NOT_OFFERED", message) from None

    def equals(self, place: Place, values: Sequence[Any]) -> Test:
        """Whether the field has one of these values."""
        kind: Kind = "text" if place.kind in self.flavour.as_written else place.kind
        fitting = coerce_all(values, kind)
        if not fitting:
            return sa.false()
        return self.flavour.one_of(self.comparable(place), fitting, kind)

    def mine(self) -> Test:
        """Whether a row of the table is a row of the dataset."""
        tests = [
            self.equals(self.place(path, "rows", path), values)
            for path, values in self.dataset.rows.items()
        ]
        return sa.and_(sa.true(), *tests)

    def holds(self, condition: Condition) -> Test:
        """The condition in SQL."""
        match condition:
            case AllOf(parts):
                return sa.and_(sa.true(), *map(self.holds, parts))
            case AnyOf(parts):
                return sa.or_(sa.false(), *map(self.holds, parts))
            case Not(part):
                return negate(self.holds(part))
            case Reaches(links, where):
                return self._reaches(links, where)
            case _:
                return self._of_row(condition)

    def _of_row(self, condition: OfRow) -> Test:
        match condition:
            case Always():
                return sa.true()
            case Before(time, limit):
                return self._before(time, limit)
            case TimeMissing(time):
                return negate(self._known(time))
            case OneOf(field, values, fold):
                return self._one_of(self.place(field), values, fold)
            case IsNull(field):
                return self.comparable(self.place(field)).is_(None)
            case Untreated(field, how):
                return self._untreated(self.place(field), how)
            case KeyIn(keys):
                return self._key_in(keys)

    def transformed(self, place: Place, how: Transformation, key: bytes) -> Expression:
        """The field's value made anonymous. PolicyError if its column is of a kind that does not fit."""
        if place.keys:
            column = replace(place.column, kind="text", nullable=True, size=None)
            text = self.comparable(place)
            return self.offered(self.flavour.changed, how, text, column, key)
        if place.kind in _FITTING[how]:
            return self.offered(self.flavour.changed, how, place.element, place.column, key)
        message = f"`{place.path}` is of type {place.column.declared}, which `anonymise: {how}` does not fit"
        raise self.refuse(("fields", place.path), "WRONG_ANONYMISE", message)

    def _untreated(self, place: Place, how: Transformation) -> Test:
        # Whatever the key of a hash, what is hashed already stays and everything else changes.
        new, old = self.transformed(place, how, b""), self.comparable(place)
        return sa.and_(old.is_not(None), old.is_distinct_from(new))

    def moment(self, time: TimeSource) -> Moment:
        """The time that the source's field holds, whatever the state. PolicyError if its form is wrong."""
        assert time.field is not None  # noqa: S101 - the callers have looked
        place = self.place(time.field, "times")
        if time.form in moments.PER_SECOND:
            return self._epoch(place, moments.PER_SECOND[time.form])
        if place.keys or place.kind in ("text", "json"):
            return self.offered(self.flavour.text_moment, self.comparable(place), self.zone)
        if place.kind not in ("time", "date"):
            raise self._wrong_form(place, time)
        return self.offered(self.flavour.stamp, place.element, place.column, self.zone)

    def in_state(self, time: TimeSource) -> Test:
        """Whether the state holds in which the time means something."""
        states = (time.when or {}).items()
        return sa.and_(sa.true(), *(self.equals(self.place(f, "times"), v) for f, v in states))

    def _split(self, path: str) -> list[str]:
        if path in self.source.columns:
            return [path]
        for column in sorted(self.source.columns, key=len, reverse=True):
            if path.startswith(f"{column}."):
                return [column, *path[len(column) + 1 :].split(".")]
        return path.split(".")

    def _before(self, time: TimeSource, limit: datetime) -> Test:
        if time.field is None:
            return sa.false()
        return sa.and_(self.in_state(time), self.moment(time).before(limit))

    def _known(self, time: TimeSource) -> Test:
        if time.field is None:
            return sa.false()
        return sa.and_(self.in_state(time), self.moment(time).readable)

    def _one_of(self, place: Place, values: Sequence[Any], fold: bool) -> Test:
        if not fold:
            return self.equals(place, values)
        texts = [sa.func.lower(text) for text in coerce_all(values, "text")]
        return sa.func.lower(self.flavour.text(self.comparable(place))).in_(texts)

    def _key_in(self, keys: Sequence[tuple[Any, ...]]) -> Test:
        places = self.key()
        if len(places) == 1:
            return self.equals(places[0], [key[0] for key in keys])
        kinds = ["text" if p.kind in self.flavour.as_written else p.kind for p in places]
        fitting = []
        for key in keys:
            parts = [coerce_all([part], kind) for part, kind in zip(key, kinds, strict=True)]
            if all(parts):
                fitting.append(tuple(part[0] for part in parts))
        if not fitting:
            return sa.false()
        return self.flavour.keys_in([self.comparable(place) for place in places], fitting)

    def _reaches(self, links: Sequence[Link], where: Condition) -> Test:
        if not links:
            return self.holds(where)
        first, rest = links[0], links[1:]
        if first.target.store != self.dataset.store:
            message = (
                f"`{first.target.table}` lies in another store, and a query cannot join the two"
            )
            raise self.refuse(("subject", first.field), "OTHER_STORE", message)
        table = self.schema.source(first.target).table
        target = Scope(self.schema, self.flavour, first.target, self.zone, table.alias())
        here, there = self._joined(target, first)
        tests = (there == here, target.mine(), target._reaches(rest, where))
        return sa.exists().select_from(target.rows).where(*tests).correlate(self.rows)

    def _joined(self, target: Scope, link: Link) -> tuple[Expression, Expression]:
        own = self.place(link.field, "subject", link.field)
        other = target.place(link.target_field, "key")
        here, there = self.comparable(own), target.comparable(other)
        if not link.fold and own.kind == other.kind:
            return here, there
        here, there = self.flavour.text(here), target.flavour.text(there)
        return (sa.func.lower(here), sa.func.lower(there)) if link.fold else (here, there)

    def _epoch(self, place: Place, per_second: int) -> Moment:
        number = self.comparable(place)
        if place.keys or place.kind not in ("integer", "number"):
            if place.kind in ("boolean", "uuid", "ip"):
                raise self._wrong_form(place, None)
            if place.kind in ("time", "date") and self.flavour.name != "sqlite":
                raise self._wrong_form(place, None)
            number = self.offered(self.flavour.number_in, number)
        return _epoch(number, per_second, whole=place.kind == "integer")

    def _wrong_form(self, place: Place, time: TimeSource | None) -> PolicyError:
        said = time.form if time else "epoch"
        message = (
            f"`{self.dataset.table}.{place.path}` is of type {place.column.declared},"
            f" which does not fit `as: {said}`"
        )
        hint = "say `as: epoch seconds`, `epoch milliseconds`, `text` or `timestamp`"
        return self.refuse(("times",), "WRONG_TIME_FORM", message, hint)


def negate(test: Test) -> Test:
    """Two-valued: what is unknown does not hold, so its negation does."""
    return sa.not_(sa.func.coalesce(test, sa.false()))


def _epoch(number: Expression, per_second: int, *, whole: bool) -> Moment:
    low = moments.micros(moments.ZERO) // 1_000_000 * per_second
    high = (moments.micros(moments.LAST) // 1_000_000 + 1) * per_second
    readable = sa.func.coalesce(
        sa.and_(number > _bound(low), number < _bound(high), number != 0), sa.false()
    )

    def before(limit: datetime) -> Test:
        exact = Decimal(moments.micros(limit)) * per_second / 1_000_000
        bound = ceil(exact) if whole else exact
        return sa.and_(number < _bound(bound), number > _bound(low), number != 0)

    return Moment(number, readable, before, partial(_decode, per_second=per_second))


def _bound(number: Decimal | int) -> Expression:
    return sa.literal(number, sa.BigInteger if isinstance(number, int) else sa.Numeric)


def _decode(raw: Any, per_second: int) -> datetime:
    units = Decimal(str(raw)) * 1_000_000 / per_second
    return moments.EPOCH + timedelta(microseconds=int(units))
