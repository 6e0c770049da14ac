"""Decisions: may this be collected, used, shared? A deny is an answer, not an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from engine.decisions.decision import Decision, Request
from web.api.operations import Call, Operation
from web.api.reading import NO_CONTROLS, Strict, Subject, Term
from web.metrics import DECISIONS
from web.services import Services

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


class DecisionAnswer(BaseModel):
    """The answer. A caller that cannot meet every obligation must treat a permit as a deny."""

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


class DecisionAnswers(BaseModel):
    """The answers in the order of the questions."""

    decisions: list[DecisionAnswer]


def decide(services: Services, question: DecisionQuestion) -> dict[str, Any]:
    """Answer one question."""
    found = services.decisions.decide(
        question.request(),
        question.subject,
        by_api_key=question.by_api_key,
        signals=question.signals,
    )
    return _told(services, (found,))[0]


def decide_batch(services: Services, batch: DecisionBatch) -> dict[str, Any]:
    """Answer several questions about one person."""
    found = services.decisions.decide_all(
        [question.request() for question in batch.requests],
        batch.subject,
        by_api_key=batch.by_api_key,
        signals=batch.signals,
    )
    return {"decisions": _told(services, found)}


def _told(services: Services, decisions: Sequence[Decision]) -> list[dict[str, Any]]:
    """The answers; those whose rule asks for a log are counted before anybody hears them."""
    logged = [d for d in decisions if any(str(duty) == "log" for duty in d.obligations)]
    if services.reports is not None and logged:
        services.reports.asked(*logged)
    for decision in decisions:
        DECISIONS.labels(decision.effect).inc()
    return [decision.as_dict() for decision in decisions]


def operations() -> list[Operation]:
    """`/v1/decisions` and its batch."""
    return [
        Operation(
            "POST",
            "/v1/decisions",
            "decisions",
            "May this be done with a person's data?",
            lambda call: decide(call.services, call.body),
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
            _batch,
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


def _batch(call: Call) -> dict[str, Any]:
    return decide_batch(call.services, call.body)
