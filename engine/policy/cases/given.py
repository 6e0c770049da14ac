"""The facts that a test gives about a person; each kind of case knows those that its answer can hang on."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from engine.policy.cases.moments import YearsText
from engine.policy.models.common import AccountState, DottedName, Name, OneOrMore, Strict
from engine.policy.models.header import Region, VersionName

OnOff = Literal["on", "off"]

_SUBJECT: dict[str, Any] = {"description": "which type of person", "examples": ["customer"]}
_REGION: dict[str, Any] = {"description": "where the person is", "examples": ["DE", "US-CA"]}
_ACCOUNT: dict[str, Any] = {"description": "the state of their account", "examples": ["active"]}
_AGE: dict[str, Any] = {"description": "their age in whole years", "examples": [15]}
_CHOICE: dict[str, Any] = {
    "description": "their choices, each on or off",
    "examples": [{"suggestions": "on"}],
}
_SIGNAL: dict[str, Any] = {
    "description": "what the browser sends; `[]`: nothing",
    "examples": [["gpc"], []],
}
_AGREED: dict[str, Any] = {
    "description": "the version agreed to last; `yes`: the one that is tested",
    "examples": ["2026-04-03", "yes", "no"],
}
_UNKNOWN: dict[str, Any] = {
    "description": "facts that the file gives and this case does not know",
    "examples": ["region", ["age", "region"]],
}
Agreed = VersionName | Literal["no", "yes"]


class Facts(Strict):
    """Facts about the person; one that is not given is unknown."""


class Given(Facts):
    """All facts that there are, as a file gives them for its cases."""

    subject: Name | None = Field(None, **_SUBJECT)
    region: Region | None = Field(None, **_REGION)
    account: AccountState | None = Field(None, **_ACCOUNT)
    age: YearsText | None = Field(None, **_AGE)
    choice: dict[Name, OnOff] | None = Field(None, **_CHOICE)
    explicit: tuple[Name, ...] | None = Field(
        None,
        description="the choices among those on that were given explicitly",
        examples=[["suggestions"]],
    )
    said_by: Literal["self", "guardian"] | None = Field(
        None,
        alias="said by",
        description="who turned the choices on: a child's own yes does not count",
        examples=["guardian"],
    )
    signal: tuple[Name, ...] | None = Field(None, **_SIGNAL)
    objected: tuple[DottedName, ...] | None = Field(
        None,
        description="purposes that the person objects to; `[]`: none",
        examples=[["suggestions"], []],
    )
    restricted: Literal["yes", "no"] | None = Field(
        None, description="whether all processing is restricted (GDPR 18)", examples=["yes"]
    )
    restricted_data: tuple[DottedName, ...] | None = Field(
        None,
        alias="restricted data",
        description="categories, besides a person who is restricted",
        examples=[["usage.content"]],
    )
    agreed: Agreed | None = Field(None, **_AGREED)

    def replaced_by(self, other: Facts) -> Given:
        """These facts, with those that the other gives in their place."""
        told = {key: getattr(other, key) for key in other.model_fields_set}
        unknown = told.pop("unknown", None) or ()
        return self.model_copy(update=told | dict.fromkeys(unknown))

    def of_version(self, version: str) -> Given:
        """The same, where `agreed: yes` is said of this version."""
        return self.model_copy(update={"agreed": version}) if self.agreed == "yes" else self


class DecisionGiven(Given):
    """What decides what may be done: everything."""

    unknown: (
        OneOrMore[Literal["subject", "region", "account", "age", "signal", "objected"]] | None
    ) = Field(None, **_UNKNOWN)


class KeepingGiven(Facts):
    """What decides when data is due."""

    subject: Name | None = Field(None, **_SUBJECT)
    region: Region | None = Field(None, **_REGION)
    account: AccountState | None = Field(None, **_ACCOUNT)
    age: YearsText | None = Field(None, **_AGE)
    choice: dict[Name, OnOff] | None = Field(None, **_CHOICE)
    agreed: Agreed | None = Field(None, **_AGREED)
    unknown: OneOrMore[Literal["subject", "region", "account", "age"]] | None = Field(
        None, **_UNKNOWN
    )


class GateGiven(Facts):
    """What decides what is asked at a login."""

    region: Region | None = Field(None, **_REGION)
    signal: tuple[Name, ...] | None = Field(None, **_SIGNAL)
    agreed: Agreed | None = Field(None, **_AGREED)
    unknown: OneOrMore[Literal["region", "signal"]] | None = Field(
        None, **{**_UNKNOWN, "examples": ["region"]}
    )


class DeadlineGiven(Facts):
    """What decides which law sets a deadline."""

    region: Region | None = Field(None, **_REGION)
    unknown: OneOrMore[Literal["region"]] | None = Field(
        None, **{**_UNKNOWN, "examples": ["region"]}
    )


class CookieGiven(Facts):
    """What decides whether a cookie may be set."""

    choice: dict[Name, OnOff] | None = Field(None, **_CHOICE)
