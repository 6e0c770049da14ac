"""`cookies.yaml`: which cookies there are, what for, and what allows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from engine.policy.models.common import Cited, DottedName, DurationText, Name, OneOrMore

CookieName = Annotated[
    str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", max_length=100)
]
Exempt = Literal["login", "csrf", "user input", "load balancing", "session language"]


class CookieRule(Cited):
    """Cookies for some purposes: exempt from consent, or by a choice."""

    cookies: OneOrMore[CookieName] = Field(
        description="names; `*` at the end stands for any ending"
    )
    purposes: OneOrMore[DottedName] = Field(alias="for")
    exempt: Exempt | None = Field(None, description="why no consent is needed")
    choice: Name | None = Field(None, description="the choice that allows them")
    lasts: Literal["session"] | DurationText = "session"

    @model_validator(mode="after")
    def _one_ground(self) -> CookieRule:
        if (self.exempt is None) == (self.choice is None):
            raise ValueError("say either `exempt: …` or `choice: …`")
        return self
