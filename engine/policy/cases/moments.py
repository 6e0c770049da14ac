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
_WRITTEN = r"\d{4}-\d\d-\d\d \d\d:\d\d"
_MOMENT = re.compile(rf"({_WRITTEN})( UTC)?")
_THROUGH = re.compile(r"through (\d{4}-\d\d-\d\d)")
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


def _read(parse: Any) -> BeforeValidator:
    def read(value: Any) -> Any:
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
            "description": "a time in the policy's zone, or in UTC",
            "pattern": rf"^{_WRITTEN}( UTC)?$",
            "examples": ["2026-05-01 12:00", "2025-12-31 23:30 UTC"],
        }
    ),
]
DueText = Annotated[
    Due,
    _read(Due.parse),
    WithJsonSchema(
        {
            "type": "string",
            "description": "from a moment, once a day has ended, or never",
            "pattern": rf"^({_WRITTEN}( UTC)?|through \d{{4}}-\d\d-\d\d|never)$",
            "examples": ["2026-06-09 09:00", "through 2056-12-31", "never"],
        }
    ),
]
