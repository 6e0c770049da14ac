"""`use.yaml`: for which purposes data may be used, and on which basis."""

from __future__ import annotations

from pydantic import Field

from engine.policy.models.common import Basis, DottedName, Name, OneOrMore, Rule, Text


class Processing(Rule):
    """What use and sharing have in common: purposes and the lawful basis."""

    purposes: OneOrMore[DottedName] = Field(
        alias="for",
        description="the purposes (a parent covers its children)",
        examples=[["provide-service"], ["improve.quality-analysis"]],
    )
    basis: Basis | None = Field(
        None,
        description="the lawful basis (GDPR 6(1)); a permit without one permits, and is a finding",
        examples=["contract", "consent"],
    )
    choice: Name | None = Field(
        None, description="the choice that gives the consent", examples=["improve-with-my-usage"]
    )
    second_ground: Text | None = Field(
        None,
        alias="second ground",
        description="for special categories: the ground of GDPR 9(2) besides the basis",
        examples=["GDPR 9(2)(h): medical treatment"],
    )


class UseRule(Processing):
    """For which purposes data may be used."""
