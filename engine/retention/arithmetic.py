"""How a date comes about, step by step, in words that an officer can check with a calendar. Pure."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.policy.durations import Duration, Unit
from engine.retention.calendar import (
    NEVER,
    add_to_date,
    day_end,
    last_day,
    local_day,
    period_end,
)
from engine.retention.terms import Days, Term

_HOURS = {Unit.DAYS: 24, Unit.WEEKS: 168}


def steps(term: Term, happened: datetime, days: Days) -> tuple[str, ...]:
    """From the event to the moment at which the term has passed, which is the last step."""
    end = days.expires_at(term, happened)
    if end == NEVER:
        return (when(happened, days.zone), f"plus {term.keep}", "after the year 9999: never")
    if term.keep.unit.is_exact and term.after.period_end is None:
        return (when(happened, days.zone), f"plus {_exactly(term.keep)}", when(end, days.zone))
    return tuple(_by_dates(term, happened, days, end))


def _by_dates(term: Term, happened: datetime, days: Days, end: datetime) -> list[str]:
    day = local_day(happened, days.zone)
    found = [in_full(day)]
    if term.after.period_end is not None:
        closing = period_end(day, term.after.period_end, days.fiscal_year_end) or date.max
        found.append(f"the {term.after.period_end} ends on {in_full(closing)}")
        day = closing
    last = last_day(end, days.zone)
    if term.keep.count:
        found.append(f"plus {term.keep}{_clamped(day, term.keep, last)}")
    # Hours may lead to any moment of a day; all else counts whole days.
    whole = day_end(last, days.zone) == end
    return [*found, f"through the end of {in_full(last)}" if whole else when(end, days.zone)]


def _exactly(duration: Duration) -> str:
    """`30 days of 24 hours`: not the calendar's days, of which some have 23 or 25."""
    return (
        f"{duration} of {_HOURS[duration.unit]} hours" if duration.unit in _HOURS else str(duration)
    )


def _clamped(day: date, duration: Duration, last: date) -> str:
    """A note where the month that is reached has no such day, or keeps to its end."""
    reached = None if duration.unit is Unit.HOURS else add_to_date(day, duration)
    if reached is None or duration.unit.is_exact:
        return ""
    if reached != last:
        return ", kept at the end of the month"
    return f" ({reached:%B} has no {_ordinal(day.day)})" if reached.day < day.day else ""


def _ordinal(day: int) -> str:
    return f"{day}st" if day == 31 else f"{day}th"


def when(at: datetime, zone: ZoneInfo) -> str:
    """`10 May 2026 09:00`, in the policy's zone."""
    local = at.astimezone(zone)
    seconds = f":{local:%S}" if local.second or local.microsecond else ""
    return f"{in_full(local.date())} {local:%H:%M}{seconds}"


def in_full(day: date) -> str:
    """`10 May 2026`."""
    return f"{day.day} {day:%B} {day.year}"


def due_words(at: datetime | None, zone: ZoneInfo) -> str:
    """`9 June 2026 09:00`, `the end of 31 December 2056` or `never`."""
    if at is None:
        return "never"
    last = last_day(at, zone)
    return f"the end of {in_full(last)}" if day_end(last, zone) == at else when(at, zone)
