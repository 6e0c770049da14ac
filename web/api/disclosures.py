"""Disclosures: services tell what they gave to whom, and it stands in the ledger."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from engine.errors import Unavailable
from engine.promises.disclosures import Disclosure, Disclosures, Recorded
from web.api.answering import caller_of
from web.api.operations import Call, Operation
from web.api.reading import Strict, Subject, Term

MOST_CATEGORIES = 100


class DisclosureMade(Strict):
    """What was given away about one person. Names are those of the version in force."""

    subject: Subject
    recipient: Term
    purpose: Term
    categories: Annotated[tuple[Term, ...], Field(min_length=1, max_length=MOST_CATEGORIES)]
    request_id: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9._-]*$",
            max_length=128,
            description="the `X-Request-ID` under which the sharing was decided",
        ),
    ] = ""
    by_api_key: bool = False


class DisclosedCategory(BaseModel):
    """What the policy says of one category that was given away."""

    category: str
    effect: Literal["permit", "deny"]
    rule: str | None
    clauses: list[str]
    reason: str


class DisclosureKept(BaseModel):
    """Where the disclosure stands: `entry` is its number in the ledger, of which a proof can be had."""

    entry: int
    at: datetime
    version: str
    permitted: bool = Field(description="whether every category was permitted")
    categories: list[DisclosedCategory]


def operations() -> list[Operation]:
    """`/v1/disclosures`."""
    return [
        Operation(
            "POST",
            "/v1/disclosures",
            "reports",
            "Record that a person's data was given to a recipient",
            made,
            DisclosureKept,
            body=DisclosureMade,
            scope="decide",
            status=201,
            writes=True,
            example={
                "subject": "42",
                "recipient": "upstream",
                "purpose": "provide-service",
                "categories": ["usage.content"],
            },
            describe="One entry of the ledger, in which the person is a pseudonym that an erasure cuts "
            "loose. Recorded whether it was permitted or not; what was denied and done all the same breaks "
            "the promise of its clause, as with a report.",
        )
    ]


def made(call: Call) -> DisclosureKept:
    """Write a disclosure down."""
    told: DisclosureMade = call.body
    disclosures: Disclosures | None = call.services.disclosures
    if disclosures is None:
        raise Unavailable("this installation records no disclosures")
    names = tuple(dict.fromkeys(told.categories))
    disclosure = Disclosure(**{**told.model_dump(), "categories": names})
    return _kept(disclosures.record(disclosure, caller_of(call).prefix))


def _kept(found: Recorded) -> DisclosureKept:
    return DisclosureKept(
        entry=found.index,
        at=found.at,
        version=found.decisions[0].version,
        permitted=all(one.permitted for one in found.decisions),
        categories=[
            DisclosedCategory(
                category=one.asked.category,
                effect=one.effect,
                rule=one.rule or None,
                clauses=list(one.clauses),
                reason=one.reason,
            )
            for one in found.decisions
        ],
    )
