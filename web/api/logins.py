"""The login gate: may this person go on, and if not, what must they settle, why, and where?"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from engine.consent.gate import Gate
from web.api.operations import Call, Operation
from web.api.reading import Strict, Subject, Term
from web.services import Services


class Login(Strict):
    """Somebody has just logged in to the platform."""

    subject: Subject
    signals: tuple[Term, ...] = Field(
        (),
        max_length=20,
        description="what their browser signals: `gpc` for `Sec-GPC: 1`. What it turns off stays off. "
        "Leave it out where you do not see the browser",
    )


class ToldChange(BaseModel):
    """A change that the person is told of."""

    sentence: str
    clauses: list[str]
    consequence: str


class OpenQuestion(BaseModel):
    """An optional consent that is asked besides; no answer to it holds anybody up."""

    id: str
    ask: str
    clauses: list[str]


class GateAnswer(BaseModel):
    """`ok`: let them in. Otherwise send them to `go_to`, once and within 15 minutes.

    `declined`: they said no to the version in force; it is for the service to decide what they may do
    besides reading, exporting and cancelling.
    """

    ok: bool
    outcome: Literal["ok", "agree", "reconfirm", "declined"]
    version: str
    agreed: str | None
    told: list[ToldChange]
    questions: list[OpenQuestion]
    by_guardian: bool = Field(description="a verified guardian must answer, not the person")
    go_to: str | None


def operations() -> list[Operation]:
    """`/v1/logins`."""
    return [
        Operation(
            "POST",
            "/v1/logins",
            "logins",
            "What must this person settle before going on?",
            login,
            GateAnswer,
            body=Login,
            scope="consent",
            example={"subject": "42", "signals": ["gpc"]},
        )
    ]


def login(call: Call) -> GateAnswer:
    """Ask the gate; whoever is held up gets an address at which they are already known."""
    asked: Login = call.body
    if "signals" in asked.model_fields_set:
        call.services.consent.hear(asked.subject, asked.signals)
    gate = call.services.consent.login(asked.subject, asked.signals)
    go_to = None if gate.ok else _handover(call.services, asked.subject)
    return answer(gate, go_to)


def answer(gate: Gate, go_to: str | None) -> GateAnswer:
    """The gate as the API tells it."""
    return GateAnswer(
        ok=gate.ok,
        outcome=gate.outcome,
        version=gate.version,
        agreed=gate.agreed,
        told=[
            ToldChange(sentence=t.sentence, clauses=list(t.clauses), consequence=t.consequence)
            for t in gate.told
        ],
        questions=[
            OpenQuestion(id=q.id, ask=q.ask, clauses=list(q.clauses)) for q in gate.questions
        ],
        by_guardian=gate.by_guardian,
        go_to=go_to,
    )


def _handover(services: Services, subject: str) -> str:
    """A login link, as it is sent by mail: it works once, and not for long.

    The page behind it shows a button, so that nobody is logged in by an image or a link preview.
    """
    with services.database.begin() as conn:
        issued = services.access.codes.issue(conn, "login", f"handover of {subject}", subject)
    return f"{services.config.base_url}/login/link/{issued.link}"
