"""Consent: say it or take it back for a person, see where they stand, and get receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from engine.consent.choices import ChoiceState
from engine.consent.records import ConsentRecord
from web.api.operations import Call, Operation
from web.api.reading import Language, Strict, Subject, Term

SOURCE = "api"


class ConsentSaid(Strict):
    """What a person said in the service's own pages.

    `kind` and `name`: a `choice` by its id, an `objection` by its purpose, an `agreement` by the version in
    force. `on` says yes (or objects), otherwise no (or no longer objects).
    """

    subject: Subject
    kind: Literal["choice", "objection", "agreement"]
    name: Term
    on: bool
    language: Language = Field("en", description="the language in which they were asked")
    guardian: Subject | None = Field(
        None, description="the id of the verified guardian who said so in the person's place"
    )


class OfSubject(Strict):
    """Whose it is."""

    subject: Subject


class Record(BaseModel):
    """One fact, never changed: what was said, when, and the SHA-256 of the words that were shown."""

    id: str
    kind: Literal["choice", "objection", "agreement"]
    name: str
    state: str
    at: datetime
    version: str
    language: str
    text_digest: str
    source: str
    guardian: str | None = Field(description="who said it in the person's place")


class Choice(BaseModel):
    """One optional consent; `on` is null when it cannot be known."""

    id: str
    on: bool | None
    because: str
    since: datetime | None
    until: datetime | None
    version: str | None


class ConsentState(BaseModel):
    """Where a person stands, with all that they said, oldest first."""

    subject: str
    agreed: str | None
    restricted: bool
    choices: list[Choice]
    objections: list[str]
    records: list[Record]


def operations() -> list[Operation]:
    """`/v1/consents` and receipts."""
    return [
        Operation(
            "POST",
            "/v1/consents",
            "consent",
            "Record or withdraw a choice, an objection or an agreement",
            say,
            Record,
            body=ConsentSaid,
            scope="consent",
            status=201,
            writes=True,
            example={
                "subject": "42",
                "kind": "choice",
                "name": "improve-with-my-usage",
                "on": True,
            },
            describe="Takes effect with the answer: the next decision reads it.",
        ),
        Operation(
            "GET",
            "/v1/consents",
            "consent",
            "Where a person stands",
            state,
            ConsentState,
            query=OfSubject,
            scope="consent",
            example={"subject": "42"},
        ),
        Operation(
            "GET",
            "/v1/consents/{record}/receipt",
            "consent",
            "The receipt of one record (ISO/IEC TS 27560:2023)",
            receipt,
            query=OfSubject,
            scope="consent",
            example={"subject": "42"},
        ),
    ]


def say(call: Call) -> Record:
    """Record what was said."""
    said: ConsentSaid = call.body
    consent = call.services.consent
    given: Any = {"source": SOURCE, "language": said.language, "guardian": said.guardian}
    if said.kind == "choice":
        return _record(consent.choose(said.subject, said.name, said.on, **given))
    if said.kind == "objection":
        return _record(consent.set_objection(said.subject, said.name, said.on, **given))
    if said.on:
        consent.agree(said.subject, said.name, {}, **given)
    else:
        consent.decline(said.subject, said.name, **given)
    return _record(consent.records(said.subject)[-1])


def state(call: Call) -> ConsentState:
    """Where a person stands."""
    subject = call.query.subject
    overview = call.services.consent.overview(subject)
    return ConsentState(
        subject=subject,
        agreed=overview.agreed,
        restricted=overview.restricted,
        choices=_choices(overview.choices),
        objections=list(overview.objections),
        records=[_record(record) for record in call.services.consent.records(subject)],
    )


def receipt(call: Call) -> dict[str, object]:
    """The portable form of one record."""
    return call.services.consent.receipt(call.query.subject, call.path["record"])


def _choices(states: Sequence[ChoiceState]) -> list[Choice]:
    return [
        Choice(id=s.id, on=s.on, because=s.because, since=s.since, until=s.until, version=s.version)
        for s in states
    ]


def _record(record: ConsentRecord) -> Record:
    return Record(
        id=record.id,
        kind=record.kind.value,
        name=record.name,
        state=record.state.value,
        at=record.at,
        version=record.version,
        language=record.language,
        text_digest=record.text_digest,
        source=record.source,
        guardian=record.guardian,
    )
