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


class DecidedChange(Strict):
    """An officer's decision that a change since the version before asks for something else than usual.

    It applies to a change all of whose rules, data, and so on, are among those that it names; to every change
    of the kind if it names none.
    """

    change: Annotated[str, StringConstraints(pattern=r"^[a-z]+(\.[a-z]+(-[a-z]+)*)$")] = Field(
        description="the kind of change, as `upheld diff` shows it",
        examples=["basis.consent-replaced", "retention.longer"],
    )
    consequence: Literal["re-consent", "reconfirm", "notice", "changelog", "none"] = Field(
        description="what it asks of people instead"
    )
    reason: Text
    decided_by: Text = Field(alias="decided by", description="who decided it")
    rule: OneOrMore[Name] | None = None
    data: OneOrMore[DottedName] | None = None
    purpose: OneOrMore[DottedName] | None = None
    recipient: OneOrMore[DottedName] | None = None
    choice: OneOrMore[Name] | None = None

    def names(self) -> dict[str, tuple[str, ...]]:
        """What it concerns, by `rule`, `data`, `purpose`, `recipient` and `choice`."""
        told = {
            key: getattr(self, key) for key in ("rule", "data", "purpose", "recipient", "choice")
        }
        return {key: names for key, names in told.items() if names is not None}


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
    changes: tuple[DecidedChange, ...] = Field(
        (), description="decisions on what changes since the version before ask of people"
    )

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
