"""Is this process alive, is it ready to serve, and what has it counted?"""

from __future__ import annotations

import logging
from typing import Literal

from flask import Response, json
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import UpheldError
from engine.store.tables.access import api_keys
from web import metrics
from web.api.callers import ANY
from web.api.operations import Call, Operation
from web.services import Services

log = logging.getLogger(__name__)


class DecisionLogHealth(BaseModel):
    """Of the process that answers: bytes not yet known to be shipped, and decisions that were not logged."""

    waiting: int
    dropped: int


class Health(BaseModel):
    """`ok`, or which part is not ready."""

    status: Literal["ok", "not ready"]
    database: bool | None = None
    policy: bool | None = None
    decision_log: DecisionLogHealth | None = None


def operations() -> list[Operation]:
    """`/health` for load balancers and `/metrics` for Prometheus."""
    return [
        Operation("GET", "/health/live", "health", "Is the process alive?", live, Health),
        Operation(
            "GET",
            "/health/ready",
            "health",
            "Can it serve?",
            ready,
            Health,
            describe="503 while the database does not answer or no version of the policy is in force.",
        ),
        Operation(
            "GET",
            "/metrics",
            "health",
            "Figures for Prometheus",
            figures,
            scope=ANY,
            describe="The text format of Prometheus; any live API key opens it.",
        ),
    ]


def live(_call: Call) -> Health:
    """That this answer comes is the answer."""
    return Health(status="ok")


def ready(call: Call) -> Response:
    """Whether the database answers and a policy is in force."""
    database, policy = _database(call.services), _policy(call.services)
    fine = database and policy
    told = Health(
        status="ok" if fine else "not ready",
        database=database,
        policy=policy,
        decision_log=_decision_log(call.services),
    )
    return Response(
        json.dumps(told.model_dump()), 200 if fine else 503, content_type="application/json"
    )


def figures(_call: Call) -> Response:
    """The figures of all workers."""
    return Response(metrics.exposition(), content_type=metrics.MEDIA_TYPE)


def _decision_log(services: Services) -> DecisionLogHealth | None:
    if services.enforcement is None:
        return None
    log = services.enforcement.log
    return DecisionLogHealth(waiting=log.waiting, dropped=log.dropped)


def _database(services: Services) -> bool:
    """Not only that it answers: that it has the tables."""
    try:
        with services.database.read() as conn:
            conn.execute(select(api_keys.c.prefix).limit(1)).first()
    except (SQLAlchemyError, UpheldError) as problem:
        log.warning("not ready: the database fails with %s", type(problem).__name__)
        return False
    return True


def _policy(services: Services) -> bool:
    try:
        return services.versions().in_force(services.clock.now()) is not None
    except UpheldError as problem:
        log.warning("not ready: %s", problem)
        return False
