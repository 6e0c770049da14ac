"""The one table from what went wrong to what HTTP says of it.

Services get problem details (RFC 9457), people get a page in their language. Neither ever gets a traceback;
what was not foreseen is logged under the request's id, which both are told.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, g, json, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from engine import errors

log = logging.getLogger(__name__)

TABLE: tuple[tuple[type[errors.UpheldError], HTTPStatus], ...] = (
    (errors.Unauthenticated, HTTPStatus.UNAUTHORIZED),
    (errors.Forbidden, HTTPStatus.FORBIDDEN),
    (errors.TooManyRequests, HTTPStatus.TOO_MANY_REQUESTS),
    (errors.NotFound, HTTPStatus.NOT_FOUND),
    (errors.UnknownName, HTTPStatus.NOT_FOUND),
    (errors.InvalidInput, HTTPStatus.BAD_REQUEST),
    (errors.ApprovalRequired, HTTPStatus.CONFLICT),
    (errors.Conflict, HTTPStatus.CONFLICT),
    (errors.Unavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.LedgerBroken, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.PolicyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (errors.UpheldError, HTTPStatus.INTERNAL_SERVER_ERROR),
)
"""The first row that fits counts."""

API_PATHS = ("/v1/", "/access/v1", "/.well-known/", "/health/", "/metrics")
RETRY_AFTER = "60"
_HIDDEN = (errors.PolicyError, errors.LedgerBroken)
"""Their messages are for officers (`upheld check` shows them), not for everybody."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is told: `detail` is a sentence for people, `members` are facts for programs."""

    status: HTTPStatus
    kind: str
    detail: str = ""
    members: tuple[tuple[str, object], ...] = ()
    retry_after: str = ""


def problem_of(error: Exception) -> Problem:
    """What is told of an error; an unforeseen one says nothing of itself."""
    if isinstance(error, errors.UpheldError):
        return _known(error)
    if isinstance(error, CSRFError):
        return Problem(HTTPStatus.BAD_REQUEST, "form-expired")
    if isinstance(error, HTTPException):
        return _of_http(error)
    if isinstance(error, OperationalError):
        return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", retry_after=RETRY_AFTER)
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error")


def register(app: Flask) -> None:
    """Answer every error of the app by the table."""
    app.register_error_handler(Exception, _answer)


def problem_details(problem: Problem) -> Response:
    """RFC 9457: `type`, `title`, `status`, `detail`, `request_id`, and the error's own facts."""
    body = {
        "type": f"urn:upheld:problem:{problem.kind}",
        "title": problem.status.phrase,
        "status": problem.status.value,
        "detail": problem.detail or problem.status.description,
        "request_id": g.get("request_id", ""),
        **dict(problem.members),
    }
    return Response(json.dumps(body), problem.status.value, content_type="application/problem+json")


def wants_problem_details() -> bool:
    """Whether the path is one that programs use."""
    return request.path.startswith(API_PATHS)


def _known(error: errors.UpheldError) -> Problem:
    status = next(status for kind, status in TABLE if isinstance(error, kind))
    detail = "" if isinstance(error, _HIDDEN) else str(error)
    facts = tuple((name, getattr(error, name)) for name in _FACTS if getattr(error, name, ""))
    retry_after = str(getattr(error, "retry_after", ""))
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after = RETRY_AFTER
    return Problem(status, _slug(type(error).__name__), detail, facts, retry_after)


_FACTS = ("field", "kind", "name", "digest", "retry_after")


def _of_http(error: HTTPException) -> Problem:
    status = HTTPStatus(error.code or 500)
    return Problem(status, _slug(status.name.replace("_", "-")))


def _slug(name: str) -> str:
    """`InvalidInput` becomes `invalid-input`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def _answer(error: Exception) -> BaseResponse:
    if isinstance(error, HTTPException) and isinstance(error.response, BaseResponse):
        return error.response
    problem = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log(error, problem)
    response = problem_details(problem) if wants_problem_details() else _page(problem)
    if problem.retry_after:
        response.headers["Retry-After"] = problem.retry_after
    if isinstance(error, HTTPException):
        _keep_headers(error, response)
    response.headers["Cache-Control"] = "no-store"
    return response


def _keep_headers(error: HTTPException, response: Response) -> None:
    """Headers that the status asks for, such as `Allow`."""
    for name, value in error.get_headers():
        if name.lower() in {"allow", "www-authenticate"}:
            response.headers[name] = value


def _log(error: Exception, problem: Problem) -> None:
    expected = isinstance(error, errors.UpheldError)
    log.error(
        "request %s failed with %s: %s",
        g.get("request_id", ""),
        problem.status.value,
        # Only errors of our own are known to hold no personal data in their message.
        error if expected else type(error).__name__,
        exc_info=None if expected or isinstance(error, OperationalError) else _place(error),
    )


def _place(error: Exception) -> Exception:
    """Where it happened, without the message, which may repeat what somebody typed."""
    return RuntimeError(type(error).__name__).with_traceback(error.__traceback__)


def _page(problem: Problem) -> Response:
    text = render_template("error.html", problem=problem)
    return Response(text, problem.status.value, content_type="text/html; charset=utf-8")
