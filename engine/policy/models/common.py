"""The pieces that every rule file shares: names, lists of one, guards, obligations, the base of a rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
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
from engine.policy.durations import (
    Anchor,
    Duration,
    Keep,
    MonthDay,
    parse_answer_within,
    parse_keep,
)

EVERYTHING = "everything"
EVERYONE = "everyone"
UNSTATED = "unstated"


def exclusive(*groups: tuple[str, ...]) -> dict[str, Any]:
    """The JSON Schema of "exactly one of these groups of keys"."""
    whole = [{"required": list(group)} for group in groups]
    others = [
        sorted({key for other in groups if other != group for key in other}) for group in groups
    ]
    none_of = [[{"required": [key]} for key in keys] for keys in others]
    return {
        "oneOf": [
            {**wanted, "not": {"anyOf": unwanted}}
            for wanted, unwanted in zip(whole, none_of, strict=True)
        ]
    }


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$", max_length=64)]
DOTTED = r"^[a-z0-9]+([-_.][a-z0-9]+)*$"
DottedName = Annotated[str, StringConstraints(pattern=DOTTED, max_length=200)]
CLAUSE = r"^([0-9]+(\.[0-9]+)*(\.[a-z]{1,2})?|unstated)$"
ClauseId = Annotated[
    str,
    StringConstraints(pattern=CLAUSE, max_length=32),
    # An editor reads 3.1 as a number.
    WithJsonSchema({"type": ["string", "number"], "pattern": CLAUSE, "maxLength": 32}),
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
        if isinstance(value, dict | list):
            raise ValueError("expected one value, such as text")
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
            "$comment": description,
            "pattern": pattern,
            "examples": list(examples),
        }
    )


# One of something has no `s`, and a number no zeros before it.
_LENGTH = r"(1 (hour|day|week|month|year)|(0|[2-9]|[1-9][0-9]{1,5}) (hour|day|week|month|year)s)"
_EVENT = r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+"
_MONTH_DAY = (
    "^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
    "|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|[12][0-9]))$"
)

DurationText = Annotated[
    Duration,
    _parsed(Duration.parse),
    _schema(
        "hours, days, weeks, months or years: `90 days`", f"^{_LENGTH}$", "90 days", "24 months"
    ),
]
KeepText = Annotated[
    Keep,
    _parsed(parse_keep),
    _schema(
        "a length of time; or `as required by law`; or `indefinitely`",
        f"^({_LENGTH}|as required by law|indefinitely)$",
        "90 days",
        "as required by law",
    ),
]
AnswerText = Annotated[
    Keep,
    _parsed(parse_answer_within),
    _schema(
        "a length of time; or `as required by law`",
        f"^({_LENGTH}|as required by law)$",
        "14 days",
        "as required by law",
    ),
]
AnchorText = Annotated[
    Anchor,
    _parsed(Anchor.parse),
    _schema(
        "an event; or `end of the month|year|fiscal year of EVENT`",
        f"^(end of the (month|year|fiscal year) of )?{_EVENT}$",
        "record.created",
        "end of the year of invoice.paid",
    ),
]


def _day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise InvalidInput(f"`{text}` is not a date; write it as 2026-04-03")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"`{text}` is not a date of the calendar") from None


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise InvalidInput(f"`{text}` is neither `true` nor `false`")
    return text == "true"


def _age(text: str) -> int:
    if not re.fullmatch(_AGE, text):
        raise InvalidInput(f"`{text}` is not an age from 1 to 150")
    return int(text)


_AGE = "[1-9][0-9]?|1[0-4][0-9]|150"

DayText = Annotated[
    date,
    _parsed(_day),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "$comment": "a date: `2026-04-03`",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        }
    ),
]
AgeText = Annotated[
    int,
    _parsed(_age),
    WithJsonSchema(
        {
            "type": ["integer", "string"],
            "$comment": "whole years",
            "minimum": 1,
            "maximum": 150,
            "pattern": f"^({_AGE})$",
        }
    ),
]
FlagText = Annotated[
    bool,
    _parsed(_flag),
    WithJsonSchema({"enum": [True, False, "true", "false"], "$comment": "`true` or `false`"}),
]
ValueText = Annotated[str, WithJsonSchema({"type": ["string", "number", "boolean"]})]
"""A value as a store has it: an editor may read it as a number; here it is text."""

MonthDayText = Annotated[
    MonthDay, _parsed(MonthDay.parse), _schema("a month and day: `12-31`", _MONTH_DAY, "12-31")
]


class _SingleToo:
    """In the JSON Schema too, a list may be written as its only item."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(core_schema)
        return {"anyOf": [many["items"], {**many, "minItems": 1}]}


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


