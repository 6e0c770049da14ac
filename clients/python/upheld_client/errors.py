"""What can go wrong.

UpheldError
  Refused       Upheld answered that it will not: a wrong key, a wrong field, a conflict
  Unreachable   no answer that can be used, after all repetitions
"""

from __future__ import annotations


class UpheldError(Exception):
    """The root of the client's errors."""


class Refused(UpheldError):
    """Upheld refused. `status` is that of HTTP; `field` names what was wrong with the request, if so."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.field = field


class Unreachable(UpheldError):
    """There was no answer in time, or none that can be understood."""
