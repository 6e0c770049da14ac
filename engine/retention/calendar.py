"""When something expires, and, the other way round, which events are old enough.

Two questions with one meaning, exact to the microsecond:

    expires_at(duration, anchor, event_time, …)   expired once `now >= expires_at`
    cutoff(duration, anchor, due_by, …)           `event_time <= cutoff` iff `expires_at <= due_by`

Hours, days and weeks are exact multiples of an hour. Months and years, and whatever is counted
from the end of a period, are computed on local *dates*, clamped to the month's end, and expire at
the end of that local day, which is the first instant of the next one. (Adding months to date-times
is not monotone, so no single cutoff would exist; by dates it is.) From the end of a period:

- days and weeks are added as dates; hours to the instant at which the period ends;
- a period that ends with a month stays at a month's end: one month after the end of February is
  the end of March, as the law counts, so that a statutory floor is never anticipated.

A local day begins at the first instant whose local date is that day or a later one, and lasts until
the next begins. So each instant has exactly one day, and later instants never have an earlier day,
even where clocks skip midnight, repeat it, or leave out a whole day.

Expiries after the year 9999 are `NEVER`. All of this is pure; times are aware, and returned in UTC.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from engine.errors import InvalidInput
from engine.policy.durations import (
    CALENDAR_YEAR_END,
    Anchor,
    Duration,
    MonthDay,
    PeriodEnd,
    Unit,
)

NEVER = datetime.max.replace(tzinfo=UTC)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_HOURS = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WEEKS: 168}


def expires_at(
    duration: Duration,
    anchor: Anchor,
    event_time: datetime,
    zone: ZoneInfo,
    fiscal_year_end: MonthDay = CALENDAR_YEAR_END,
) -> datetime:
    """Return the first instant, in UTC, at which `duration` after `anchor` has passed.

    `event_time` is when the anchor's event happened; a time without a zone is InvalidInput. `zone`
    is the policy's. The result never decreases as `event_time` grows.
    """
    if _is_exact(duration, anchor):
        return _later(to_utc(event_time), duration)
    return _expiry_of_day(duration, anchor, local_day(event_time, zone), zone, fiscal_year_end)


def cutoff(
    duration: Duration,
    anchor: Anchor,
    due_by: datetime,
    zone: ZoneInfo,
    fiscal_year_end: MonthDay = CALENDAR_YEAR_END,
) -> datetime | None:
    """Return the latest event time, *inclusive* and in UTC, that has expired at `due_by`.

    For every event time, `event_time <= cutoff` iff `expires_at(…) <= due_by`. Inclusive, because a
    store that keeps coarser times may then round the cutoff down and remain exact. None: no event,
    however old, has expired by then.
    """
    due_by = to_utc(due_by)
    if due_by == NEVER:
        return NEVER
    if _is_exact(duration, anchor):
        return _earlier(due_by, duration)

    def expiry(ordinal: int) -> datetime:
        return _expiry_of_day(duration, anchor, date.fromordinal(ordinal), zone, fiscal_year_end)

    expired_days = bisect_right(range(1, date.max.toordinal() + 1), due_by, key=expiry)
    return _last_instant(expired_days, zone)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the one day of `zone` in which `instant` lies; it never runs backwards."""
    instant = to_utc(instant)
    try:
        day = instant.astimezone(zone).date()
    except OverflowError:
        return date.max if instant.year == date.max.year else date.min
    # Clocks turned back over midnight show the old date again, but the new day has begun.
    while day < date.max and day_start(day + _DAY, zone) <= instant:
        day += _DAY
    return day


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant, in UTC, whose date in `zone` is `day` or later."""
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    try:
        first = midnight.astimezone(UTC)
        second = midnight.replace(fold=1).astimezone(UTC)
    except OverflowError:
        return NEVER if day.year == date.max.year else _EARLIEST
    # Only where clocks skip midnight does the second reading (PEP 495) lie before the first.
    return first if first <= second else _clock_change(second, first, day, zone)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant, in UTC, at which `day` is over in `zone`: the first of the next day."""
    return day_start(day + _DAY, zone) if day < date.max else NEVER


