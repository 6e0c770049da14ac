"""A request as people see it, and what every side of the service shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.access.codes import Codes
from engine.errors import InvalidInput
from engine.rights import sameness, store
from engine.rights.parts import Parts
from engine.rights.state import Progress, Status, progress
from engine.rights.store import Moved, Outcome, Request

OPEN = tuple(status for status in Status if not status.closed)
_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Case:
    """A request as a person or an officer sees it: where it stands, its history, what became of the data."""

    request: Request
    progress: Progress
    package_until: datetime | None
    overdue: bool
    history: tuple[Moved, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    @property
    def right(self) -> str:
        """Which right."""
        return self.request.right

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self.request.status

    @property
    def received_at(self) -> datetime:
        """When it was received."""
        return self.request.received_at

    @property
    def legal_due(self) -> datetime:
        """By when it must be answered."""
        return self.request.legal_due

    @property
    def target_due(self) -> datetime:
        """By when we aim to answer."""
        return self.request.target_due


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests an officer wants to see: those that are open, unless `statuses` says otherwise."""

    statuses: tuple[Status, ...] = OPEN
    right: str | None = None
    overdue: bool = False


class Side:
    """What the sides of the service share: the parts, the codes, and showing a request."""

    def __init__(self, parts: Parts, codes: Codes) -> None:
        self._parts = parts
        self._codes = codes

    def case(self, request_id: str) -> Case:
        """One request, for an officer."""
        with self._parts.database.read() as conn:
            return self._case(conn, store.get(conn, request_id), whole=True)

    def _case(self, conn: Connection, request: Request, *, whole: bool = False) -> Case:
        until = store.package_until(conn, request.id)
        now = self._parts.clock.now()
        until = until if until is not None and now < until else None
        case = Case(
            request,
            progress(request.right, request.status, request.times(until)),
            until,
            request.overdue(now),
        )
        if not whole:
            return case
        history = tuple(store.history(conn, request.id))
        return replace(case, history=history, outcomes=tuple(store.outcomes(conn, request.id)))

    def _letter(self, request: Request, name: str, **told: Any) -> None:
        """Write to the person; to nobody when a deletion's id may be somebody else's by now."""
        person = self._parts.directory.person(request.subject_id)
        if request.right == "deletion" and person is not None:
            at = request.received_at
            if not sameness.is_same(self._parts, request.details, person, at):
                return
        addresses = self._parts.directory.addresses(request.subject_id)
        self._parts.write(addresses, name, request, **told)


def plain_text(value: Any, field: str) -> str:
    """What somebody wrote, without blanks around it; InvalidInput if it is nothing or too long."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput("say it in a few words", field)
    if len(value) > _LONGEST_TEXT:
        raise InvalidInput(f"this is longer than {_LONGEST_TEXT:,} characters", field)
    return value.strip()
