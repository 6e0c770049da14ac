"""Whether one length of time never exceeds another, whatever the calendar.

An exact duration is compared in hours. Months and years have a shortest and a longest course; a period's end
adds up to the period, and what ends with a local day up to a day. One length never exceeds another if its
longest course is no longer than the other's shortest.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from functools import cache

from engine.policy.durations import Anchor, Duration, PeriodEnd, Unit

_HOURS = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WEEKS: 168}
_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}
_PERIOD_DAYS = {PeriodEnd.MONTH: 31, PeriodEnd.YEAR: 366, PeriodEnd.FISCAL_YEAR: 366}
_DAY_END_HOURS = 25
"""A local day at whose end something expires, with the hour that clocks may be turned back."""
_EXACT_MONTHS = 1200
_MONTH_HOURS = 730.485
_SLACK_HOURS = 96
"""Beyond a hundred years the average month is exact enough, within four days."""


def never_exceeds(one: Duration, other: Duration) -> bool:
    """Whether a duration is at most another one, from whatever moment both are counted."""
    if one.unit in _MONTHS and other.unit in _MONTHS:
        return one.count * _MONTHS[one.unit] <= other.count * _MONTHS[other.unit]
    return longest(one) <= shortest(other)


def never_later(one: Duration, after: Anchor, other: Duration, than_after: Anchor) -> bool:
    """Whether a duration after an anchor never ends later than another after its own.

    Comparable are the same event, and `record.created` with anything, since a record is there before what
    happens to it.
    """
    if after.event == than_after.event and after.period_end in (None, than_after.period_end):
        # The end of a period is never before the event itself.
        return never_exceeds(one, other)
    if after.event not in (than_after.event, "record.created"):
        return False
    period = _PERIOD_DAYS[after.period_end] * 24 + _DAY_END_HOURS if after.period_end else 0
    return longest(one) + period <= shortest(other)


def longest(duration: Duration) -> float:
    """The longest course in hours."""
    if duration.unit in _HOURS:
        return duration.count * _HOURS[duration.unit]
    return _calendar(duration.count * _MONTHS[duration.unit])[1]


def shortest(duration: Duration) -> float:
    """The shortest course in hours."""
    if duration.unit in _HOURS:
        return duration.count * _HOURS[duration.unit]
    return _calendar(duration.count * _MONTHS[duration.unit])[0]


@cache
def _calendar(months: int) -> tuple[float, float]:
    if months > _EXACT_MONTHS:
        return months * _MONTH_HOURS - _SLACK_HOURS, months * _MONTH_HOURS + _SLACK_HOURS
    spans = [_span(start, months) for start in _starts()]
    return min(spans) * 24, max(spans) * 24 + _DAY_END_HOURS


def _starts() -> list[date]:
    """The first and the last day of every month around a common and a leap turn of a century."""
    months = [(y, m) for y in (*range(1895, 1905), *range(1995, 2010)) for m in range(1, 13)]
    return [date(y, m, day) for y, m in months for day in (1, monthrange(y, m)[1])]


def _span(start: date, months: int) -> int:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, monthrange(year, month + 1)[1])
    return (date(year, month + 1, day) - start).days
