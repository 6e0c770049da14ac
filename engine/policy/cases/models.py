"""The files of tests and their cases, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from engine.policy.cases.moments import DueText, MomentText
from engine.policy.models.common import (
    AccountState,
    ClauseId,
    DottedName,
    Name,
    ObligationText,
    OneOrMore,
    Strict,
    Text,
)
from engine.policy.models.cookies import CookieName
from engine.policy.models.header import Region, VersionName
from engine.policy.models.retention import Action
from engine.policy.models.rights import Right

ROW = "row"
"""What an expectation calls the row as a whole; of a category, all that there is."""

OnOff = Literal["on", "off"]


def _by_action(value: Any) -> Any:
    return {"delete": value} if isinstance(value, str) else value


DueByAction = Annotated[dict[Action, DueText], BeforeValidator(_by_action)]


class Given(Strict):
    """Facts about the person; one that is not given is unknown."""

    subject: Name | None = Field(None, description="which type of person")
    region: Region | None = Field(None, description="where the person is, such as DE or US-CA")
    account: AccountState | None = None
    age: Annotated[int, Field(ge=0, le=150)] | None = None
    choice: dict[Name, OnOff] | None = Field(None, description="choice: on or off")
    explicit: tuple[Name, ...] | None = Field(
        None, description="the choices among those on that were given explicitly"
    )
    said_by: Literal["self", "guardian"] | None = Field(
        None,
        alias="said by",
        description="who turned the choices on: a child's own yes does not count",
    )
    signal: tuple[Name, ...] | None = Field(None, description="what the browser sends: `[gpc]`")
    objected: tuple[DottedName, ...] | None = Field(
        None, description="purposes that the person objects to; `[]`: none"
    )
    restricted: Literal["yes", "no"] | None = None
    restricted_data: tuple[DottedName, ...] | None = Field(
        None, alias="restricted data", description="categories, besides a person who is restricted"
    )
    agreed: VersionName | Literal["no", "yes"] | None = Field(
        None, description="the version agreed to last; `yes`: the one that is tested"
    )
    unknown: (
        OneOrMore[Literal["subject", "region", "account", "age", "signal", "objected"]] | None
    ) = Field(None, description="facts that the file gives and this case does not know")

    def replaced_by(self, other: Given) -> Given:
        """These facts, with those that the other gives in their place."""
        told = {key: getattr(other, key) for key in other.model_fields_set}
        return self.model_copy(update=told | dict.fromkeys(other.unknown or ()))

    def of_version(self, version: str) -> Given:
        """The same, where `agreed: yes` is said of this version."""
        return self.model_copy(update={"agreed": version}) if self.agreed == "yes" else self


class Case(Strict):
    """What every case has: a name that states the fact it proves, and its facts."""

    name: Text = Field(description="a sentence that says what must be so")
    given: Given = Given()


class DecisionCase(Case):
    """May this be collected, used or shared? With the answer that must come."""

    collect: DottedName | None = None
    use: DottedName | None = None
    share: DottedName | None = None
    purpose: DottedName | None = Field(None, alias="for")
    recipient: DottedName | None = Field(None, alias="with")
    expect: Literal["permit", "deny"]
    by: Name | None = Field(None, description="the rule that decides, or the nearest one")
    leaf: DottedName | None = Field(None, description="the part of the request that decided")
    missing: tuple[Text, ...] | None = Field(
        None, description="what would have made it a permit, such as `choice NAME`"
    )
    must: tuple[ObligationText, ...] | None = Field(
        None, description="what the caller has to do besides"
    )

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


class RetentionCase(Case):
    """When is a row of a dataset due, and what in it earlier? A field not listed goes with the row."""

    dataset: Text | None = Field(None, description="a dataset of the data map")
    category: DottedName | None = Field(
        None,
        description="or a category, wherever it lies: `expect` then says when the `row` is due",
    )
    events: dict[DottedName, MomentText] = Field(description="what happened, and when")
    held: OneOrMore[Name] = Field((), description="holds, or statutes, for which it is held back")
    expect: dict[Text, DueByAction] = Field(
        description="`row`, or a field: when each action is due"
    )

    @model_validator(mode="after")
    def _one_place(self) -> RetentionCase:
        if (self.dataset is None) == (self.category is None):
            raise ValueError("a case is about a `dataset` or about a `category`: name one")
        if self.category is not None and set(self.expect) != {ROW}:
            raise ValueError(
                "of a `category`, `expect` says when the `row` is due, and nothing else"
            )
        return self


class Saying(Strict):
    """What a person said to a choice, and when."""

    is_: OnOff = Field(alias="is")
    since: MomentText


class GateCase(Case):
    """What must a person settle at login? With the version agreed to (`given: {agreed: …}`)."""

    on: MomentText | None = Field(
        None, description="now; the day on which the version takes effect, if not given"
    )
    declined: VersionName | None = Field(None, description="the version that the person declined")
    said: dict[Name, Saying] = Field({}, description="choice: what the person said, since when")
    expect: Literal["ok", "agree", "reconfirm", "declined"]
    asked: tuple[Name, ...] | None = Field(None, description="the choices that are asked beside it")
    told: tuple[ClauseId, ...] | None = Field(
        None, description="clauses that the changes told of must name"
    )
    choices: dict[Name, OnOff] | None = Field(None, description="how choices stand then")


class DeadlineCase(Case):
    """By when must a request be answered?"""

    right: Right
    received: MomentText
    verified: MomentText | None = Field(None, description="when it was proved who asks")
    extended: Literal["yes", "no"] = "no"
    expect: DueText = Field(description="the last moment; `through DAY` where a whole day counts")
    by: Literal["law", "policy"] | None = Field(None, description="which of the two sets it")
    law: Name | None = Field(None, description="the regime that applies, such as `eu`")
    target: DueText | None = Field(None, description="our own aim, which lies earlier")
    cooling: DueText | None = Field(
        None, alias="cooling off", description="until when the person may still change their mind"
    )


class CookieCase(Case):
    """May this cookie be set?"""

    cookie: CookieName
    expect: Literal["permit", "deny"]
    by: Name | None = Field(None, description="the rule that lists it")


Versions = Annotated[
    OneOrMore[VersionName],
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "description": "the version, or each version, that must answer so",
            "examples": ["2026-04-03", ["2026-04-03", "2026-10-01"]],
        }
    ),
]


class CaseFile(Strict):
    """One file of tests."""

    version: Versions
    given: Given = Given()
    decisions: tuple[DecisionCase, ...] = ()
    retention: tuple[RetentionCase, ...] = ()
    gates: tuple[GateCase, ...] = ()
    deadlines: tuple[DeadlineCase, ...] = ()
    cookies: tuple[CookieCase, ...] = ()

    def facts_of(self, case: Case, version: str) -> Given:
        """What is given in a case when a version is tested."""
        return self.given.replaced_by(case.given).of_version(version)
