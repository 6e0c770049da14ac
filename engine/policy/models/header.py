"""`policy.yaml`: which policy and version this is, whose, since when, and what was accepted."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, StringConstraints, field_validator

from engine.policy.durations import CALENDAR_YEAR_END
from engine.policy.models.common import (
    CLAUSE,
    ClauseId,
    DayText,
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

    name: Text | None = Field(
        None, description="the company's legal name", examples=["Example Shop Ltd"]
    )
    address: Text | None = Field(
        None, description="the postal address", examples=["1 Example Street, Dublin"]
    )
    country: Country | None = Field(
        None,
        description="where it is established: which statutes bind it, and what counts as abroad",
        examples=["DE"],
    )
    email: Text | None = Field(
        None, description="where people write to", examples=["privacy@example.com"]
    )
    url: Text | None = Field(None, description="its website", examples=["https://example.com"])
    phone: Text | None = Field(None, description="its telephone", examples=["+49 30 123456"])


def _about(what: str, example: str) -> Any:
    return Field(None, description=f"only the finding about this {what}", examples=[example])


class Accepted(Strict):
    """An officer's decision to live with a finding. It matches when every name that it gives is equal."""

    finding: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z_]+$")] = Field(
        description="the finding's code", examples=["RECIPIENT_UNNAMED"]
    )
    reason: Text = Field(
        description="why that is in order for now", examples=["named with the next revision"]
    )
    review: DayText = Field(
        description="when this is looked at again; after that it is a finding itself",
        examples=["2027-04-01"],
    )
    decide: Literal["law", "policy"] | None = Field(
        None,
        description="for a conflict with a statute: which of the two is followed",
        examples=["law"],
    )
    rule: Name | None = _about("rule", "device-90-days")
    statute: Name | None = _about("statute", "cn-network-logs")
    clause: ClauseId | None = _about("clause", "2.d")
    data: DottedName | None = _about("category", "usage.content")
    purpose: DottedName | None = _about("purpose", "improve.quality-analysis")
    recipient: DottedName | None = _about("recipient", "cloud")
    right: Name | None = _about("right", "objection")
    choice: Name | None = _about("choice", "suggestions")

    def names(self) -> dict[str, str]:
        """What it concerns: the same keys as `Finding.about`."""
        told = self.model_dump(exclude_none=True)
        return {
            key: told[key] for key in told if key not in {"finding", "reason", "review", "decide"}
        }


def _only(what: str, example: str) -> Any:
    return Field(
        None,
        description=f"only a change that concerns no other {what} than these",
        examples=[example],
    )


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
        description="what it asks of people instead", examples=["notice"]
    )
    reason: Text = Field(description="why", examples=["a day longer, for leap years"])
    decided_by: Text = Field(
        alias="decided by", description="who decided it", examples=["privacy officer"]
    )
    rule: OneOrMore[Name] | None = _only("rules", "api-call-logs-90-days")
    data: OneOrMore[DottedName] | None = _only("categories", "usage.content")
    purpose: OneOrMore[DottedName] | None = _only("purposes", "improve.quality-analysis")
    recipient: OneOrMore[DottedName] | None = _only("recipients", "cloud")
    choice: OneOrMore[Name] | None = _only("choices", "suggestions")

    def names(self) -> dict[str, tuple[str, ...]]:
        """What it concerns, by `rule`, `data`, `purpose`, `recipient` and `choice`."""
        told = {
            key: getattr(self, key) for key in ("rule", "data", "purpose", "recipient", "choice")
        }
        return {key: names for key, names in told.items() if names is not None}


class Header(Strict):
    """`policy.yaml`."""

    policy: Name = Field(
        description="the policy's name, the same in every version", examples=["aicodewith"]
    )
    version: VersionName = Field(
        description="the version's name: its date, and the name of its folder",
        examples=["2026-04-03", "2026-04-03-2"],
    )
    effective: DayText = Field(
        description="the first day on which it applies", examples=["2026-04-03"]
    )
    timezone: str = Field(
        description="the time zone of days and ends of periods, as in the tz database",
        examples=["Europe/Berlin", "Asia/Shanghai"],
    )
    controller: Controller = Field(
        Controller(),
        description="who is responsible",
        examples=[{"name": "Example Shop Ltd", "country": "DE", "email": "privacy@example.com"}],
    )
    jurisdictions: OneOrMore[Region] = Field(
        description="whose law applies: it sets what must be said and by when requests are answered",
        examples=[["EU"], ["CN", "EU", "US-CA"]],
    )
    fiscal_year_ends: MonthDayText = Field(
        CALENDAR_YEAR_END,
        alias="fiscal year ends",
        description="the last day of the controller's fiscal year; 12-31 if not given",
        examples=["03-31"],
    )
    informative: dict[ClauseId, Text] = Field(
        {},
        description="clauses that promise nothing, each with the reason",
        examples=[{"0.b": "a welcome"}],
        json_schema_extra={"propertyNames": {"pattern": CLAUSE}},
    )
    accepted: tuple[Accepted, ...] = Field(
        (),
        description="findings that we live with until a review",
        examples=[
            [
                {
                    "finding": "VAGUE_TERM",
                    "clause": "3.b",
                    "reason": "read as the controls listed in controls.yaml",
                    "review": "2027-04-01",
                }
            ]
        ],
    )
    changes: tuple[DecidedChange, ...] = Field(
        (),
        description="decisions on what changes since the version before ask of people",
        examples=[
            [
                {
                    "change": "retention.longer",
                    "consequence": "notice",
                    "reason": "a day longer, for leap years",
                    "decided by": "privacy officer",
                }
            ]
        ],
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