PlaceText = Annotated[
    str,
    WithJsonSchema({"type": "string", "$comment": "a place, such as `DE`, `EU` or `US-CA`"}),
]
"""A place that is looked up: one that nobody knows is a finding of its own."""


class Guard(Strict):
    """When a rule applies: keys are ANDed, the values of one key ORed."""

    subject: OneOrMore[Name] | None = Field(
        None, description="which type of person", examples=["customer", ["child", "guardian"]]
    )
    region: OneOrMore[PlaceText] | None = Field(
        None,
        description="where the person is: a country, a subdivision, or a group of countries",
        examples=["DE", "US-CA", ["EU", "GB"]],
    )
    account: OneOrMore[AccountState] | None = Field(
        None, description="the state of the account", examples=["active", ["active", "suspended"]]
    )
    choice: OneOrMore[Name] | None = Field(
        None, description="a choice that the person has on", examples=["suggestions"]
    )
    age_below: AgeText | None = Field(
        None, alias="age below", description="the person is younger than this", examples=[16]
    )
    signal: OneOrMore[Name] | None = Field(
        None, description="a signal that the person's browser sends", examples=["gpc"]
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


_WARN = {
    "type": ["string", "number"],
    "pattern": CLAUSE,
    "maxLength": 32,
    "description": "the clause with which the person is warned",
    "examples": ["4.e"],
}
ObligationText = Annotated[
    Obligation,
    BeforeValidator(_obligation),
    WithJsonSchema(
        {
            "anyOf": [
                {"const": "log"},
                {
                    "type": "object",
                    "properties": {"warn": _WARN},
                    "required": ["warn"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]


class Cited(Strict):
    """Anything with an id that keeps a promise of the text."""

    id: Name = Field(
        description="a name of its own, unique in this version", examples=["api-call-logs-90-days"]
    )
    clause: OneOrMore[ClauseId] = Field(
        description="the clause or clauses that it keeps; `unstated` if the text has none",
        examples=["5.b", ["1.2.c", "2.d"], "unstated"],
    )
    decided_by: Text | None = Field(
        None,
        alias="decided by",
        description="who decided what the text leaves open",
        examples=["privacy officer"],
    )
    reason: Text | None = Field(
        None,
        description="why, where the text leaves it open",
        examples=["long enough to look into a fault that a customer reports"],
    )

    @property
    def unstated(self) -> bool:
        """Whether the text says nothing of this."""
        return UNSTATED in self.clause

    @property
    def decision(self) -> str:
        """Who decided it, and why, as far as it says: `by the privacy officer: the text is short`."""
        by = f"by {self.decided_by}" if self.decided_by else ""
        return ": ".join(filter(None, (by, self.reason)))


DATA: dict[str, Any] = {
    "description": "categories of data (a parent covers its children), or `everything`",
    "examples": [["usage.call"], ["account", "payment.token"], "everything"],
}


class Rule(Cited):
    """What rules about data share: the categories, the conditions, the obligations."""

    data: OneOrMore[DottedName] = Field(**DATA)
    when: Guard | None = Field(
        None,
        description="the rule applies only if all of this holds",
        examples=[{"region": "EU"}, {"account": ["active", "suspended"]}],
    )
    unless: Guard | None = Field(
        None,
        description="the rule does not apply if all of this holds",
        examples=[{"age below": 16}, {"signal": "gpc"}],
    )
    allow: Literal["never"] | None = Field(
        None, description="`never` makes the rule a prohibition", examples=["never"]
    )
    must: tuple[ObligationText, ...] = Field(
        (),
        description="what the caller must do besides: log it, or warn the person with a clause",
        examples=[["log"], [{"warn": "4.e"}]],
    )

    @property
    def denies(self) -> bool:
        """Whether this is a prohibition."""
        return self.allow == "never"
