"""`rights.yaml`: what a person may ask for, how to reach the controller, and by when it answers."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.policy.models.common import (
    Cited,
    ClauseId,
    DottedName,
    DurationText,
    KeepText,
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

    clause: OneOrMore[ClauseId]
    email: Text


class RightRule(Cited):
    """One right: over which data, and by when it is answered."""

    right: Right
    data: OneOrMore[DottedName]
    answer_within: KeepText = Field(
        alias="answer within",
        description="a duration, or `as required by law`; the earlier of the two counts",
    )
    cooling_off: DurationText | None = Field(
        None,
        alias="cooling off",
        description="for deletion: how long the person may still change their mind",
    )


class RightsFile(Strict):
    """`rights.yaml`."""

    contact: Contact | None = None
    rules: tuple[RightRule, ...] = ()
