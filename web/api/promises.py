"""Clause by clause: is it kept?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from engine.errors import Unavailable
from web.api.operations import Call, Operation


class Promise(BaseModel):
    """A clause with its state, the figures that show it, and what breaks or endangers it."""

    clause: str
    state: str
    sentence: str
    figures: Any
    evidence: list[str]
    checked_at: datetime


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
                state=promise.state.value,
                sentence=promise.sentence,
                figures=promise.figures,
                evidence=list(promise.evidence),
                checked_at=promise.checked_at,
            )
            for promise in found.values()
        ]
    )
