"""Reports: services tell what they did, and each is judged by the policy. Nobody is named in what is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from engine.errors import Unavailable
from engine.promises.reports import Reports
from web.api.decisions import DecisionQuestion, Judgement
from web.api.operations import Call, Operation
from web.api.reading import Strict

CookieName = Annotated[
    str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$", max_length=100)
]


class CookieSeen(Strict):
    """A cookie that was seen being set, by its name alone: a value may say whose it is."""

    name: CookieName = Field(description="the cookie's name, never its value")


class CookieKept(BaseModel):
    """What is remembered."""

    name: str


def operations() -> list[Operation]:
    """`/v1/reports` and that of cookies."""
    return [
        Operation(
            "POST",
            "/v1/reports",
            "reports",
            "Report what was done with a person's data",
            done,
            Judgement,
            body=DecisionQuestion,
            scope="decide",
            writes=True,
            example={
                "operation": "share",
                "category": "usage.content",
                "purpose": "provide-service",
                "recipient": "upstream",
                "subject": "42",
            },
            describe="Answers with the decision on it. What was denied and done all the same breaks the "
            "promise of its clause, for everybody to see. Only counts are kept, and nobody's name.",
        ),
        Operation(
            "POST",
            "/v1/reports/cookies",
            "reports",
            "Report a cookie that was set",
            cookie,
            CookieKept,
            body=CookieSeen,
            scope="decide",
            writes=True,
            example={"name": "session"},
            describe="A cookie that no rule of the policy lists breaks the promise about cookies.",
        ),
    ]


def done(call: Call) -> dict[str, object]:
    """Count something that was done; what the policy says of it."""
    told: DecisionQuestion = call.body
    found = _reports(call).done(told.request(), told.subject, by_api_key=told.by_api_key)
    return found.as_dict()


def cookie(call: Call) -> CookieKept:
    """Count a cookie."""
    seen: CookieSeen = call.body
    _reports(call).cookie(seen.name)
    return CookieKept(name=seen.name)


def _reports(call: Call) -> Reports:
    if call.services.reports is None:
        raise Unavailable("this installation takes no reports")
    return call.services.reports
