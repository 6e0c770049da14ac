"""The API for services: JSON over HTTP, described by the same models that validate it."""

from __future__ import annotations

import time
from http import HTTPStatus

from flask import Blueprint, Response, g, request

from web import metrics
from web.api import (
    audit,
    authzen,
    consents,
    decisions,
    description,
    disclosures,
    events,
    guardians,
    health,
    logins,
    policies,
    promises,
    records,
    reports,
    requests,
)
from web.api.operations import Operation, view
from web.services import Services

GROUPS = (
    decisions,
    records,
    reports,
    disclosures,
    events,
    logins,
    consents,
    guardians,
    requests,
    policies,
    promises,
    audit,
    health,
)


def all_operations() -> tuple[Operation, ...]:
    """Everything that the API offers, in the order of its description."""
    return tuple(operation for group in GROUPS for operation in group.operations())


def create_blueprint(services: Services) -> Blueprint:
    """The API with its description. `web.api.quick` answers decisions in front of it."""
    api = Blueprint("api", __name__, template_folder="templates")
    for operation in all_operations():
        api.add_url_rule(
            operation.rule,
            endpoint=operation.name,
            view_func=view(operation, services),
            methods=[operation.method],
        )
    description.add_pages(api, all_operations(), services)
    authzen.add_pages(api, services)
    api.before_request(_begin)
    api.after_request(_finish)

    return api


def _begin() -> None:
    g.began = time.perf_counter()


def _finish(response: Response) -> Response:
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="upheld"'
    # A request that was refused before it came here has no beginning.
    if "began" in g:
        operation = (request.endpoint or "").removeprefix("api.")
        metrics.count(operation, response.status_code, time.perf_counter() - g.began)
    return response
