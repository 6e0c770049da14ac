"""The files of tests and their cases, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from engine.policy.cases.given import (
    CookieGiven,
    DeadlineGiven,
    DecisionGiven,
    Facts,
    GateGiven,
    Given,
    KeepingGiven,
    OnOff,
)
from engine.policy.cases.moments import DUE_SCHEMA, DueText, MomentText
from engine.policy.models.common import (
    ClauseId,
    DottedName,
    Name,
    ObligationText,
    OneOrMore,
    Strict,
    Text,
)
from engine.policy.models.cookies import CookieName
from engine.policy.models.header import VersionName
from engine.policy.models.retention import Action
from engine.policy.models.rights import Right

ROW = "row"
"""What an expectation calls the row as a whole; of a category, all that there is."""


def _by_action(value: Any) -> Any:
    return {"delete": value} if isinstance(value, str) else value


def _due_to(action: str) -> dict[str, Any]:
    """The schema of when something is due for one action."""
    return {
        **DUE_SCHEMA,
        "description": f"when it is due to {action}",
        "examples": ["2026-07-30 12:00", "through 2056-12-31", "never"],
    }


DueByAction = Annotated[
    dict[Action, DueText],
    BeforeValidator(_by_action),
    WithJsonSchema(
        {
            "anyOf": [
                DUE_SCHEMA,
                {
                    "type": "object",
                    "properties": {action: _due_to(action) for action in get_args(Action)},
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


def _required(*keys: str) -> list[dict[str, Any]]:
    return [{"required": [key]} for key in keys]


class Case(Strict):
    """What every case has: a name that states the fact it proves, and its facts."""

    name: Text = Field(
        description="a sentence that says what must be so",
        examples=["content is not analysed unless its owner chose so"],
    )
    given: Facts = Field(
        Facts(),
        description="facts that differ from those given for the whole file",
        examples=[{"account": "cancelled"}],
    )


_ONE_QUESTION: dict[str, Any] = {
    "oneOf": [
        {"required": ["collect"], "not": {"anyOf": _required("use", "share", "for", "with")}},
        {"required": ["use", "for"], "not": {"anyOf": _required("collect", "share", "with")}},
        {"required": ["share", "for", "with"], "not": {"anyOf": _required("collect", "use")}},
    ]
}


class DecisionCase(Case):
    """May this be collected, used or shared? With the answer that must come."""

    model_config = ConfigDict(json_schema_extra=_ONE_QUESTION)

    given: DecisionGiven = Field(
        DecisionGiven(),
        description="facts that differ from those given for the whole file",
        examples=[{"account": "cancelled"}],
    )
    collect: DottedName | None = Field(
        None, description="may this category be collected?", examples=["usage.content"]
    )
    use: DottedName | None = Field(
        None, description="may this category be used?", examples=["usage.content"]
    )
    share: DottedName | None = Field(
        None, description="may this category be shared?", examples=["usage.content"]
    )
    purpose: DottedName | None = Field(
        None,
        alias="for",
        description="of `use` and `share`: the purpose",
        examples=["improve.quality-analysis"],
    )
    recipient: DottedName | None = Field(
        None, alias="with", description="of `share`: the recipient", examples=["upstream"]
    )
    expect: Literal["permit", "deny"] = Field(
        description="the answer that must come", examples=["deny"]
    )
    by: Name | None = Field(
        None, description="the rule that decides, or the nearest one", examples=["quality-analysis"]
    )
    leaf: DottedName | None = Field(
        None, description="the part of the request that decided", examples=["payment.card_number"]
    )
    missing: tuple[Text, ...] | None = Field(
        None,
        description="what would have made it a permit",
        examples=[["choice improve-with-my-usage"]],
    )
    must: tuple[ObligationText, ...] | None = Field(
        None,
        description="what the caller has to do besides",
        examples=[["log", {"warn": "4.e"}]],
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


_ONE_PLACE: dict[str, Any] = {
    "oneOf": _required("dataset", "category"),
    "if": {"required": ["category"]},
    "then": {
        "properties": {
            "expect": {"propertyNames": {"const": ROW}, "required": [ROW]},
        }
    },
}


class RetentionCase(Case):
    """When is a row of a dataset due, and what in it earlier? A field not listed goes with the row."""

    model_config = ConfigDict(json_schema_extra=_ONE_PLACE)

    given: KeepingGiven = Field(
        KeepingGiven(),
        description="facts that differ from those given for the whole file",
        examples=[{"account": "cancelled"}],
    )
    dataset: Text | None = Field(
        None, description="a dataset of the data map", examples=["api_calls"]
    )
    category: DottedName | None = Field(
        None,
        description="or a category, wherever it lies: `expect` then says when the `row` is due",
        examples=["usage.call"],
    )
    events: dict[DottedName, MomentText] = Field(
        description="what happened, and when",
        examples=[{"record.created": "2026-05-01 12:00", "account.cancelled": "2026-05-10 09:00"}],
    )
    held: OneOrMore[Name] = Field(
        (),
        description="holds, or statutes, for which it is held back",
        examples=["payment-dispute"],
    )
    expect: dict[Text, DueByAction] = Field(
        description="`row`, or a field: when it is due to be deleted, or when each action is due",
        examples=[{"row": "2026-07-30 12:00", "content": {"anonymise": "2026-05-31 12:00"}}],
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

    is_: OnOff = Field(alias="is", description="what they said", examples=["on"])
    since: MomentText = Field(description="when they said it", examples=["2026-05-01 12:00"])


class GateCase(Case):
    """What must a person settle at login? With the version agreed to (`given: {agreed: …}`)."""

    given: GateGiven = Field(
        GateGiven(),
        description="facts that differ from those given for the whole file",
        examples=[{"agreed": "2026-04-03"}],
    )
    on: MomentText | None = Field(
        None,
        description="now; the day on which the version takes effect, if not given",
        examples=["2026-10-02 09:00"],
    )
    declined: VersionName | None = Field(
        None, description="the version that the person declined", examples=["2026-10-01"]
    )
    said: dict[Name, Saying] = Field(
        {},
        description="what the person said to each choice, and since when",
        examples=[{"suggestions": {"is": "on", "since": "2026-05-01 12:00"}}],
    )
    expect: Literal["ok", "agree", "reconfirm", "declined"] = Field(
        description="what the login must find", examples=["reconfirm"]
    )
    asked: tuple[Name, ...] | None = Field(
        None, description="the choices that are asked beside it", examples=[["suggestions"]]
    )
    told: tuple[ClauseId, ...] | None = Field(
        None,
        description="clauses that the changes told of must name",
        examples=[["4.c"]],
    )
    choices: dict[Name, OnOff] | None = Field(
        None, description="how choices stand then", examples=[{"suggestions": "off"}]
    )


class DeadlineCase(Case):
    """By when must a request be answered?"""

    given: DeadlineGiven = Field(
        DeadlineGiven(),
        description="facts that differ from those given for the whole file",
        examples=[{"region": "DE"}],
    )
    right: Right = Field(description="which right is exercised", examples=["access"])
    received: MomentText = Field(description="when the request came", examples=["2026-05-01 12:00"])
    verified: MomentText | None = Field(
        None, description="when it was proved who asks", examples=["2026-05-03 10:00"]
    )
    extended: Literal["yes", "no"] = Field(
        "no", description="whether the person was told that it takes longer", examples=["yes"]
    )
    expect: DueText = Field(
        description="the last moment; `through DAY` where a whole day counts",
        examples=["through 2026-06-01"],
    )
    by: Literal["law", "policy"] | None = Field(
        None, description="which of the two sets it", examples=["law"]
    )
    law: Name | None = Field(None, description="the regime that applies", examples=["eu"])
    target: DueText | None = Field(
        None, description="our own aim, which lies earlier", examples=["2026-05-15 12:00"]
    )
    cooling: DueText | None = Field(
        None,
        alias="cooling off",
        description="until when the person may still change their mind",
        examples=["2026-05-04 12:00"],
    )


class CookieCase(Case):
    """May this cookie be set?"""

    given: CookieGiven = Field(
        CookieGiven(),
        description="facts that differ from those given for the whole file",
        examples=[{"choice": {"news": "on"}}],
    )
    cookie: CookieName = Field(description="the cookie's name", examples=["session"])
    expect: Literal["permit", "deny"] = Field(
        description="the answer that must come", examples=["deny"]
    )
    by: Name | None = Field(None, description="the rule that lists it", examples=["login"])


class CaseFile(Strict):
    """One file of tests."""

    version: OneOrMore[VersionName] = Field(
        description="the version, or each version, that must answer so",
        examples=["2026-04-03", ["2026-04-03", "2026-10-01"]],
    )
    given: Given = Field(
        Given(),
        description="facts about the person in every case",
        examples=[{"account": "active", "region": "CN"}],
    )
    decisions: tuple[DecisionCase, ...] = Field(
        (),
        description="what may be done, and what not",
        examples=[[{"name": "nothing is sold", "use": "usage", "for": "sell", "expect": "deny"}]],
    )
    retention: tuple[RetentionCase, ...] = Field(
        (),
        description="when rows and fields are due",
        examples=[
            [
                {
                    "name": "a call goes after 90 days",
                    "dataset": "api_calls",
                    "events": {"record.created": "2026-05-01 12:00"},
                    "expect": {"row": "2026-07-30 12:00"},
                }
            ]
        ],
    )
    gates: tuple[GateCase, ...] = Field(
        (),
        description="what a person must settle at login",
        examples=[
            [
                {
                    "name": "who agreed to the version before is asked again",
                    "given": {"agreed": "2026-04-03"},
                    "expect": "reconfirm",
                }
            ]
        ],
    )
    deadlines: tuple[DeadlineCase, ...] = Field(
        (),
        description="by when requests must be answered",
        examples=[
            [
                {
                    "name": "access in the EU within a month",
                    "given": {"region": "DE"},
                    "right": "access",
                    "received": "2026-05-01 12:00",
                    "expect": "through 2026-06-01",
                }
            ]
        ],
    )
    cookies: tuple[CookieCase, ...] = Field(
        (),
        description="which cookies may be set",
        examples=[
            [{"name": "the login needs no consent", "cookie": "session", "expect": "permit"}]
        ],
    )

    def facts_of(self, case: Case, version: str) -> Given:
        """What is given in a case when a version is tested."""
        return self.given.replaced_by(case.given).of_version(version)
