"""`statutes.yaml`: what law says of keeping data; dated, with sources, beside the versions."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field

from engine.policy.models.common import (
    AnchorText,
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

    id: Name
    data: OneOrMore[DottedName]
    of: Literal["controller", "subject"] = "controller"
    regions: OneOrMore[Region] = Field(alias="in")
    at_least: DurationText = Field(alias="at least")
    after: AnchorText
    source: Text
    as_of: date = Field(alias="as of")
