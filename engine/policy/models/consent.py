"""`consent.yaml`: agreement to the policy itself, and the optional choices."""

from __future__ import annotations

from typing import Literal

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


class Agreement(Strict):
    """How people agree to the policy and to its changes."""

    clause: OneOrMore[ClauseId]
    tell_by: OneOrMore[Literal["announcement", "email"]] = Field(alias="tell by")
    ask: Literal["at next login"] = "at next login"
    grace_for_api_keys: DurationText | None = Field(
        None,
        alias="grace for api keys",
        description="how long after the effective date API keys keep working for what needs reconfirming",
    )


class Choice(Strict):
    """An optional consent: it can be on or off, and withdrawing is as easy as giving."""

    id: Name
    clause: OneOrMore[ClauseId]
    default: Literal["on", "off"] = "off"
    ask: Text = Field(description="the question, as the person reads it")
    lasts: DurationText | None = Field(None, description="how long a given consent stays valid")
    off_in: OneOrMore[Region] | None = Field(
        None, alias="off in", description="regions where the default is off (opt-in)"
    )
    off_by: OneOrMore[Name] | None = Field(
        None, alias="off by", description="signals that turn it off, such as gpc"
    )


class OtherAge(Strict):
    """Another age for some regions: member states of the EU set it from 13 to 16 (GDPR 8(1))."""

    age_below: AgeText = Field(alias="age below")
    regions: OneOrMore[Region] = Field(alias="in")


class Guardians(Strict):
    """Whose consent counts only if a verified guardian gives it, and how a guardian is verified."""

    clause: OneOrMore[ClauseId]
    subject: OneOrMore[Name] | None = Field(
        None, description="only these types of person; everybody if not given"
    )
    age_below: AgeText = Field(
        alias="age below",
        description="a guardian answers for whoever is younger than this, in years",
    )
    other_ages: tuple[OtherAge, ...] = Field(
        (), alias="other ages", description="regions where another age is set"
    )
    verified_by: OneOrMore[Text] = Field(
        alias="verified by", description="the ways in which a guardian is verified"
    )


class ConsentFile(Strict):
    """`consent.yaml`."""

    agreement: Agreement | None = None
    guardians: Guardians | None = None
    choices: tuple[Choice, ...] = ()
