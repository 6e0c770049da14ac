"""How long, and counted from when: the values behind `keep`, `after` and `answer within`.

    Duration   `90 days`, `1 month`          a count of one unit
    Keep       a Duration, LAW (`as required by law`) or INDEFINITELY (`indefinitely`)
    Anchor     `account.cancelled`, `end of the fiscal year of invoice.paid`
    MonthDay   `12-31`                        the day a fiscal year ends

Each is written in exactly one way, so `str(parse(text)) == text`. What they mean on a calendar is
in `engine.retention.calendar`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeAlias

from engine.errors import InvalidInput, did_you_mean

LONGEST = 999_999
"""The largest count; whoever needs more than this means `indefinitely`."""


class Unit(StrEnum):
    """The units of a duration, as the policy spells them in the plural."""

    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    YEARS = "years"

    @property
    def is_exact(self) -> bool:
        """True of a fixed number of hours; months and years depend on the calendar."""
        return self not in (Unit.MONTHS, Unit.YEARS)


class Unfixed(StrEnum):
    """A `keep` that is no duration."""

    LAW = "as required by law"
    INDEFINITELY = "indefinitely"


LAW = Unfixed.LAW
INDEFINITELY = Unfixed.INDEFINITELY

_UNITS = {spelling: unit for unit in Unit for spelling in (unit.value, unit.value[:-1])}
_DURATION = re.compile(r"(?P<sign>-?)(?P<count>[0-9]+)\s*(?P<unit>[A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Duration:
    """A whole number of one unit, from 0 to 999,999."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `N hours|days|weeks|months|years` (`1 day` in the singular); else InvalidInput."""
        found = _DURATION.fullmatch(text.strip())
        if found is None:
            raise InvalidInput(
                f"`{text}` is not a duration: write a whole number and a unit, such as `90 days`"
            )
        duration = cls(_count(text, found), _unit(text, found["unit"]))
        if str(duration) != text:
            raise InvalidInput(f"`{text}` is written `{duration}`")
        return duration

    def __str__(self) -> str:
        return f"{self.count} {self.unit.value[:-1] if self.count == 1 else self.unit.value}"

    @property
    def iso8601(self) -> str:
        """The duration in ISO 8601: `P90D`, `PT12H`."""
        return f"P{'T' if self.unit is Unit.HOURS else ''}{self.count}{self.unit.value[0].upper()}"


Keep: TypeAlias = Duration | Unfixed


def _count(text: str, found: re.Match[str]) -> int:
    if found["sign"]:
        raise InvalidInput(f"`{text}` is negative: a duration counts forward, from 0")
    digits = found["count"].lstrip("0") or "0"
    if len(digits) > len(str(LONGEST)):
        raise InvalidInput(f"`{text}` is too long: count up to {LONGEST}, or say `indefinitely`")
    return int(digits)


def _unit(text: str, word: str) -> Unit:
    unit = _UNITS.get(word.lower())
    if unit is None:
        hint = did_you_mean(word.lower(), _UNITS)
        raise InvalidInput(
            f"no unit `{word}` in `{text}`{hint or ': use hours, days, weeks, months or years'}"
        )
    return unit


def parse_keep(text: str) -> Keep:
    """Read a `keep`: a duration, `as required by law` or `indefinitely`; else InvalidInput."""
    return _duration_or(text, (LAW, INDEFINITELY))


def parse_answer_within(text: str) -> Keep:
    """Read an `answer within`: a duration or `as required by law`; else InvalidInput."""
    return _duration_or(text, (LAW,))


def _duration_or(text: str, phrases: tuple[Unfixed, ...]) -> Keep:
    for phrase in phrases:
        if text == phrase:
            return phrase
    if re.match(r"\s*-?[0-9]", text):
        return Duration.parse(text)
    hint = did_you_mean(text.strip().lower(), phrases)
    choices = ", or ".join(("a duration such as `90 days`", *(f"`{p}`" for p in phrases)))
    raise InvalidInput(f"`{text}` does not say how long{hint or f': write {choices}'}")


class PeriodEnd(StrEnum):
    """The calendar period at whose end counting starts."""

    MONTH = "month"
    YEAR = "year"
    FISCAL_YEAR = "fiscal year"


_EVENT = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")
_END_OF = re.compile(
    r"(?:the\s+)?end\s+of\s+(?:the\s+)?(?P<period>.+?)\s+of\s+(?P<event>\S+)", re.I
)
_FORMS = "write an event such as `record.created`, or `end of the year of record.created`"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The event that counting starts from, or the end of the period in which the event lies."""

    event: str
    period_end: PeriodEnd | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `EVENT` or `end of the month|year|fiscal year of EVENT`; else InvalidInput."""
        if _EVENT.fullmatch(text):
            return cls(text)
        found = _END_OF.fullmatch(text.strip())
        if found is None or not _EVENT.fullmatch(found["event"]):
            raise InvalidInput(f"`{text}` is not something to count from: {_FORMS}")
        anchor = cls(found["event"], _period(text, found["period"].lower()))
        if str(anchor) != text:
            raise InvalidInput(f"`{text}` is written `{anchor}`")
        return anchor

    def __str__(self) -> str:
        return f"end of the {self.period_end} of {self.event}" if self.period_end else self.event


def _period(text: str, word: str) -> PeriodEnd:
    for period in PeriodEnd:
        if word == period:
            return period
    hint = did_you_mean(word, PeriodEnd)
    advice = hint or ": use month, year or fiscal year"
    raise InvalidInput(f"no period `{word}` in `{text}`{advice}")


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day of every year; `02-29` stands for the last day of February."""

    month: int
    day: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `MM-DD`; else InvalidInput."""
        found = re.fullmatch(r"([0-9]{2})-([0-9]{2})", text)
        month, day = (int(found[1]), int(found[2])) if found else (0, 0)
        # A leap year, so that `02-29` is accepted.
        if not (1 <= month <= 12 and 1 <= day <= monthrange(2024, month)[1]):
            raise InvalidInput(f"`{text}` is not a day of the year: write it like `12-31`")
        return cls(month, day)

    def __str__(self) -> str:
        return f"{self.month:02}-{self.day:02}"


CALENDAR_YEAR_END = MonthDay(12, 31)