def last_day(expiry: datetime, zone: ZoneInfo) -> date:
    """Return the last day of `zone` to begin before `expiry`, the day in "through 31 December"."""
    expiry = to_utc(expiry)
    return local_day(expiry - _TICK, zone) if expiry > _EARLIEST else date.min


def add_months(day: date, months: int) -> date | None:
    """Return the same day `months` later, clamped to that month's end; None after the year 9999."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return None
    return date(year, month0 + 1, min(day.day, monthrange(year, month0 + 1)[1]))


def add_days(day: date, days: int) -> date | None:
    """Return the day `days` later; None after the year 9999."""
    return day + timedelta(days=days) if days <= (date.max - day).days else None


def add_to_date(day: date, duration: Duration) -> date | None:
    """Return the day a duration of days, weeks, months or years leads to; None after 9999."""
    match duration.unit:
        case Unit.MONTHS:
            return add_months(day, duration.count)
        case Unit.YEARS:
            return add_months(day, duration.count * 12)
        case Unit.WEEKS:
            return add_days(day, duration.count * 7)
        case Unit.DAYS:
            return add_days(day, duration.count)
        case Unit.HOURS:
            raise InvalidInput(f"`{duration}` cannot be added to a date: hours need a time")


def period_end(day: date, period: PeriodEnd, fiscal_year_end: MonthDay) -> date | None:
    """Return the last day of the period that `day` lies in; None after the year 9999."""
    if period is PeriodEnd.MONTH:
        return _month_end(day)
    closing = CALENDAR_YEAR_END if period is PeriodEnd.YEAR else fiscal_year_end
    end = _in_year(closing, day.year)
    if day <= end:
        return end
    return _in_year(closing, day.year + 1) if day.year < date.max.year else None


def _is_exact(duration: Duration, anchor: Anchor) -> bool:
    return duration.unit.is_exact and anchor.period_end is None


def _expiry_of_day(
    duration: Duration, anchor: Anchor, day: date, zone: ZoneInfo, fiscal_year_end: MonthDay
) -> datetime:
    end = period_end(day, anchor.period_end, fiscal_year_end) if anchor.period_end else day
    if end is None:
        return NEVER
    if duration.unit is Unit.HOURS:
        return _later(day_end(end, zone), duration)
    last = add_to_date(end, duration)
    if last is None:
        return NEVER
    if anchor.period_end and not duration.unit.is_exact and _is_month_end(end):
        last = _month_end(last)
    return day_end(last, zone)


def _in_year(closing: MonthDay, year: int) -> date:
    return date(year, closing.month, min(closing.day, monthrange(year, closing.month)[1]))


def _month_end(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])


def _is_month_end(day: date) -> bool:
    return day == _month_end(day)


def _later(instant: datetime, duration: Duration) -> datetime:
    span = timedelta(hours=duration.count * _HOURS[duration.unit])
    return instant + span if span <= NEVER - instant else NEVER


def _earlier(instant: datetime, duration: Duration) -> datetime | None:
    span = timedelta(hours=duration.count * _HOURS[duration.unit])
    return instant - span if span <= instant - _EARLIEST else None


def _last_instant(ordinal: int, zone: ZoneInfo) -> datetime | None:
    if ordinal == 0:
        return None
    end = day_end(date.fromordinal(ordinal), zone)
    if end == NEVER:
        return NEVER
    return end - _TICK if end > _EARLIEST else None


def _clock_change(before: datetime, after: datetime, day: date, zone: ZoneInfo) -> datetime:
    """The full second in (before, after] at which the clocks of `zone` jump to `day`."""

    def has_begun(second: int) -> bool:
        return (before + timedelta(seconds=second)).astimezone(zone).date() >= day

    seconds = range(int((after - before).total_seconds()) + 1)
    return before + timedelta(seconds=bisect_left(seconds, True, key=has_begun))


def to_utc(instant: datetime) -> datetime:
    """Return the same instant in UTC; InvalidInput if it has no time zone."""
    if instant.tzinfo is None:
        raise InvalidInput(f"`{instant.isoformat()}` has no time zone: add one, such as `+00:00`")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        return NEVER if instant.year == date.max.year else _EARLIEST
