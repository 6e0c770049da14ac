"""`collection.yaml`: what may be collected, and from where."""

from __future__ import annotations

from pydantic import Field

from engine.policy.models.common import DottedName, OneOrMore, Rule


class CollectionRule(Rule):
    """What may be collected; purposes and bases live in use and sharing, in one place."""

    source: OneOrMore[DottedName] | None = Field(
        None,
        alias="from",
        description="where it comes from: person, observed, derived, or a source or recipient by name",
        examples=["person", ["person", "observed"], "payment-processor"],
    )
