"""Clause by clause: is it kept?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from engine.errors import Unavailable
from web.api.operations import Call, Operation


class Promise(BaseModel):
    """A clause with its state and the figures that show it."""

    clause: str
    state: str
    sentence: str
    figures: Any
    checked_at: datetime | None


class PromiseList(BaseModel):
    """Every promise, in the order of the text."""

    promises: list[Promise]


def operations() -> list[Operation]:
    """`/v1/promises`; public, as it is beside the policy."""
    return [
        Operation(
            "GET", "/v1/promises", "promises", "Which promises are kept", promises, PromiseList
        )
    ]


def promises(call: Call) -> PromiseList:
    """What was found when each clause was last checked."""
    if call.services.promises is None:
        raise Unavailable("the promises have not been checked yet")
    found = call.services.promises.current()
    return PromiseList(
        promises=[
            Promise(
                clause=promise.clause,
                state=promise.state,
                sentence=promise.sentence,
                figures=promise.figures,
                checked_at=promise.checked_at,
            )
            for promise in found.values()
        ]
    )
