"""`controls.yaml`: promises that are not about records: probed, or attested until a date."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from engine.policy.models.common import Cited, OneOrMore, Text


class Control(Cited):
    """A control: either `check: tls, at: […]`, or `attested by`, `evidence` and `until`."""

    check: Literal["tls"] | None = None
    at: OneOrMore[Text] | None = Field(None, description="addresses to probe")
    attested_by: Text | None = Field(None, alias="attested by")
    evidence: Text | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _checked_or_attested(self) -> Control:
        if self.check and self.at and not self.attested_by:
            return self
        if self.attested_by and self.evidence and self.until and not self.check:
            return self
        raise ValueError("say either `check` and `at`, or `attested by`, `evidence` and `until`")
