"""`controls.yaml`: promises that are not about records: probed, or attested until a date."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field, model_validator

from engine.policy.models.common import Cited, DayText, OneOrMore, Text, exclusive


class Control(Cited):
    """A control: either `check: tls, at: […]`, or `attested by`, `evidence` and `until`."""

    model_config = ConfigDict(
        json_schema_extra=exclusive(("check", "at"), ("attested by", "evidence", "until"))
    )

    check: Literal["tls"] | None = Field(
        None,
        description="what is probed: `tls` connects and checks the certificate",
        examples=["tls"],
    )
    at: OneOrMore[Text] | None = Field(
        None, description="addresses to probe", examples=[["https://example.com"]]
    )
    attested_by: Text | None = Field(
        None,
        alias="attested by",
        description="who says that it is so, where no machine can look",
        examples=["platform operations"],
    )
    evidence: Text | None = Field(
        None, description="what that rests on", examples=["access review of 3 March"]
    )
    until: DayText | None = Field(
        None, description="the day after which it counts no longer", examples=["2027-04-01"]
    )

    @model_validator(mode="after")
    def _checked_or_attested(self) -> Control:
        probed, attested = (self.check, self.at), (self.attested_by, self.evidence, self.until)
        for wanted, other in ((probed, attested), (attested, probed)):
            if all(wanted) and not any(other):
                return self
        raise ValueError("say either `check` and `at`, or `attested by`, `evidence` and `until`")
