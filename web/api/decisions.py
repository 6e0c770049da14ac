"""Decisions: may this be collected, used, shared? A deny is an answer, not an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import orjson
from pydantic import BaseModel, Field

from engine.decisions.decision import Request
from engine.enforcement.answer import Answer
from web.api.answering import Ask, Voice, answer, json
from web.api.operations import Operation
from web.api.reading import NO_CONTROLS, Strict, Subject, Term, parse

MOST_AT_ONCE = 1000

Optional = Annotated[str, Field(max_length=200, pattern=NO_CONTROLS.replace("+", "*"))]


class Question(Strict):
    """What is asked. `use` and `share` name a purpose, `share` a recipient; a name may be a parent."""

    operation: Literal["collect", "use", "share"]
    category: Term = Field(description="a category of data, or a parent of several")
    purpose: Optional = Field("", description="what for; `collect` may leave it out")
    recipient: Optional = Field("", description="with whom; only for `share`")

    def request(self) -> Request:
        """The question as the engine asks it."""
        return Request(self.operation, self.category, self.purpose, self.recipient)


Signals = Annotated[
    tuple[Term, ...],
    Field(
        max_length=20,
        description="what the browser signals with this very request: `gpc` for `Sec-GPC: 1`",
    ),
]


class DecisionQuestion(Question):
    """One question about one person; without `subject` every fact about them is unknown."""

    subject: Subject | None = Field(None, description="the person's id on the platform")
    signals: Signals | None = None
    by_api_key: bool = Field(
        False, description="the person's own API key is at work, not the person after a login"
    )


class DecisionBatch(Strict):
    """Several questions about one person, answered from one reading of the facts."""

    subject: Subject | None = None
    signals: Signals | None = None
    by_api_key: bool = False
    requests: Annotated[tuple[Question, ...], Field(min_length=1, max_length=MOST_AT_ONCE)]


class Asked(BaseModel):
    """A question, with empty text for what was not asked."""

    operation: str
    category: str
    purpose: str
    recipient: str


class MissingFact(BaseModel):
    """A fact that would have to be otherwise for a permit."""

    kind: str
    values: list[str]
    wanted: bool
    known: bool
    label: str
    words: str


class Leaf(BaseModel):
    """The answer for one part of a request that names a parent."""

    request: Asked
    effect: Literal["permit", "deny"]
    rule: str | None
    clauses: list[str]
    missing: list[str]


class DecidedBy(BaseModel):
    """The version of the policy that decided."""

    name: str
    version: str
    digest: str


class Judgement(BaseModel):
    """What the policy says."""

    effect: Literal["permit", "deny"]
    request: Asked
    rule: str | None = Field(description="the rule that decided, or the nearest one")
    clauses: list[str]
    basis: str | None
    obligations: list[str] = Field(description="`log`, or `warn CLAUSE`")
    by_default: bool
    lacks: Literal["facts", "category", "purpose", "recipient"] | None
    missing: list[MissingFact]
    leaf: Asked
    leaves: list[Leaf]
    policy: DecidedBy
    reason: str


class DecisionAnswer(Judgement):
    """The answer. A caller that cannot meet every obligation must treat a permit as a deny."""

    effect: Literal["permit", "deny"] = Field(description="what the caller is to do")
    mode: Literal["enforce", "shadow"] = Field(
        description="in `shadow` nothing is denied to this caller; it is only logged"
    )
    would: Literal["permit", "deny"] = Field(description="what the policy says")


class DecisionAnswers(BaseModel):
    """The answers in the order of the questions."""

    decisions: list[DecisionAnswer]


def read_one(raw: bytes) -> Ask:
    """A body of `/v1/decisions`; InvalidInput names the field that is wrong."""
    return _one(parse(DecisionQuestion, raw))


def read_batch(raw: bytes) -> Ask:
    """A body of `/v1/decisions/batch`."""
    return _several(parse(DecisionBatch, raw))


def tell_one(answers: Sequence[Answer]) -> bytes:
    """The one answer as JSON."""
    return VOICE.say(answers[0])


def tell_batch(answers: Sequence[Answer]) -> bytes:
    """The answers as JSON."""
    return b'{"decisions":[%b]}' % b",".join(map(VOICE.say, answers))


def _one(question: DecisionQuestion) -> Ask:
    return Ask((question.request(),), question.subject, question.by_api_key, question.signals)


def _several(batch: DecisionBatch) -> Ask:
    asked = [question.request() for question in batch.requests]
    return Ask(asked, batch.subject, batch.by_api_key, batch.signals)


VOICE = Voice(lambda answer: orjson.dumps(answer.as_dict()))


def operations() -> list[Operation]:
    """`/v1/decisions` and its batch."""
    return [
        Operation(
            "POST",
            "/v1/decisions",
            "decisions",
            "May this be done with a person's data?",
            lambda call: json(tell_one(answer(call, _one(call.body)))),
            DecisionAnswer,
            body=DecisionQuestion,
            scope="decide",
            example={
                "operation": "use",
                "category": "usage.content",
                "purpose": "improve.quality-analysis",
                "subject": "42",
            },
            describe="A deny is 200 with `effect: deny`. Names that the policy does not know deny.",
        ),
        Operation(
            "POST",
            "/v1/decisions/batch",
            "decisions",
            "Several questions about one person",
            lambda call: json(tell_batch(answer(call, _several(call.body)))),
            DecisionAnswers,
            body=DecisionBatch,
            scope="decide",
            example={
                "subject": "42",
                "requests": [
                    {"operation": "collect", "category": "usage.call"},
                    {
                        "operation": "share",
                        "category": "usage.content",
                        "purpose": "provide-service",
                        "recipient": "upstream",
                    },
                ],
            },
        ),
    ]
