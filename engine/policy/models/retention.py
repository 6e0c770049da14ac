"""`retention.yaml`: how long data is kept, what happens then, and which holds there may be."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

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

_ENDING = {"properties": {"then": {"enum": ["anonymise", "delete"]}}, "required": ["then"]}


class LaterTerm(Strict):
    """One more term; the rule takes the latest of all its terms."""

    keep: DurationText
    after: AnchorText


class RetentionRule(Cited):
    """A ceiling: after this time the data is restricted, anonymised or deleted."""

    model_config = ConfigDict(
        json_schema_extra={"if": {"required": ["notice"]}, "then": _ENDING}  # type: ignore[dict-item]
    )

    data: OneOrMore[DottedName]
    keep: KeepText
    after: AnchorText | None = Field(
        None, description="not given for `as required by law` or `indefinitely`"
    )
    then: Action | None = Field(None, description="what happens then; not given for `indefinitely`")
    or_later: tuple[LaterTerm, ...] = Field((), alias="or later")
    notice: DurationText | None = Field(
        None,
        description="how long before their data goes people are told; until they have been, it stays",
    )
    when: Guard | None = None
    unless: Guard | None = None

    @model_validator(mode="after")
    def _tells_of_an_end(self) -> RetentionRule:
        if self.notice is not None and self.then not in ("anonymise", "delete"):
            raise ValueError("`notice` tells of data going: it needs `then: delete` or `anonymise`")
        return self


class HoldReason(Cited):
    """A reason for which some data may be held back from deletion."""

    data: OneOrMore[DottedName]
    purpose: Text = Field(alias="for")
    review_every: DurationText = Field(alias="review every")


class RetentionFile(Strict):
    """`retention.yaml`."""

    rules: tuple[RetentionRule, ...] = ()
    holds: tuple[HoldReason, ...] = ()
