"""`cookies.yaml`: which cookies there are, what for, and what allows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from engine.policy.models.common import (
    Cited,
    DottedName,
    DurationText,
    Name,
    OneOrMore,
    exclusive,
)

CookieName = Annotated[
    str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", max_length=100)
]
Exempt = Literal["login", "csrf", "user input", "load balancing", "session language"]


_GROUND = {
    **exclusive(("exempt",), ("choice",)),
    "if": {"required": ["exempt"], "properties": {"exempt": {"const": "login"}}},
    "then": {"properties": {"lasts": {"enum": ["session"]}}},
}


class CookieRule(Cited):
    """Cookies for some purposes: exempt from consent, or by a choice."""

    model_config = ConfigDict(json_schema_extra=_GROUND)

    cookies: OneOrMore[CookieName] = Field(
        description="names; `*` at the end stands for any ending",
        examples=[["session"], ["_pk_*"]],
    )
    purposes: OneOrMore[DottedName] = Field(
        alias="for", description="the purposes", examples=[["login"]]
    )
    exempt: Exempt | None = Field(None, description="why no consent is needed", examples=["login"])
    choice: Name | None = Field(
        None, description="the choice that allows them", examples=["remember-preferences"]
    )
    lasts: Literal["session"] | DurationText = Field(
        "session",
        description="how long they stay in the browser; `session` ends with it",
        examples=["6 months"],
    )

    @model_validator(mode="after")
    def _one_ground(self) -> CookieRule:
        if (self.exempt is None) == (self.choice is None):
            raise ValueError("say either `exempt: …` or `choice: …`")
        if self.exempt == "login" and self.lasts != "session":
            raise ValueError(
                "a login that outlasts the session is not exempt: it needs `choice: …`"
            )
        return self
