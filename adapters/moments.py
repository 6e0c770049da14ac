"""How stored times are read: the one truth for every adapter, whether SQL or Python looks at them.

Readable text is ISO 8601, extended form: a date, or a date and a time apart by `T` or a space; seconds and
a fraction may be missing; then `Z`, `UTC`, an offset (`+08:00`, `+0800`, `+08`), or nothing, which means UTC.
A date alone, in a text or a column of dates, is a day of the policy's time zone and means its first instant.
Anything else is missing: so is zero (0 of an epoch, the first moment of year 1), and what lies outside
the years 1 to 9999 (milliseconds in a column of seconds, say).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from adapters.values import same
from engine.datamap.model import TimeForm, TimeSource
from engine.retention.calendar import day_start, local_day

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZERO = datetime(1, 1, 1, tzinfo=UTC)
LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_LENGTH = len("2026-05-01")

Zone = Callable[[], ZoneInfo]
"""The time zone of the policy in force, asked for only where a date needs it."""

PER_SECOND: Mapping[TimeForm, int] = {"epoch seconds": 1, "epoch milliseconds": 1000}
"""The forms that count from 1970, and how many of their units make a second."""

READABLE = (
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?"
    r" ?([Zz]|UTC|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)?)?$"
)
"""What readable text looks like (the same expression in Python and in PostgreSQL)."""

NUMBER = r"^-?[0-9]{1,15}(\.[0-9]+)?$"
"""What an epoch in a text looks like."""

_UTC = ZoneInfo("UTC")
_READABLE = re.compile(READABLE, re.ASCII)
_NUMBER = re.compile(NUMBER, re.ASCII)


@lru_cache(maxsize=32_768)  # conditions look at the same times again and again
def parse_text(text: str, zone: ZoneInfo) -> datetime | None:
    """Read ISO 8601 text; None if it is missing or unreadable."""
    if not _READABLE.fullmatch(text):
        return None
    if len(text) == DAY_LENGTH:
        return _parse_day(text, zone)
    day, rest = text[:10], text[11:].replace(" ", "").replace("UTC", "Z").upper()
    try:
        return _sensible(as_utc(datetime.fromisoformat(f"{day}T{rest}")))
    except (ValueError, OverflowError):
        return None


def parse_epoch(value: Any, per_second: int) -> datetime | None:
    """Read a count from 1970, as a number or as text; None if it is missing or out of range."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    if isinstance(value, str) and not is_number(value):
        return None
    try:
        number = Decimal(str(value))
        if not number:
            return None
        return _sensible(EPOCH + int(number * 1_000_000 // per_second) * MICROSECOND)
    except (ArithmeticError, ValueError):
        return None


def is_number(text: str) -> bool:
    """Whether a text holds an epoch."""
    return _NUMBER.fullmatch(text) is not None


def utc() -> ZoneInfo:
    """Where dates lie unless somebody says otherwise."""
    return _UTC


def of_day(day: date, zone: ZoneInfo) -> datetime | None:
    """The moment that a date alone means; None for the first day of year 1, which is zero."""
    return None if day == date.min else _sensible(day_start(day, zone))


def first_day_from(limit: datetime, zone: ZoneInfo) -> date | None:
    """The first day that does not begin before the limit: `day < it` iff its moment is before the limit.

    None if every day begins before it.
    """
    if (limit := as_utc(limit)) <= ZERO:
        return date.min
    last = local_day(limit - MICROSECOND, zone)
    return last + timedelta(days=1) if last < date.max else None


def by_letters(limit: datetime) -> tuple[date, str]:
    """The day and the time of day in UTC, `12:00:00`, that bound whole seconds before the limit."""
    whole = from_micros(-(-micros(limit) // 1_000_000) * 1_000_000)
    return whole.date(), whole.time().isoformat()


def parse(value: Any, form: TimeForm, zone: Zone) -> datetime | None:
    """Read a stored value in one of the forms; None if it is missing or unreadable."""
    if form in PER_SECOND:
        return parse_epoch(value, PER_SECOND[form])
    if isinstance(value, datetime):
        return _sensible(as_utc(value))
    if isinstance(value, date):
        return of_day(value, zone())
    if not isinstance(value, str):
        return None
    return parse_text(value, zone() if len(value) == DAY_LENGTH else _UTC)


def time_of(time: TimeSource, values: Mapping[str, Any], zone: Zone) -> datetime | None:
    """The event's time in a row that holds its fields; None if missing, or while its state does not hold."""
    if time.field is None:
        return None
    for field, states in (time.when or {}).items():
        if not any(same(values.get(field), state) for state in states):
            return None
    return parse(values.get(time.field), time.form, zone)


def as_utc(moment: datetime) -> datetime:
    """The same moment in UTC; one without a zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (as_utc(moment) - EPOCH) // MICROSECOND


def from_micros(count: int) -> datetime:
    """The moment that is so many microseconds after 1970."""
    return EPOCH + count * MICROSECOND


def _parse_day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return of_day(date.fromisoformat(text), zone)
    except ValueError:
        return None


def _sensible(moment: datetime) -> datetime | None:
    return None if moment == ZERO else moment
