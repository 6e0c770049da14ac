"""`policy.yaml`: which policy and version this is, whose, since when, and what was accepted."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator

from engine.policy.durations import CALENDAR_YEAR_END
from engine.policy.models.common import (
    ClauseId,
    DottedName,
    MonthDayText,
    Name,
    OneOrMore,
    Strict,
    Text,
)

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}(-[A-Z0-9]{1,3})?$")]
VersionName = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9]+)?$")]


class Controller(Strict):
    """Who decides why and how the data is processed (GDPR 4(7))."""

    name: Text | None = None
    address: Text | None = None
    country: Country | None = None
    email: Text | None = None
    url: Text | None = None
    phone: Text | None = None


class Accepted(Strict):
    """An officer's decision to live with a finding. It matches when every name that it gives is equal."""

    finding: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]+$")]
    reason: Text
    review: date
    decide: Literal["law", "policy"] | None = Field(
        None, description="for a conflict with a statute: which of the two is followed"
    )
    rule: Name | None = None
    statute: Name | None = None
    clause: ClauseId | None = None
    data: DottedName | None = None
    purpose: DottedName | None = None
    recipient: DottedName | None = None
    right: Name | None = None
    choice: Name | None = None

    def names(self) -> dict[str, str]:
        """What it concerns: the same keys as `Finding.about`."""
        told = self.model_dump(exclude_none=True)
        return {
            key: told[key] for key in told if key not in {"finding", "reason", "review", "decide"}
        }


class Header(Strict):
    """`policy.yaml`."""

    policy: Name
    version: VersionName
    effective: date
    timezone: str = Field(
        description="the time zone of days and ends of periods, as in the tz database"
    )
    controller: Controller = Controller()
    jurisdictions: OneOrMore[Region]
    fiscal_year_ends: MonthDayText = Field(CALENDAR_YEAR_END, alias="fiscal year ends")
    informative: dict[ClauseId, Text] = Field(
        {}, description="clauses that promise nothing, each with the reason"
    )
    accepted: tuple[Accepted, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(
                f"no time zone `{value}`; use a name such as `Europe/Berlin`"
            ) from None
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The policy's time zone."""
        return ZoneInfo(self.timezone)
