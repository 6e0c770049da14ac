"""`retention.yaml`: how long data is kept, what happens then, and which holds there may be."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.policy.models.common import (
    AnchorText,
    Cited,
    DottedName,
    DurationText,
    Guard,
    KeepText,
    OneOrMore,
    Strict,
    Text,
)

Action = Literal["restrict", "anonymise", "delete"]


class LaterTerm(Strict):
    """One more term; the rule takes the latest of all its terms."""

    keep: DurationText
    after: AnchorText


class RetentionRule(Cited):
    """A ceiling: after this time the data is restricted, anonymised or deleted."""

    data: OneOrMore[DottedName]
    keep: KeepText
    after: AnchorText | None = Field(
        None, description="not given for `as required by law` or `indefinitely`"
    )
    then: Action | None = Field(None, description="what happens then; not given for `indefinitely`")
    or_later: tuple[LaterTerm, ...] = Field((), alias="or later")
    when: Guard | None = None
    unless: Guard | None = None


class HoldReason(Cited):
    """A reason for which some data may be held back from deletion."""

    data: OneOrMore[DottedName]
    purpose: Text = Field(alias="for")
    review_every: DurationText = Field(alias="review every")


class RetentionFile(Strict):
    """`retention.yaml`."""

    rules: tuple[RetentionRule, ...] = ()
    holds: tuple[HoldReason, ...] = ()
