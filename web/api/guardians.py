"""Guardians: who was verified to answer in a child's place."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from engine.consent.guardians import Guardianship
from web.api.consents import SOURCE, OfSubject
from web.api.operations import Call, Operation
from web.api.reading import Strict, Subject, Term


class GuardianVerified(Strict):
    """You verified somebody as a child's guardian; `verified_by` is one of the policy's ways."""

    subject: Subject
    guardian: Subject = Field(description="the guardian's id on the platform")
    verified_by: Term


class GuardianEnded(Strict):
    """Somebody is no longer a child's guardian."""

    subject: Subject
    guardian: Subject


class GuardianAnswer(BaseModel):
    """One guardian of one person."""

    id: str
    subject: str
    guardian: str
    verified_by: str
    source: str
    at: datetime


class GuardianAnswers(BaseModel):
    """The verified guardians of a person, the earliest first."""

    guardians: list[GuardianAnswer]


def operations() -> list[Operation]:
    """`/v1/guardians`."""
    example = {"subject": "child:17", "guardian": "4", "verified_by": "card payment"}
    return [
        Operation(
            "POST",
            "/v1/guardians",
            "consent",
            "Record that you verified somebody as a child's guardian",
            verify,
            GuardianAnswer,
            body=GuardianVerified,
            scope="consent",
            status=201,
            writes=True,
            example=example,
            describe="From then on this guardian consents in the child's place, and the child alone cannot.",
        ),
        Operation(
            "GET",
            "/v1/guardians",
            "consent",
            "The verified guardians of a person",
            listed,
            GuardianAnswers,
            query=OfSubject,
            scope="consent",
            example={"subject": "child:17"},
        ),
        Operation(
            "POST",
            "/v1/guardians/end",
            "consent",
            "Record that somebody is no longer a child's guardian",
            end,
            GuardianAnswers,
            body=GuardianEnded,
            scope="consent",
            writes=True,
            example={"subject": "child:17", "guardian": "4"},
            describe="What they consented to in the child's place is void from then on. "
            "The answer is who is left.",
        ),
    ]


def verify(call: Call) -> GuardianAnswer:
    """Record a verification."""
    told: GuardianVerified = call.body
    guardians = call.services.guardians
    return _answer(guardians.verify(told.subject, told.guardian, told.verified_by, source=SOURCE))


def listed(call: Call) -> GuardianAnswers:
    """Who may answer for a person."""
    found = call.services.guardians.of(call.query.subject)
    return GuardianAnswers(guardians=[_answer(one) for one in found])


def end(call: Call) -> GuardianAnswers:
    """End it, and say who is left."""
    told: GuardianEnded = call.body
    call.services.guardians.end(told.subject, told.guardian, source=SOURCE)
    found = call.services.guardians.of(told.subject)
    return GuardianAnswers(guardians=[_answer(one) for one in found])


def _answer(one: Guardianship) -> GuardianAnswer:
    return GuardianAnswer(
        id=one.id,
        subject=one.subject_id,
        guardian=one.guardian,
        verified_by=one.verified_by,
        source=one.source,
        at=one.at,
    )
