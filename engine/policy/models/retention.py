"""`retention.yaml`: how long data is kept, what happens then, and which holds there may be."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field, model_validator

from engine.policy.models.common import (
    DATA,
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


def _without_signal(schema: dict[str, Any]) -> None:
    schema["properties"].pop("signal", None)


class RetentionGuard(Guard):
    """For whose data a rule applies, by what is known of them whenever data is looked at."""

    model_config = ConfigDict(json_schema_extra=_without_signal)

    @model_validator(mode="after")
    def _has_no_signal(self) -> RetentionGuard:
        if self.signal is not None:
            raise ValueError(
                "how long data is kept goes by no `signal`: it lasts as long as a browser sends it; "
                "use a `choice` that is `off by` it"
            )
        return self


class LaterTerm(Strict):
    """One more term; the rule takes the latest of all its terms."""

    keep: DurationText = Field(description="how long", examples=["28 years"])
    after: AnchorText = Field(description="the event that it counts from", examples=["person.born"])


class RetentionRule(Cited):
    """A ceiling: after this time the data is restricted, anonymised or deleted."""

    model_config = ConfigDict(
        json_schema_extra={"if": {"required": ["notice"]}, "then": _ENDING}  # type: ignore[dict-item]
    )

    data: OneOrMore[DottedName] = Field(**DATA)
    keep: KeepText = Field(
        description="how long; `0 days` after `account.cancelled` is as long as the account exists",
        examples=["90 days", "as required by law", "indefinitely"],
    )
    after: AnchorText | None = Field(
        None,
        description="the event that it counts from; not for `as required by law` or `indefinitely`",
        examples=["record.created", "account.cancelled", "end of the fiscal year of invoice.paid"],
    )
    then: Action | None = Field(
        None, description="what happens then; not given for `indefinitely`", examples=["delete"]
    )
    or_later: tuple[LaterTerm, ...] = Field(
        (),
        alias="or later",
        description="more terms: the latest of all counts",
        examples=[[{"keep": "28 years", "after": "person.born"}]],
    )
    notice: DurationText | None = Field(
        None,
        description="how long before their data goes people are told; until they have been, it stays",
        examples=["30 days"],
    )
    when: RetentionGuard | None = Field(
        None,
        description="the rule applies unless this is known not to hold",
        examples=[{"region": "EU"}],
    )
    unless: RetentionGuard | None = Field(
        None,
        description="the rule does not apply if this is known to hold",
        examples=[{"account": "active"}],
    )

    @model_validator(mode="after")
    def _tells_of_an_end(self) -> RetentionRule:
        if self.notice is not None and self.then not in ("anonymise", "delete"):
            raise ValueError("`notice` tells of data going: it needs `then: delete` or `anonymise`")
        return self


class HoldReason(Cited):
    """A reason for which some data may be held back from deletion."""

    data: OneOrMore[DottedName] = Field(**DATA)
    purpose: Text = Field(
        alias="for", description="the reason, in words", examples=["an open refund or chargeback"]
    )
    review_every: DurationText = Field(
        alias="review every",
        description="how soon at the latest each hold is looked at again",
        examples=["6 months"],
    )


class RetentionFile(Strict):
    """`retention.yaml`."""

    rules: tuple[RetentionRule, ...] = Field(
        (),
        description="how long each category is kept; the earliest rule that matches counts",
        examples=[
            [
                {
                    "id": "api-call-logs-90-days",
                    "clause": "5.b",
                    "data": ["usage.call"],
                    "keep": "90 days",
                    "after": "record.created",
                    "then": "delete",
                }
            ]
        ],
    )
    holds: tuple[HoldReason, ...] = Field(
        (),
        description="the only reasons for which something due may stay",
        examples=[
            [
                {
                    "id": "payment-dispute",
                    "clause": "2.b",
                    "data": ["payment"],
                    "for": "an open refund or chargeback",
                    "review every": "6 months",
                }
            ]
        ],
    )
