"""A policy's own tests, `tests/*.yaml`: what a version must answer, as an officer writes it.

A file names its `version`, the facts `given` in every case, and then `decisions` and `retention` cases.
A case replaces the facts that it names; a fact given nowhere is unknown. This module reads and checks the
files; running the cases is for those who decide and plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from engine.errors import InvalidInput, did_you_mean
from engine.policy.findings import Finding, error
from engine.policy.models.common import (
    EVERYTHING,
    AccountState,
    DottedName,
    Name,
    ObligationText,
    Strict,
    Text,
)
from engine.policy.models.header import Region, VersionName
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.policy.source import Document, Key, read_file
from engine.policy.validate import validate

_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d)( UTC)?")
_THROUGH = re.compile(r"through (\d{4}-\d\d-\d\d)")
NEVER = "never"
ROW = "row"


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


def _by_action(value: Any) -> Any:
    return {"delete": value} if isinstance(value, str) else value


MomentText = Annotated[Moment, _read(Moment.parse)]
DueText = Annotated[Due, _read(Due.parse)]
DueByAction = Annotated[dict[Action, DueText], BeforeValidator(_by_action)]


class Given(Strict):
    """Facts about the person; one that is not given is unknown."""

    subject: Name | None = None
    region: Region | None = None
    account: AccountState | None = None
    age: Annotated[int, Field(ge=0, le=150)] | None = None
    choice: dict[Name, Literal["on", "off"]] | None = None
    signal: tuple[Name, ...] | None = None
    objected: tuple[DottedName, ...] | None = None
    restricted: Literal["yes", "no"] | None = None
    restricted_data: tuple[DottedName, ...] | None = Field(
        None, alias="restricted data", description="categories, besides a person who is restricted"
    )
    agreed: VersionName | Literal["no"] | None = None

    def replaced_by(self, other: Given) -> Given:
        """These facts, with those that the other gives in their place."""
        return self.model_copy(update={key: getattr(other, key) for key in other.model_fields_set})


class DecisionCase(Strict):
    """May this be collected, used or shared? With the answer that must come."""

    name: Text
    collect: DottedName | None = None
    use: DottedName | None = None
    share: DottedName | None = None
    purpose: DottedName | None = Field(None, alias="for")
    recipient: DottedName | None = Field(None, alias="with")
    given: Given = Given()
    expect: Literal["permit", "deny"]
    by: Name | None = Field(None, description="the rule that decides, or the nearest one")
    leaf: DottedName | None = Field(None, description="the part of the request that decided")
    missing: tuple[Text, ...] | None = None
    must: tuple[ObligationText, ...] | None = None

    @model_validator(mode="after")
    def _one_question(self) -> DecisionCase:
        if sum(asked is not None for asked in (self.collect, self.use, self.share)) != 1:
            raise ValueError("a case asks one thing: `collect`, `use` or `share`")
        if (self.purpose is None) != (self.collect is not None):
            raise ValueError("`use` and `share` say `for` what; `collect` does not")
        if (self.recipient is None) != (self.share is None):
            raise ValueError("`share`, and only `share`, says `with` whom")
        return self

    @property
    def operation(self) -> Literal["collect", "use", "share"]:
        """Which of the three is asked."""
        return "collect" if self.collect else "use" if self.use else "share"

    @property
    def category(self) -> str:
        """The category that is asked about."""
        return self.collect or self.use or self.share or ""


class RetentionCase(Strict):
    """When is a row of a dataset due, and what in it earlier? A field not listed goes with the row."""

    name: Text
    dataset: Text
    given: Given = Given()
    events: dict[DottedName, MomentText]
    expect: dict[Text, DueByAction] = Field(
        description="`row`, or a field: when each action is due"
    )


class CaseFile(Strict):
    """One file of tests."""

    version: VersionName
    given: Given = Given()
    decisions: tuple[DecisionCase, ...] = ()
    retention: tuple[RetentionCase, ...] = ()


@dataclass(frozen=True)
class LoadedCases:
    """A file of tests, or None when it cannot be used; its document, and what is wrong with it."""

    file: CaseFile | None
    document: Document
    findings: tuple[Finding, ...] = ()


def load_cases(path: Path) -> LoadedCases:
    """Read one file of tests; what is wrong is in `findings`, never an exception."""
    document = read_file(path, str(path))
    if document.findings:
        return LoadedCases(None, document, document.findings)
    file, wrong = validate(CaseFile, document.value, document)
    return LoadedCases(file, document, tuple(wrong))


def check_cases(loaded: LoadedCases, policy: Policy) -> tuple[Finding, ...]:
    """Findings for each name in the decision cases that the policy does not declare."""
    cases = loaded.file.decisions if loaded.file else ()
    return tuple(
        error("UNKNOWN_NAME", f"no {kind} `{name}`{did_you_mean(name, known)}", where)
        for number, case in enumerate(cases)
        for kind, name, known, key in _names(case, policy)
        if name not in known
        for where in [loaded.document.at("decisions", number, *key)]
    )


def _names(
    case: DecisionCase, policy: Policy
) -> Iterator[tuple[str, str, list[str], tuple[Key, ...]]]:
    categories = [*policy.categories.terms, EVERYTHING]
    purposes, recipients = [*policy.purposes.terms], [*policy.recipients.terms]
    yield "category", case.category, categories, (case.operation,)
    if case.purpose:
        yield "purpose", case.purpose, purposes, ("for",)
    if case.recipient:
        yield "recipient", case.recipient, recipients, ("with",)
    if case.by:
        yield "rule", case.by, [rule.id for rule in policy.rules()], ("by",)
    if case.leaf:
        yield (
            "category, purpose or recipient",
            case.leaf,
            categories + purposes + recipients,
            ("leaf",),
        )
    for choice in case.given.choice or ():
        yield "choice", choice, [c.id for c in policy.consent.choices], ("given", "choice", choice)
    for index, purpose in enumerate(case.given.objected or ()):
        yield "purpose", purpose, purposes, ("given", "objected", index)
    for index, category in enumerate(case.given.restricted_data or ()):
        yield "category", category, categories, ("given", "restricted data", index)
