"""A rights request's states, who may move it on, and what the person reads at each. Pure.

    received ─ verify ─→ verified ─ wait ─→ cooling off ─ begin ─→ in progress ─ complete ─→ completed
        │ expire            └───────────── begin ──────────────────↗      └ refuse ─→ refused
        ↓                   cancel, refuse: from every state before work has begun
     expired

Only Upheld itself refuses work in progress (when it finds that nothing of it may be done): an officer who
has doubts says so before the first row is touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.errors import Conflict, Forbidden


class Status(StrEnum):
    """Where a request stands."""

    RECEIVED = "received"
    VERIFIED = "verified"
    COOLING_OFF = "cooling off"
    IN_PROGRESS = "in progress"
    COMPLETED = "completed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def closed(self) -> bool:
        """Whether nothing more will happen."""
        return self in _CLOSED


class Actor(StrEnum):
    """Who moves a request."""

    PERSON = "person"
    OFFICER = "officer"
    SYSTEM = "system"


class Step(StrEnum):
    """What happens to a request."""

    VERIFY = "verify"
    WAIT = "wait"
    BEGIN = "begin"
    COMPLETE = "complete"
    REFUSE = "refuse"
    CANCEL = "cancel"
    EXPIRE = "expire"
    EXTEND = "extend"
    HALT = "halt"


_CLOSED = frozenset({Status.COMPLETED, Status.REFUSED, Status.CANCELLED, Status.EXPIRED})
_WAITING = (Status.RECEIVED, Status.VERIFIED, Status.COOLING_OFF)
_OPEN = (*_WAITING, Status.IN_PROGRESS)
_PERSON, _OFFICER, _SYSTEM = Actor.PERSON, Actor.OFFICER, Actor.SYSTEM

# An extension moves the deadline and leaves the status alone; a halt says why work does not go on.
_STAYS: dict[Status, Status] = {status: status for status in _OPEN}


def _table() -> Iterator[tuple[tuple[Status, Step, Actor], Status]]:
    for who in (_PERSON, _SYSTEM):
        yield (Status.RECEIVED, Step.VERIFY, who), Status.VERIFIED
    yield (Status.RECEIVED, Step.EXPIRE, _SYSTEM), Status.EXPIRED
    yield (Status.VERIFIED, Step.WAIT, _SYSTEM), Status.COOLING_OFF
    for status in (Status.VERIFIED, Status.COOLING_OFF):
        yield (status, Step.BEGIN, _SYSTEM), Status.IN_PROGRESS
    for status in (Status.VERIFIED, Status.COOLING_OFF, Status.IN_PROGRESS):
        yield (status, Step.HALT, _SYSTEM), status
    for who in (_OFFICER, _SYSTEM):
        yield (Status.IN_PROGRESS, Step.COMPLETE, who), Status.COMPLETED
    yield (Status.IN_PROGRESS, Step.REFUSE, _SYSTEM), Status.REFUSED
    for status in _WAITING:
        yield (status, Step.CANCEL, _PERSON), Status.CANCELLED
        yield (status, Step.REFUSE, _OFFICER), Status.REFUSED
    for status, same in _STAYS.items():
        yield (status, Step.EXTEND, _OFFICER), same


TRANSITIONS: dict[tuple[Status, Step, Actor], Status] = dict(_table())
"""(status, step, who) -> the status after it; what is not here cannot happen."""

_TOO_LATE = {
    Step.CANCEL: "it is being carried out already and can no longer be cancelled",
    Step.REFUSE: "it is being carried out already and can no longer be refused",
}


def after(status: Status, step: Step, actor: Actor) -> Status:
    """The status after a step.

    Raises Forbidden where another actor could take this step, Conflict where nobody can.
    """
    found = TRANSITIONS.get((status, step, actor))
    if found is not None:
        return found
    if status.closed:
        raise Conflict(f"the request is {status.value}: nothing more happens to it")
    if status is Status.IN_PROGRESS and step in _TOO_LATE:
        raise Conflict(_TOO_LATE[step])
    if any(TRANSITIONS.get((status, step, other)) for other in Actor):
        raise Forbidden(f"only somebody else than the {actor.value} may {step.value} a request")
    raise Conflict(f"a request that is {status.value} cannot {step.value}")


@dataclass(frozen=True, slots=True)
class Progress:
    """What the person reads: where it stands, what comes next, and by when (None: nothing is due)."""

    now: str
    next: str
    by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """The times of a request that its progress names."""

    legal_due: datetime
    verify_by: datetime | None = None
    cooling_until: datetime | None = None
    closed_at: datetime | None = None
    package_until: datetime | None = None
    waiting_for: str | None = None


def progress(right: str, status: Status, times: Times) -> Progress:
    """What the person reads at this state. The texts are fixed, so that they can be translated."""
    match status:
        case Status.RECEIVED:
            by = times.verify_by or times.legal_due
            return Progress(_NOW[status], "Enter the code that we sent you by e-mail.", by)
        case Status.COOLING_OFF:
            return Progress(_NOW[status], _AFTER_COOLING, times.cooling_until)
        case Status.VERIFIED:
            return Progress(_NOW[status], _DOES.get(right, _ANSWERS), times.legal_due)
        case Status.IN_PROGRESS:
            waits = (
                "Something must be waited for; we go on by ourselves."
                if times.waiting_for
                else None
            )
            return Progress(_NOW[status], waits or _DOES.get(right, _ANSWERS), times.legal_due)
        case Status.COMPLETED:
            until = times.package_until
            return Progress(_NOW[status], _THEN[right] if until else _NOTHING_MORE, until)
        case _:
            return Progress(_NOW[status], _CLOSING[status])


_NOW = {
    Status.RECEIVED: "We have received your request, and need to know that it is from you.",
    Status.VERIFIED: "We know that the request is from you.",
    Status.COOLING_OFF: "You can still change your mind: nothing has been deleted.",
    Status.IN_PROGRESS: "We are carrying out your request.",
    Status.COMPLETED: "Your request is done.",
    Status.REFUSED: "We cannot do what you asked for; the reason stands below.",
    Status.CANCELLED: "You cancelled this request; nothing was done.",
    Status.EXPIRED: "This request was never confirmed, so nothing was done.",
}
_AFTER_COOLING = "After that we delete your data, and you can no longer cancel."
_ANSWERS = "We answer."
_NOTHING_MORE = "There is nothing more for you to do."
_DOES = {
    "access": "We put together a copy of your data for you to download.",
    "export": "We put together your data for you to download.",
    "correction": "We check and correct your data.",
    "deletion": "We delete your data everywhere, and look again that it is gone.",
    "restriction": "We stop using your data, except as the law demands.",
    "objection": "We stop using your data for what you object to.",
}
_DOWNLOAD = "You can download your data."
_THEN = dict.fromkeys(("access", "export"), _DOWNLOAD) | {
    "deletion": "You can download the certificate of what was deleted."
}
_CLOSING = {
    Status.REFUSED: "You can complain to us, or to the data protection authority where you live.",
    Status.CANCELLED: "You can file a new request at any time.",
    Status.EXPIRED: "You can file a new request at any time.",
}
