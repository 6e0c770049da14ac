"""Which days are working days, and counting in them.

Public holidays and weekends come from the `holidays` library, which for China also knows the weekend
days that are worked to make up for a holiday. What it does not know yet is dated data of our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
from holidays.holiday_base import HolidayBase

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True, eq=False)
class WorkCalendar:
    """The working days of a place.

    `public` is the library's calendar, or None where only weekends are off. `working` and `days_off`
    overrule it. After `known_through` (None: no such limit) working days are an expectation.
    """

    place: str
    public: HolidayBase | None = None
    working: frozenset[date] = frozenset()
    days_off: frozenset[date] = frozenset()
    known_through: date | None = None

    def is_working(self, day: date) -> bool:
        """Return whether people work on that day."""
        if day in self.working or day in self.days_off:
            return day in self.working
        if self.public is None:
            return day.weekday() < _SATURDAY
        return self.public.is_working_day(day)

    def why_off(self, day: date) -> str:
        """Why a day is not worked: the holiday's name, or the day of the week."""
        named = self.public.get(day) if self.public is not None else None
        return named or f"{day:%A}"

    def is_known(self, day: date) -> bool:
        """Return whether the days up to `day` are settled."""
        return self.known_through is None or day <= self.known_through

    def on_or_after(self, day: date) -> date:
        """Return `day`, or the next working day where it is off."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add(self, day: date, count: int) -> date:
        """Return the working day `count` after `day` (before it, if negative); `day` counts not."""
        step = _DAY if count > 0 else -_DAY
        for _ in range(abs(count)):
            day += step
            while not self.is_working(day):
                day += step
        return day


WEEKENDS_ONLY = WorkCalendar("anywhere")
"""Saturday and Sunday off, no public holidays."""


def public_holidays(region: str) -> HolidayBase | None:
    """Return the library's calendar of `DE` or `DE-BY`; None where it has none of that country.

    A subdivision that the library does not know gets the holidays of the whole country.
    """
    country, _, subdivision = region.partition("-")
    known = holidays.list_supported_countries(include_aliases=True)
    if country not in known:
        return None
    subdiv = subdivision if subdivision in known[country] else None
    return holidays.country_holidays(country, subdiv=subdiv)


def work_calendar(
    region: str,
    *,
    working: Iterable[date] = (),
    days_off: Iterable[date] = (),
    known_through: date | None = None,
) -> WorkCalendar:
    """Return the calendar of a region such as `DE`, `DE-BY` or `US-CA`, with what overrules it."""
    return WorkCalendar(
        region, public_holidays(region), frozenset(working), frozenset(days_off), known_through
    )
