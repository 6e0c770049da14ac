"""What a new version changes for requests that are open when it comes into force. Pure.

A request gets its deadline when it is filed, and again when the person has shown who they are; after that it
keeps it, whatever a later version says. So a new version changes what is not confirmed yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from engine.errors import InvalidInput, UnknownName
from engine.policy.policy import Policy
from engine.rights import due
from engine.rights.state import Status
from engine.rights.store import Request


@dataclass(frozen=True, slots=True)
class Affected:
    """One open request: by when it is answered now, and under the new version (None: no such right)."""

    id: str
    right: str
    status: str
    due: datetime
    then: datetime | None


def affected(requests: Iterable[Request], new: Policy) -> Iterator[Affected]:
    """The open requests that a new version treats otherwise."""
    for request in requests:
        if request.status is not Status.RECEIVED:
            continue
        then = _then(request, new)
        if then != request.legal_due:
            yield Affected(request.id, request.right, request.status.value, request.legal_due, then)


def _then(request: Request, new: Policy) -> datetime | None:
    try:
        rule = due.rule_of(new, request.right)
        return due.deadline(new, rule, request.region, request.received_at).legal_due
    except (UnknownName, InvalidInput):
        return None
