"""Findings: what is wrong with a policy or a data map, where, and how bad it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum


class Severity(StrEnum):
    """An error blocks publishing; a warning may be accepted with a reason; info is only shown."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; line and column count from 1.

    `end_line` and `end_column` say where what stands there ends (the first character after it); 0 where that
    is not known. Two places that begin alike are the same place.
    """

    file: str
    line: int = 1
    column: int = 1
    end_line: int = field(default=0, compare=False)
    end_column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class AcceptedBy:
    """An officer's decision to live with a finding until a date."""

    reason: str
    review: date
    decide: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    `about` names what it concerns (`rule`, `clause`, `data`, `statute`, `recipient`, `right`, …): an
    acceptance matches a finding when its code and every name that it gives are equal.
    """

    code: str
    severity: Severity
    message: str
    where: Position
    about: Mapping[str, str] = field(default_factory=dict)
    hint: str = ""
    accepted: AcceptedBy | None = None

    @property
    def blocking(self) -> bool:
        """Whether this finding stops a policy from being published."""
        return self.severity is Severity.ERROR and self.accepted is None

    def accept(self, by: AcceptedBy) -> Finding:
        """Return the same finding, accepted."""
        return replace(self, accepted=by)


def error(code: str, message: str, where: Position, hint: str = "", **about: str) -> Finding:
    """An error: what would let data be processed or kept unlawfully, or cannot be understood."""
    return Finding(code, Severity.ERROR, message, where, about, hint)


def warning(code: str, message: str, where: Position, hint: str = "", **about: str) -> Finding:
    """A warning: about the text; an officer may accept it with a reason and a review date."""
    return Finding(code, Severity.WARNING, message, where, about, hint)
