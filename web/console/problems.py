"""What went wrong, told to officers in full: what, why, and what to do."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, g, render_template
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import UpheldError
from web import errors
from web.console.guard import officer_name

log = logging.getLogger(__name__)


def register(console: Blueprint) -> None:
    """Answer every error of ours on a page of the console."""
    console.register_error_handler(UpheldError, _answer)


def _answer(error: UpheldError) -> Response:
    problem = errors.problem_of(error)
    if problem.status >= 500:
        log.error("request %s failed with %s: %s", g.get("request_id", ""), problem.status, error)
    told = {"problem": problem, "words": str(error), "known": _is_officer()}
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
