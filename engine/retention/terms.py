"""A term: so long after an event. When it has passed is one cutoff on the event's time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from engine.policy.durations import Anchor, Duration, MonthDay, Unit
from engine.policy.event_words import keeping_words
from engine.policy.policy import Policy
from engine.retention import calendar

_SHORTEST = {
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(days=7),
    # The end of the day on which a month has passed is never within its first 27 days, even where a
    # change of the clock shortens one.
    Unit.MONTHS: timedelta(days=27),
    Unit.YEARS: timedelta(days=364),
}


@dataclass(frozen=True, slots=True)
class Term:
    """`keep` after `after`; as text, in words for people."""

    keep: Duration
    after: Anchor

    def __str__(self) -> str:
        return keeping_words(self.keep, self.after)

    @property
    def shortest(self) -> timedelta:
        """A time that the term never falls short of, whatever the calendar: quick to compare with."""
        return self.keep.count * _SHORTEST[self.keep.unit]


@lru_cache(maxsize=256)
def notice_term(notice: Duration) -> Term:
    """The time that people have after they were told that their data goes."""
    return Term(notice, Anchor.parse("notice.given"))


@dataclass(frozen=True, slots=True)
class Days:
    """How a policy counts days: its time zone, and when its fiscal year ends."""

    zone: ZoneInfo
    fiscal_year_end: MonthDay

    @classmethod
    def of(cls, policy: Policy) -> Days:
        """The days of a policy."""
        return cls(policy.header.zone, policy.header.fiscal_year_ends)

    def cutoff(self, term: Term, due_by: datetime) -> datetime | None:
        """The latest event time, inclusive, whose term has passed at `due_by`; None if there is none."""
        return calendar.cutoff(term.keep, term.after, due_by, self.zone, self.fiscal_year_end)

    def expires_at(self, term: Term, event_time: datetime) -> datetime:
        """The first instant at which the term has passed."""
        return calendar.expires_at(
            term.keep, term.after, event_time, self.zone, self.fiscal_year_end
        )
