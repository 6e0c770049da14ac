"""PostgreSQL. Casts of texts are guarded by `pg_input_is_valid` (16 or newer): bad data never aborts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from adapters import changes, moments
from adapters.sql.flavour import Expression, Flavour, Moment, NotOffered, Test
from adapters.sql.schema import Column
from adapters.sql.usual import is_usual, usual_before
from adapters.values import Kind

LOCK_SECONDS = 15
DAY = timedelta(days=1)
SOFT_ERRORS = 160_000
"""The version from which a cast can be tried without failing."""

_ADDRESSES = (
    IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network,
)  # fmt: skip

_FIRST = moments.ZERO.replace(tzinfo=None)
_LAST = moments.LAST.replace(tzinfo=None)


class Postgresql(Flavour):
    """PostgreSQL 16 or newer in full; older ones without JSON and times in texts."""

    name = "postgresql"
    by_range = True

    def __init__(self) -> None:
        self._version = SOFT_ERRORS

    def connected(self, connection: Any) -> None:
        self._version = connection.info.server_version
        with connection.cursor() as cursor:
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.execute("SET datestyle = 'ISO'")
            cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        connection.commit()

    def one_of(self, element: Expression, values: Sequence[Any], kind: Kind) -> Test:
        if kind == "ip":
            return element.in_([sa.cast(value, pg.INET) for value in values])
        type_ = sa.Text() if isinstance(element.type, sa.types.NullType) else element.type
        return element == sa.func.any(sa.cast(list(values), pg.ARRAY(type_)))

    def json_text(self, document: Expression, kind: Kind, keys: Sequence[str]) -> Expression:
        text: Expression = self._document(document, kind)[tuple(keys)].astext
        return text

    def json_value(self, document: Expression, kind: Kind, keys: Sequence[str]) -> Expression:
        return sa.cast(self._document(document, kind)[tuple(keys)], sa.Text)

    def json_with(
        self, document: Expression, kind: Kind, keys: Sequence[str], value: Expression | None
    ) -> Expression:
        parsed, path = self._document(document, kind), sa.cast(list(keys), pg.ARRAY(sa.Text))
        new = (
            parsed.op("#-")(path)
            if value is None
            else sa.func.jsonb_set(parsed, path, sa.func.to_jsonb(value), sa.false())
        )
        return sa.func.coalesce(sa.cast(new, document.type), document)

    def stamp(self, element: Expression, column: Column, zone: ZoneInfo) -> Moment:
        if column.kind == "date":
            return _day_moment(element, zone)
        aware = bool(getattr(element.type, "timezone", False))
        first, last = (moments.ZERO, moments.LAST) if aware else (_FIRST, _LAST)

        def before(limit: datetime) -> Test:
            limit = moments.as_utc(limit)
            bound = limit if aware else limit.replace(tzinfo=None)
            return sa.and_(element < _literal(bound), element > _literal(first))

        readable = sa.and_(element > _literal(first), element <= _literal(last))
        return Moment(element, readable, before, moments.as_utc)

    def text_moment(self, element: Expression, zone: ZoneInfo) -> Moment:
        instant = self._instant(element, zone)
        first, last = _literal(moments.ZERO), _literal(moments.LAST)
        readable = sa.func.coalesce(sa.and_(instant > first, instant <= last), sa.false())
        before = partial(self._before, element, instant, zone)
        above = partial(_text_below, element, text=self.text(element))
        return Moment(instant, readable, before, moments.as_utc, above)

    def number_in(self, element: Expression) -> Expression:
        text = self.text(element)
        return sa.case((text.op("~")(moments.NUMBER), sa.cast(text, sa.Numeric)))

    def changed(self, how: str, element: Expression, column: Column, key: bytes) -> Expression:
        if how == "hash":
            return _hashed(element, column, key)
        nothing = None if column.nullable else ""
        if how == "truncate ip":
            return self._truncated(element, column, nothing)
        if column.kind in ("time", "date"):
            return sa.cast(sa.func.date_trunc("year", element), element.type)
        year = sa.func.substring(element, r"^\s*([0-9]{4})(?:-.*)?\s*$")
        return _unless_null(element, sa.func.coalesce(year, nothing))

    def at_addresses(self, address: Expression, chosen: sa.Select[Any]) -> Test:
        # The planner turns `IN (… LIMIT n)` into a full scan; an array it fetches row by row.
        return address == sa.func.any(sa.func.array(chosen.scalar_subquery()))

    def read(self, raw: Any, kind: Kind) -> Any:
        if isinstance(raw, datetime):
            return moments.as_utc(raw)
        if isinstance(raw, _ADDRESSES):
            return str(raw)
        return bytes(raw) if isinstance(raw, memoryview) else raw

    def grants(
        self, table: sa.Table, role: str, erased: Sequence[str], deletes: bool
    ) -> tuple[str, ...]:
        quote = pg.dialect().identifier_preparer  # type: ignore[no-untyped-call]
        name, to = quote.format_table(table), quote.quote(role)
        rights = ["SELECT"]
        if erased:
            rights.append(f"UPDATE ({', '.join(quote.quote(column) for column in erased)})")
        if deletes:
            rights.append("DELETE")
        usage = (
            [f"GRANT USAGE ON SCHEMA {quote.quote(table.schema)} TO {to};"] if table.schema else []
        )
        return (*usage, f"GRANT {', '.join(rights)} ON {name} TO {to};")

    def _document(self, document: Expression, kind: Kind) -> Any:
        if isinstance(document.type, pg.JSONB):
            return document
        text = self.text(document)
        return sa.case((self._valid(text, "jsonb"), sa.cast(text, pg.JSONB)))

    def _valid(self, text: Expression, type_: str) -> Test:
        if self._version < SOFT_ERRORS:
            raise NotOffered("times or JSON in texts before version 16")
        valid: Test = sa.func.pg_input_is_valid(text, type_, type_=sa.Boolean)
        return valid

    def _instant(self, element: Expression, zone: ZoneInfo) -> Expression:
        """The usual spelling is known by coming back the same, which is quicker than looking closely."""
        text, aware = self.text(element), sa.DateTime(timezone=True)
        valid, moment = self._valid(text, "timestamptz"), sa.cast(text, aware)
        back = sa.cast(sa.cast(moment, sa.DateTime()), sa.Text)
        head = sa.func.overlay(sa.func.left(text, 19), " ", 11, 1)
        usual = sa.and_(sa.func.substr(text, 20).in_(["Z", ""]), head == back)
        micros = sa.func.regexp_replace(text, r"(\.[0-9]{6})[0-9]+", r"\1")
        local = sa.func.timezone(zone.key, sa.cast(text, sa.DateTime()), type_=aware)
        moment_there = sa.case((_is_day(text), local), else_=sa.cast(micros, aware))
        other = sa.case((text.op("~")(moments.READABLE), moment_there))
        return sa.case((valid, sa.case((usual, moment), else_=other)))

    def _before(
        self, element: Expression, instant: Expression, zone: ZoneInfo, limit: datetime
    ) -> Test:
        """The day bounds every spelling, as an offset moves it by one at most; the rest is then exact.

        The day compares in the column's own collation, so that an index can use it.
        """
        limit = moments.as_utc(limit)
        text = self.text(element)
        span = sa.func.tstzrange(_literal(moments.ZERO), _literal(limit), "()")
        exact = instant.op("<@", is_comparison=True)(span)  # evaluates the instant once, not twice
        other = sa.case((_is_day(text), _day_before(text, instant, zone, limit)), else_=exact)
        if limit.year == moments.LAST.year:
            return other
        exactly = sa.case((is_usual(text), usual_before(text, limit)), else_=other)
        return sa.and_(_text_below(element, limit, text=text), exactly)

    def _truncated(self, element: Expression, column: Column, nothing: str | None) -> Expression:
        text = sa.func.trim(self.text(element))
        address = sa.cast(text, pg.INET) if column.kind != "ip" else element
        bits = sa.case((sa.func.family(address) == 4, 24), else_=48)
        network = sa.func.host(sa.func.network(sa.func.set_masklen(address, bits)))
        if column.kind == "ip":
            return sa.cast(network, element.type)
        valid = self._valid(text, "inet")
        return _unless_null(element, sa.case((valid, network), else_=nothing))


def _text_below(element: Expression, limit: datetime, *, text: Expression) -> Test:
    """What every spelling of a time before the limit is: no offset and no zone moves it by two days."""
    plain: Any = element if isinstance(element.type, sa.String) else text
    if limit.year == moments.LAST.year:
        return plain.is_not(None)  # type: ignore[no-any-return]  # the element's type is not known
    return plain < (moments.as_utc(limit) + timedelta(days=2)).date().isoformat()  # type: ignore[no-any-return]


def _unless_null(element: Expression, value: Expression) -> Expression:
    return sa.case((element.is_not(None), value))


def _hashed(element: Expression, column: Column, key: bytes) -> Expression:
    text = sa.cast(element, sa.Text)
    secret = sa.literal(key, sa.LargeBinary)
    inner = sa.func.sha256(secret.op("||")(sa.func.convert_to(text, "UTF8")))
    full = sa.func.encode(sa.func.sha256(secret.op("||")(inner)), "hex")
    marked = sa.literal(changes.MARK).op("||")(sa.func.left(full, changes.digits(column.size)))
    done = text.op("~")("^hash:[0-9a-f]{8,64}$")
    return sa.case((done, text), (text.is_not(None), marked))


def _literal(moment: datetime) -> Expression:
    return sa.literal(moment, sa.DateTime(timezone=moment.tzinfo is not None))


def _day_moment(element: Expression, zone: ZoneInfo) -> Moment:
    """A column of dates: compared as dates, so that an index serves and the server's zones play no part."""

    def before(limit: datetime) -> Test:
        first = moments.first_day_from(limit, zone)
        bound = element <= _day(date.max) if first is None else element < _day(first)
        return sa.and_(bound, element > _day(date.min))

    def decode(day: date) -> datetime:
        return moments.of_day(day, zone) or moments.ZERO

    return Moment(element, element.between(_day(date.min + DAY), _day(date.max)), before, decode)


def _is_day(text: Expression) -> Test:
    """Of readable text: whether it is a date alone."""
    return sa.func.length(text) == moments.DAY_LENGTH


def _day_before(text: Expression, instant: Expression, zone: ZoneInfo, limit: datetime) -> Test:
    """Of a date alone: by the order of letters, as the server may know the zone differently."""
    first = moments.first_day_from(limit, zone)
    letters = sa.collate(text, "C")
    bound = sa.true() if first is None else letters < first.isoformat()
    return sa.and_(instant.is_not(None), letters > date.min.isoformat(), bound)


def _day(day: date) -> Expression:
    return sa.literal(day, sa.Date())
