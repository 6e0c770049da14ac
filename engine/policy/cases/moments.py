"""Times as the tests write them, and when something must be due."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, WithJsonSchema

from engine.errors import InvalidInput

NEVER = "never"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_WRITTEN = f"{_DATE} [0-9]{{2}}:[0-9]{{2}}"
_MOMENT = re.compile(rf"({_WRITTEN})( UTC)?")
_THROUGH = re.compile(f"through ({_DATE})")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """`2026-05-01 12:00`, in the policy's zone unless it says UTC."""

    clock: datetime
    utc: bool = False

    @classmethod
    def parse(cls, text: str) -> Moment:
        """Read a moment; else InvalidInput."""
        found = _MOMENT.fullmatch(text)
        if found is None:
            raise InvalidInput(f"`{text}` is not a time such as `2026-05-01 12:00`")
        return cls(_clock(text, found[1]), bool(found[2]))

    def at(self, zone: ZoneInfo) -> datetime:
        """The aware instant, in UTC."""
        return self.clock.replace(tzinfo=UTC if self.utc else zone).astimezone(UTC)

    def __str__(self) -> str:
        return f"{self.clock:%Y-%m-%d %H:%M}" + (" UTC" if self.utc else "")


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due: from a `moment`, once the day `through` has ended, or (neither) never."""

    moment: Moment | None = None
    through: date | None = None

    @classmethod
    def parse(cls, text: str) -> Due:
        """Read a moment, `through 2056-12-31` or `never`; else InvalidInput."""
        if text == NEVER:
            return cls()
        if found := _THROUGH.fullmatch(text):
            return cls(through=_clock(text, f"{found[1]} 00:00").date())
        return cls(Moment.parse(text))

    def __str__(self) -> str:
        if self.through is not None:
            return f"through {self.through}"
        return str(self.moment) if self.moment else NEVER


def in_words(at: datetime | None, zone: ZoneInfo) -> str:
    """An instant as a test would write it: `through 2056-12-31` where it ends a day, else the time."""
    if at is None:
        return NEVER
    local = at.astimezone(zone)
    if (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0):
        return f"through {local.date() - _DAY}"
    # Only times that were given to the second have seconds.
    return f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")


def _clock(text: str, written: str) -> datetime:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        raise InvalidInput(f"`{text}` is not a day and time of the calendar") from None


def _years(text: str) -> int:
    if not re.fullmatch(_AGE, text):
        raise InvalidInput(f"`{text}` is not an age from 0 to 150")
    return int(text)


_AGE = "[0-9]|[1-9][0-9]|1[0-4][0-9]|150"


def _read(parse: Any) -> BeforeValidator:
    def read(value: Any) -> Any:
        if isinstance(value, dict | list):
            raise ValueError("expected one value, such as text")
        try:
            return parse(value) if isinstance(value, str) else value
        except InvalidInput as problem:
            raise ValueError(str(problem)) from None

    return BeforeValidator(read)


MomentText = Annotated[
    Moment,
    _read(Moment.parse),
    WithJsonSchema(
        {
            "type": "string",
            "$comment": "a time in the policy's zone: `2026-05-01 12:00`; or with ` UTC`",
            "pattern": rf"^{_WRITTEN}( UTC)?$",
            "examples": ["2026-05-01 12:00", "2025-12-31 23:30 UTC"],
        }
    ),
]
DUE_SCHEMA = {
    "type": "string",
    "$comment": "a time; or `through 2056-12-31`; or `never`",
    "pattern": rf"^({_WRITTEN}( UTC)?|through {_DATE}|never)$",
    "examples": ["2026-06-09 09:00", "through 2056-12-31", "never"],
}
DueText = Annotated[Due, _read(Due.parse), WithJsonSchema(DUE_SCHEMA)]
YearsText = Annotated[
    int,
    _read(_years),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "$comment": "whole years",
            "minimum": 0,
            "maximum": 150,
            "pattern": f"^({_AGE})$",
        }
    ),
]
