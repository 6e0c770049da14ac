"""What went wrong, told to officers in full: what, why, and what to do."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Blueprint, Response, g, render_template
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from engine.errors import UpheldError
from web import errors
from web.console.guard import officer_name

NO_DATABASE = (
    "Upheld's own database does not answer as it should: `upheld check` looks into it. "
    "Please try again in a minute"
)
log = logging.getLogger(__name__)


def register(console: Blueprint) -> None:
    """Answer every error of ours on a page of the console."""
    console.register_error_handler(UpheldError, _answer)
    console.register_error_handler(OperationalError, _answer)


def _answer(error: UpheldError | OperationalError) -> Response:
    problem = errors.problem_of(error)
    # What a driver says may repeat a row; what we say never does.
    words = str(error) if isinstance(error, UpheldError) else NO_DATABASE
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request %s failed with %s: %s", g.get("request_id", ""), problem.status, words)
    told = {"problem": problem, "words": words, "known": _is_officer()}
    answer = Response(render_template("console/problem.html", **told), problem.status.value)
    if problem.retry_after:
        answer.headers["Retry-After"] = problem.retry_after
    return answer


def _is_officer() -> bool:
    """Whether an officer reads this; asked also when the database is away."""
    try:
        return bool(officer_name())
    except (UpheldError, SQLAlchemyError):
        return False
