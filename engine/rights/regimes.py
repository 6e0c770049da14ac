"""The dated data of response deadlines: which law applies to whom, and what it sets.

Every number that a law sets lives in `deadlines.yaml` beside this file, with its source and the
date on which it was checked; this module only reads and types it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, TypeAlias

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from engine.errors import InvalidInput, PolicyError, UnknownName
from engine.policy.durations import Duration, Unit
from engine.rights.workdays import WEEKENDS_ONLY, WorkCalendar, work_calendar

SHIPPED = Path(__file__).with_name("deadlines.yaml")


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """So many working days."""

    count: int

    def __str__(self) -> str:
        return f"{self.count} working day{'' if self.count == 1 else 's'}"


Period: TypeAlias = Duration | WorkingDays
Lead: TypeAlias = Duration | WorkingDays
"""A period of whole days."""
Start: TypeAlias = Literal["received", "identity received", "fee paid"]
Silence: TypeAlias = Literal["breach", "deemed refusal"]


def parse_period(text: str) -> Period:
    """Read `15 working days`, `1 month` and the like; else ValueError, as the models expect it."""
    working = re.fullmatch(r"([0-9]{1,3}) working days?", text)
    if working:
        return WorkingDays(int(working[1]))
    try:
        duration = Duration.parse(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error
    if duration.unit is Unit.HOURS:
        raise ValueError(f"`{text}`: the law's deadlines count in days, not hours")
    return duration


def parse_lead(text: str) -> Lead:
    """Read `1 day` or `2 working days`; else ValueError."""
    lead = parse_period(text)
    if isinstance(lead, Duration) and lead.unit is not Unit.DAYS:
        raise ValueError(f"`{text}`: a lead counts in days or working days")
    return lead


_Period = Annotated[Duration | WorkingDays, BeforeValidator(parse_period)]
_Lead = Annotated[Duration | WorkingDays, BeforeValidator(parse_lead)]


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(_Data):
    """What a regime sets for some rights; `extended` counts in all, from receipt."""

    rights: tuple[str, ...]
    answer: _Period
    extended: _Period | None = None
    extension_notice: _Period | None = None
    acknowledge: _Period | None = None
    roll: bool = False
    target_lead: _Lead | None = None


class Regime(_Data):
    """A law: for which regions it holds, since when, and its terms."""

    id: str
    name: str
    regions: tuple[str, ...]
    source: str
    as_of: date
    effective_from: date | None = None
    starts: tuple[Start, ...]
    pauses: bool = False
    silence: Silence
    calendar: str | None = None
    terms: tuple[Term, ...]

    def term(self, right: str) -> Term:
        """Return what applies to a right; else UnknownName."""
        for term in self.terms:
            if right in term.rights:
                return term
        raise UnknownName(
            f"deadline of `{self.id}` for the right",
            right,
            (r for t in self.terms for r in t.rights),
        )

    def in_force(self, on: date | None) -> bool:
        """Return whether the law applies on that day; None asks about no day in particular."""
        return self.effective_from is None or on is None or on >= self.effective_from


class CalendarNote(_Data):
    """What overrules or limits the library's calendar of a country."""

    country: str
    known_through: date
    working: tuple[date, ...] = ()
    days_off: tuple[date, ...] = ()
    source: str
    as_of: date


class DeadlineData(_Data):
    """The whole file."""

    version: str
    target_lead: _Lead
    regimes: tuple[Regime, ...]
    calendars: tuple[CalendarNote, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        _refuse_repeats("regime", (r.id for r in self.regimes))
        _refuse_repeats("region", (region for r in self.regimes for region in r.regions))
        for regime in self.regimes:
            _refuse_repeats(f"right of {regime.id}", (r for t in regime.terms for r in t.rights))
        return self

    def regime(self, name: str) -> Regime:
        """Return a regime by its id; else UnknownName."""
        for regime in self.regimes:
            if regime.id == name:
                return regime
        raise UnknownName("regime", name, (r.id for r in self.regimes))

    def calendar(self, region: str | None) -> WorkCalendar:
        """Return the working days of a region such as `DE-BY`; of None, all but weekends."""
        if region is None:
            return WEEKENDS_ONLY
        for note in self.calendars:
            if note.country == region.partition("-")[0]:
                return work_calendar(
                    region,
                    working=note.working,
                    days_off=note.days_off,
                    known_through=note.known_through,
                )
        return work_calendar(region)


def _refuse_repeats(kind: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise ValueError(f"{kind} `{name}` stands twice")
        seen.add(name)


@cache
def load(path: Path = SHIPPED) -> DeadlineData:
    """Read a deadline file, once per path; PolicyError if it cannot be used."""
    try:
        # Every scalar stays a string (`NO` is Norway, not false); the models type them.
        text = path.read_text(encoding="utf-8")
        return DeadlineData.model_validate(yaml.load(text, yaml.BaseLoader))  # noqa: S506 - no objects
    except (OSError, yaml.YAMLError) as error:
        raise PolicyError(f"the deadline data `{path}` cannot be read: {error}") from error
    except ValidationError as error:
        raise PolicyError(
            f"the deadline data `{path}` cannot be used: {_explain(error)}"
        ) from error


def _explain(error: ValidationError) -> str:
    places = ((".".join(map(str, e["loc"])), e["msg"]) for e in error.errors())
    return "; ".join(f"{where or 'the file'}: {what}" for where, what in places)


def regime_for(
    region: str | None,
    jurisdictions: Sequence[str],
    on: date | None = None,
    data: DeadlineData | None = None,
) -> str | None:
    """Return the id of the regime under which a person's request is answered, or None.

    The law of the person's `region` (`DE`, `DE-BY`, `US-CA`) where there is one; otherwise the
    strictest of the policy's `jurisdictions`. `on` leaves out laws that are not in force by then.
    """
    regimes = [r for r in (data or load()).regimes if r.in_force(on)]
    codes = [_codes(region)] if region else []
    codes.append({code for place in jurisdictions for code in _codes(place)})
    for wanted in codes:
        for regime in regimes:
            if wanted & set(regime.regions):
                return regime.id
    return None


def _codes(region: str) -> set[str]:
    """`DE-BY` lies in `DE`."""
    return {region, region.partition("-")[0]}
