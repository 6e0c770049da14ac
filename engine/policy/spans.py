"""Durations compared without a calendar: the fewest and the most days that each can last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from engine.policy.durations import Anchor, Duration, PeriodEnd, Unit

_DAYS = {Unit.HOURS: 1 / 24, Unit.DAYS: 1.0, Unit.WEEKS: 7.0}
_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}
_ERA_MONTHS = 4_800
_ERA_DAYS = 146_097
"""The calendar repeats every 400 years."""

_LONGEST_PERIOD = {PeriodEnd.MONTH: 31, PeriodEnd.YEAR: 366, PeriodEnd.FISCAL_YEAR: 366}


def same_length(one: Duration, other: Duration) -> bool:
    """Whether two durations always mean the same time: 1 year and 12 months, 2 weeks and 14 days."""
    return _size(one) == _size(other)


def reaches(ceiling: Duration, after: Anchor, floor: Duration, floor_after: Anchor) -> bool:
    """Whether a ceiling never ends before a floor does.

    A record is taken to be no younger than any event that it waits for. A floor that counts from another
    event may always end later, because that event may come at any time.
    """
    if after.event != floor_after.event and not floor_after.event.startswith("record."):
        return False
    slack = _slack(after, floor_after)
    if slack == 0 and ceiling.unit.is_exact == floor.unit.is_exact:
        return _size(ceiling)[1] >= _size(floor)[1]
    return fewest_days(ceiling) >= _most(floor) + slack


def _slack(after: Anchor, floor_after: Anchor) -> int:
    """The most days by which the floor starts to count later."""
    if floor_after.period_end is None:
        return 0
    if after.event == floor_after.event and after.period_end == floor_after.period_end:
        return 0
    return _LONGEST_PERIOD[floor_after.period_end]


def _size(duration: Duration) -> tuple[str, float]:
    if duration.unit.is_exact:
        return "days", duration.count * _DAYS[duration.unit]
    return "months", float(duration.count * _MONTHS[duration.unit])


def fewest_days(duration: Duration) -> float:
    """The least number of days that a duration may last."""
    family, size = _size(duration)
    return size if family == "days" else min(_days_of_months(int(size)))


def _most(duration: Duration) -> float:
    family, size = _size(duration)
    return size if family == "days" else max(_days_of_months(int(size)))


@cache
def _days_of_months(count: int) -> tuple[int, ...]:
    return tuple(_spans(count))


def _spans(count: int) -> Iterator[int]:
    eras, months = divmod(count, _ERA_MONTHS)
    for start in range(_ERA_MONTHS):
        yield (_first_of(start + months) - _first_of(start)).days + eras * _ERA_DAYS


def _first_of(month: int) -> date:
    years, index = divmod(month, 12)
    return date(2000 + years, index + 1, 1)
