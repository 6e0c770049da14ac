"""What can go wrong.

UpheldError
  Refused            Upheld answered that it will not; carries the fields of its problem details (RFC 9457)
    Invalid          400, 413, 415, 422: the request is wrong; `field` names where
    NotAllowed       401, 403: the key is wrong, or lacks the scope
    NotFound         404
    Conflict         409
    TooManyRequests  429: asked too often; `retry_after` says after how many seconds to try again
    Unavailable      5xx: Upheld cannot answer now
  Unreachable        no answer that can be used, after all repetitions
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


class UpheldError(Exception):
    """The root of the client's errors."""


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """What Upheld says of an error: `detail` is a sentence for people, `members` are its further facts."""

    status: int
    type: str = "about:blank"
    title: str = ""
    detail: str = ""
    field: str = ""
    request_id: str = ""
    retry_after: float | None = None
    members: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Refused(UpheldError):
    """Upheld refused. `status` is that of HTTP; `field` names what was wrong with the request, if so."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.status}: {problem.detail or 'no reason given'}")
        self.problem = problem

    @property
    def status(self) -> int:
        """The status of HTTP."""
        return self.problem.status

    @property
    def field(self) -> str:
        """The field of the request that was wrong, or empty."""
        return self.problem.field

    @property
    def retry_after(self) -> float | None:
        """After how many seconds to try again, if Upheld said so."""
        return self.problem.retry_after


class Invalid(Refused):
    """The request is wrong."""


class NotAllowed(Refused):
    """The key is wrong, or lacks the scope."""


class NotFound(Refused):
    """There is no such thing."""


class Conflict(Refused):
    """The action does not fit the present state."""


class TooManyRequests(Refused):
    """Asked too often."""


class Unavailable(Refused):
    """Upheld cannot answer now."""


class Unreachable(UpheldError):
    """There was no answer in time, or none that can be understood. `passing`: it may be worth another try."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


_KINDS: Mapping[int, type[Refused]] = {
    400: Invalid,
    401: NotAllowed,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: TooManyRequests,
}


def refusal(problem: Problem) -> Refused:
    """The error of a problem."""
    kind = Unavailable if problem.status >= 500 else _KINDS.get(problem.status, Refused)
    return kind(problem)
