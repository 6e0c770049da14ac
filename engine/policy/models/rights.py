"""`rights.yaml`: what a person may ask for, how to reach the controller, and by when it answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.policy.models.common import (
    DATA,
    AnswerText,
    Cited,
    ClauseId,
    DottedName,
    DurationText,
    OneOrMore,
    Strict,
    Text,
)

Right = Literal[
    "access",
    "correction",
    "deletion",
    "export",
    "restriction",
    "objection",
    "withdrawal",
    "complaint",
]


class Contact(Strict):
    """Where to write to."""

    clause: OneOrMore[ClauseId] = Field(
        description="the clause or clauses that name it", examples=[["6.e", "9.a"]]
    )
    email: Text = Field(description="the address", examples=["privacy@example.com"])


class RightRule(Cited):
    """One right: over which data, and by when it is answered."""

    right: Right = Field(description="which right", examples=["access", "deletion"])
    data: OneOrMore[DottedName] = Field(**DATA)
    answer_within: AnswerText = Field(
        alias="answer within",
        description="a duration, or `as required by law`; the earlier of the two counts",
        examples=["as required by law", "14 days"],
    )
    cooling_off: DurationText | None = Field(
        None,
        alias="cooling off",
        description="for deletion: how long the person may still change their mind",
        examples=["3 days"],
    )


class RightsFile(Strict):
    """`rights.yaml`."""

    contact: Contact | None = Field(
        None,
        description="where people write to",
        examples=[{"clause": "6.e", "email": "privacy@example.com"}],
    )
    rules: tuple[RightRule, ...] = Field(
        (),
        description="what a person may ask for",
        examples=[
            [
                {
                    "id": "export",
                    "clause": "6.d",
                    "right": "export",
                    "data": "everything",
                    "answer within": "as required by law",
                }
            ]
        ],
    )
