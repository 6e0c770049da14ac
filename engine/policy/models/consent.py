"""`consent.yaml`: agreement to the policy itself, the optional choices, and who speaks for children."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from engine.policy.models.common import (
    AgeText,
    ClauseId,
    DurationText,
    Name,
    OneOrMore,
    Strict,
    Text,
)
from engine.policy.models.header import Region

_CLAUSE: dict[str, Any] = {
    "description": "the clause or clauses that it keeps",
    "examples": ["8.b", ["8.b", "8.c"]],
}


class Agreement(Strict):
    """How people agree to the policy and to its changes."""

    clause: OneOrMore[ClauseId] = Field(**_CLAUSE)
    tell_by: OneOrMore[Literal["announcement", "email"]] = Field(
        alias="tell by",
        description="how people are told of a change: on the portal, by mail, or both",
        examples=[["announcement", "email"]],
    )
    ask: Literal["at next login"] | None = Field(
        None,
        description="people are asked to reconfirm; if not given, they are told and asked nothing",
        examples=["at next login"],
    )
    grace_for_api_keys: DurationText | None = Field(
        None,
        alias="grace for api keys",
        description="how long after the effective date API keys keep working for what needs reconfirming",
        examples=["14 days"],
    )


class Choice(Strict):
    """An optional consent: it can be on or off, and withdrawing is as easy as giving."""

    id: Name = Field(description="a name of its own", examples=["suggestions"])
    clause: OneOrMore[ClauseId] = Field(**_CLAUSE)
    default: Literal["on", "off"] = Field(
        "off", description="how it stands until the person decides", examples=["on"]
    )
    ask: Text = Field(
        description="the question, as the person reads it",
        examples=["May we send you suggestions by email?"],
    )
    lasts: DurationText | None = Field(
        None, description="how long a given consent stays valid", examples=["24 months"]
    )
    off_in: OneOrMore[Region] | None = Field(
        None,
        alias="off in",
        description="regions where a default of `on` does not apply: there it must be given",
        examples=[["EU", "GB"]],
    )
    off_by: OneOrMore[Name] | None = Field(
        None,
        alias="off by",
        description="signals of the browser that turn it off",
        examples=["gpc"],
    )


class OtherAge(Strict):
    """Another age for some regions: member states of the EU set it from 13 to 16 (GDPR 8(1))."""

    age_below: AgeText = Field(
        alias="age below",
        description="the age there: a guardian answers for whoever is younger",
        examples=[13],
    )
    regions: OneOrMore[Region] = Field(
        alias="in", description="the countries or regions where it holds", examples=[["BE", "US"]]
    )


class Guardians(Strict):
    """Whose consent counts only if a verified guardian gives it, and how a guardian is verified."""

    clause: OneOrMore[ClauseId] = Field(**_CLAUSE)
    subject: OneOrMore[Name] | None = Field(
        None,
        description="only these types of person; everybody if not given",
        examples=["pupil", ["pupil", "applicant"]],
    )
    age_below: AgeText = Field(
        alias="age below",
        description="a guardian answers for whoever is younger than this, in years",
        examples=[16],
    )
    other_ages: tuple[OtherAge, ...] = Field(
        (),
        alias="other ages",
        description="regions where another age is set",
        examples=[[{"age below": 13, "in": ["BE", "US"]}]],
    )
    verified_by: OneOrMore[Text] = Field(
        alias="verified by",
        description="the ways in which a guardian is verified",
        examples=[["a signed letter", "a payment of one cent by the guardian's card"]],
    )


class ConsentFile(Strict):
    """`consent.yaml`."""

    agreement: Agreement | None = Field(
        None,
        description="how people are told of changes of the policy, and agree to them",
        examples=[{"clause": "8.b", "tell by": ["email"], "ask": "at next login"}],
    )
    guardians: Guardians | None = Field(
        None,
        description="for whom a guardian consents, and how a guardian is verified",
        examples=[
            {"clause": "6.a", "age below": 16, "verified by": ["a signed letter from the guardian"]}
        ],
    )
    choices: tuple[Choice, ...] = Field(
        (),
        description="the optional consents, each asked on its own",
        examples=[[{"id": "news", "clause": "2.e", "ask": "May we send you news?"}]],
    )
