"""`statutes.yaml`: what law says of keeping data; dated, with sources, beside the versions."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.policy.models.common import (
    DATA,
    AnchorText,
    DayText,
    DottedName,
    DurationText,
    Name,
    OneOrMore,
    Strict,
    Text,
)
from engine.policy.models.header import Region


class Statute(Strict):
    """A floor: where it applies, the data must be kept at least this long.

    `of: controller` applies it where the controller is; `of: subject` where the person is.
    """

    id: Name = Field(description="a name of its own", examples=["cn-network-logs"])
    data: OneOrMore[DottedName] = Field(**DATA)
    of: Literal["controller", "subject"] = Field(
        "controller",
        description="whose place decides: the controller's, or the person's",
        examples=["subject"],
    )
    regions: OneOrMore[Region] = Field(
        alias="in", description="the countries or regions whose law it is", examples=[["CN"]]
    )
    at_least: DurationText = Field(
        alias="at least", description="how long it must be kept", examples=["6 months"]
    )
    after: AnchorText = Field(
        description="the event that it counts from",
        examples=["record.created", "end of the year of record.created"],
    )
    source: Text = Field(
        description="the law, precisely", examples=["Cybersecurity Law art. 21(3)"]
    )
    as_of: DayText = Field(
        alias="as of", description="when the law was last read", examples=["2026-11-01"]
    )
