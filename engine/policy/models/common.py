"""The pieces that every rule file shares: names, lists of one, guards, obligations, the base of a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from engine.errors import InvalidInput
from engine.policy.durations import Anchor, Duration, Keep, MonthDay, parse_keep

EVERYTHING = "everything"
EVERYONE = "everyone"
UNSTATED = "unstated"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=64)]
DottedName = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]+([-_.][a-z0-9]+)*$", max_length=200)
]
ClauseId = Annotated[
    str, StringConstraints(pattern=r"^([0-9]+(\.[0-9]+)*(\.[a-z]{1,2})?|unstated)$", max_length=32)
]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]

Basis = Literal[
    "consent",
    "explicit consent",
    "contract",
    "legal obligation",
    "vital interests",
    "public task",
    "legitimate interest",
]
AccountState = Literal["none", "active", "suspended", "cancelled"]


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _parsed(parse: Callable[[str], Any]) -> BeforeValidator:
    """Validate by a parser of ours, so that its message reaches the officer unchanged."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value)
        except InvalidInput as problem:
            raise ValueError(str(problem)) from None

    return BeforeValidator(read)


def _schema(description: str, pattern: str, *examples: str) -> WithJsonSchema:
    return WithJsonSchema(
        {
            "type": "string",
            "description": description,
            "pattern": pattern,
            "examples": list(examples),
        }
    )


_LENGTH = r"[0-9]+ (hour|day|week|month|year)s?"

DurationText = Annotated[
    Duration,
    _parsed(Duration.parse),
    _schema("a length of time", f"^{_LENGTH}$", "90 days", "24 months"),
]
KeepText = Annotated[
    Keep,
    _parsed(parse_keep),
    _schema(
        "how long to keep",
        f"^({_LENGTH}|as required by law|indefinitely)$",
        "90 days",
        "as required by law",
    ),
]
AnchorText = Annotated[
    Anchor,
    _parsed(Anchor.parse),
    _schema(
        "the event that the time counts from",
        r"^(end of the (month|year|fiscal year) of )?[a-z0-9._-]+$",
        "record.created",
        "end of the year of invoice.paid",
    ),
]

AgeText = Annotated[
    int,
    Field(ge=1, le=150),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 150},
                {"type": "string", "pattern": "^[0-9]{1,3}$"},
            ],
            "examples": [16],
        }
    ),
]
"""Whole years."""

MonthDayText = Annotated[
    MonthDay, _parsed(MonthDay.parse), _schema("month and day", "^[0-9]{2}-[0-9]{2}$", "12-31")
]


class _SingleToo:
    """In the JSON Schema too, a list may be written as its only item."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(core_schema)
        return {"anyOf": [many["items"], many]}


T = TypeVar("T")
OneOrMore = Annotated[tuple[T, ...], BeforeValidator(_as_list), Field(min_length=1), _SingleToo()]
"""A list, or a single value that stands for a list of one."""


class Strict(BaseModel):
    """Frozen; an unknown key is an error, so that a typing mistake never passes unseen."""

    # Most commands need few of the models: each is built when it is first used.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        arbitrary_types_allowed=True,
        defer_build=True,
    )


class Guard(Strict):
    """When a rule applies: keys are ANDed, the values of one key ORed."""

    subject: OneOrMore[Name] | None = Field(None, description="which type of person")
    region: OneOrMore[str] | None = Field(
        None, description="where the person is: a country, a subdivision, or a group such as EU"
    )
    account: OneOrMore[AccountState] | None = Field(None, description="the state of the account")
    choice: OneOrMore[Name] | None = Field(None, description="a choice that the person has on")
    age_below: AgeText | None = Field(
        None, alias="age below", description="the person is younger than this, in years"
    )
    signal: OneOrMore[Name] | None = Field(
        None, description="a signal that the person's browser sends, such as gpc"
    )


class Obligation(Strict):
    """What the caller must do besides: `log`, or `{warn: CLAUSE}`."""

    kind: Literal["log", "warn"]
    clause: ClauseId | None = None

    def __str__(self) -> str:
        return f"{self.kind} {self.clause}" if self.clause else self.kind


def _obligation(value: Any) -> Any:
    if value == "log":
        return {"kind": "log"}
    if isinstance(value, dict) and set(value) == {"warn"}:
        return {"kind": "warn", "clause": value["warn"]}
    if isinstance(value, Obligation):
        return value
    raise ValueError("an obligation is `log` or `{warn: CLAUSE}`")


ObligationText = Annotated[
    Obligation,
    BeforeValidator(_obligation),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "log"},
                {
                    "type": "object",
                    "properties": {"warn": {"type": "string"}},
                    "required": ["warn"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Cited(Strict):
    """Anything with an id that keeps a promise of the text."""

    id: Name = Field(description="a name of its own, unique in this version")
    clause: OneOrMore[ClauseId] = Field(
        description="the clause or clauses that it keeps; `unstated` if the text has none"
    )
    decided_by: Text | None = Field(
        None, alias="decided by", description="who decided what the text leaves open"
    )
    reason: Text | None = Field(None, description="why, where the text leaves it open")

    @property
    def unstated(self) -> bool:
        """Whether the text says nothing of this."""
        return UNSTATED in self.clause


class Rule(Cited):
    """What rules about data share: the categories, the conditions, the obligations."""

    data: OneOrMore[DottedName] = Field(
        description="categories of data (a parent covers its children), or `everything`"
    )
    when: Guard | None = Field(None, description="the rule applies only if all of this holds")
    unless: Guard | None = Field(None, description="the rule does not apply if all of this holds")
    allow: Literal["never"] | None = Field(None, description="`never` makes the rule a prohibition")
    must: tuple[ObligationText, ...] = Field((), description="what the caller must do besides")

    @property
    def denies(self) -> bool:
        """Whether this is a prohibition."""
        return self.allow == "never"
