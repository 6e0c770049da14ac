"""Rights requests, filed and followed from a service's own pages.

A key may file a request for anybody; nothing is done before the person has entered the code that is sent to
their own address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from engine.access.codes import CODES_FOR_ADDRESS
from engine.errors import Unavailable
from engine.rights.service import Case, RightsService
from engine.rights.store import Moved, Outcome
from web.api.operations import Call, Operation
from web.api.reading import Language, Strict, Subject, Term

SOURCE = "api"


class RequestFiled(Strict):
    """What a person asks for.

    `details`: for a correction the new value by category, for an objection `purpose`, for a withdrawal
    `choice`, for a complaint `text`.
    """

    subject: Subject
    right: Term
    details: Annotated[
        dict[Term, Annotated[str, Field(max_length=4000)]], Field(max_length=100)
    ] = Field(default_factory=dict)
    language: Language = "en"


class Code(Strict):
    """The code from the person's e-mail; only its digits count, so `123 456` and `123-456` are the same."""

    subject: Subject
    code: Annotated[str, Field(min_length=6, max_length=200)]


class Whose(Strict):
    """Whose requests."""

    subject: Subject


class PerhapsWhose(Strict):
    """Whose it must be; anybody's if not given."""

    subject: Subject | None = None


class Step(BaseModel):
    """One line of a request's history."""

    step: str
    before: str
    after: str
    by: str
    reason: str | None
    at: datetime


class DataOutcome(BaseModel):
    """What became of one category in one dataset, and why some of it was kept."""

    dataset: str
    category: str
    outcome: str
    rows: int
    exemption: str | None
    statute: str | None
    until: datetime | None


class RequestAnswer(BaseModel):
    """Where a request stands. `legal_due` is the law's deadline, `target_due` the policy's."""

    id: str
    subject: str
    right: str
    status: str
    now: str
    next: str
    next_by: datetime | None
    received_at: datetime
    legal_due: datetime
    target_due: datetime
    overdue: bool
    package_until: datetime | None
    answer: str | None
    history: list[Step]
    outcomes: list[DataOutcome]


class RequestList(BaseModel):
    """A person's requests, the newest first."""

    requests: list[RequestAnswer]


def operations() -> list[Operation]:
    """`/v1/requests`."""
    return [
        Operation(
            "POST",
            "/v1/requests",
            "rights",
            "File a request for a person",
            file,
            RequestAnswer,
            body=RequestFiled,
            scope="rights",
            status=201,
            writes=True,
            example={"subject": "42", "right": "export"},
            describe="The person gets a code by e-mail; nothing is done before it was entered.",
        ),
        Operation(
            "GET",
            "/v1/requests",
            "rights",
            "The requests of a person",
            requests,
            RequestList,
            query=Whose,
            scope="rights",
            example={"subject": "42"},
        ),
        Operation(
            "GET",
            "/v1/requests/{id}",
            "rights",
            "Where a request stands",
            request,
            RequestAnswer,
            query=PerhapsWhose,
            scope="rights",
        ),
        Operation(
            "POST",
            "/v1/requests/{id}/code",
            "rights",
            "Enter the code that the person was sent",
            verify,
            RequestAnswer,
            body=Code,
            scope="rights",
            writes=True,
            example={"subject": "42", "code": "123456"},
        ),
        Operation(
            "POST",
            "/v1/requests/{id}/cancellation",
            "rights",
            "Take a request back, while nothing has begun",
            cancel,
            RequestAnswer,
            body=Whose,
            scope="rights",
            writes=True,
            example={"subject": "42"},
        ),
    ]


def file(call: Call) -> RequestAnswer:
    """File a request; the code goes to the person's own address.

    TooManyRequests when codes go to a person too often: filing, guessing and taking back in turn would
    find a code out in the end.
    """
    filed: RequestFiled = call.body
    call.services.access.limits.check(CODES_FOR_ADDRESS, f"holder {filed.subject}")
    return _answer(
        _rights(call).file(
            filed.subject, filed.right, filed.details, source=SOURCE, language=filed.language
        )
    )


def requests(call: Call) -> RequestList:
    """A person's requests."""
    found = _rights(call).of_subject(call.query.subject)
    return RequestList(requests=[_answer(case) for case in found])


def request(call: Call) -> RequestAnswer:
    """One request."""
    rights, subject = _rights(call), call.query.subject
    id_ = call.path["id"]
    return _answer(rights.case(id_) if subject is None else rights.get(subject, id_))


def verify(call: Call) -> RequestAnswer:
    """Confirm a request by its code."""
    return _answer(_rights(call).verify(call.body.subject, call.path["id"], call.body.code))


def cancel(call: Call) -> RequestAnswer:
    """Take a request back."""
    return _answer(_rights(call).cancel(call.body.subject, call.path["id"]))


def _rights(call: Call) -> RightsService:
    rights: RightsService | None = call.services.rights
    if rights is None:
        raise Unavailable("rights requests are not offered here")
    return rights


def _answer(case: Case) -> RequestAnswer:
    return RequestAnswer(
        id=case.id,
        subject=case.request.subject_id,
        right=case.right,
        status=case.status.value,
        now=case.progress.now,
        next=case.progress.next,
        next_by=case.progress.by,
        received_at=case.received_at,
        legal_due=case.legal_due,
        target_due=case.target_due,
        overdue=case.overdue,
        package_until=case.package_until,
        answer=case.request.answer,
        history=_history(case.history),
        outcomes=_outcomes(case.outcomes),
    )


def _history(moves: Iterable[Moved]) -> list[Step]:
    """Who moved it is told by their role; an officer's name is nobody else's business."""
    return [
        Step(
            step=move.step.value,
            before=move.before.value,
            after=move.after.value,
            by=move.actor.value,
            reason=move.reason,
            at=move.at,
        )
        for move in moves
    ]


def _outcomes(outcomes: Iterable[Outcome]) -> list[DataOutcome]:
    values: list[dict[str, Any]] = [
        {name: getattr(outcome, name) for name in DataOutcome.model_fields} for outcome in outcomes
    ]
    return [DataOutcome(**value) for value in values]
