"""Events that the platform does not store, told by its services: retention counts from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel

from engine.errors import InvalidInput, Unavailable, did_you_mean
from engine.policy.policy import Policy
from web.api.operations import Call, Operation
from web.api.reading import Strict, Subject, Term
from web.services import Services


def _in_utc(at: datetime) -> datetime:
    """The same moment in UTC; at either end of the calendar there may be none."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time within the years 1 to 9999 in UTC") from None


class EventTold(Strict):
    """What happened to a person, and when. Telling it again replaces what the same source told before."""

    subject: Subject
    event: Term
    at: Annotated[AwareDatetime, AfterValidator(_in_utc)]
    source: Term = "api"


class EventKept(BaseModel):
    """What is remembered."""

    subject: str
    event: str
    at: AwareDatetime
    source: str


def operations() -> list[Operation]:
    """`/v1/events`."""
    return [
        Operation(
            "POST",
            "/v1/events",
            "events",
            "Tell an event that the platform does not store",
            tell,
            EventKept,
            body=EventTold,
            scope="consent",
            writes=True,
            example={
                "subject": "42",
                "event": "account.cancelled",
                "at": "2026-06-15T12:00:00Z",
                "source": "billing",
            },
            describe="Idempotent by person, event and source: the last word of each source counts. "
            "A time in the future is scheduled.",
        )
    ]


def tell(call: Call) -> EventKept:
    """Remember an event that some rule of some version counts from."""
    told: EventTold = call.body
    known = known_events(call.services)
    if told.event not in known:
        raise InvalidInput(
            f"no rule counts from an event `{told.event}`{did_you_mean(told.event, known)}", "event"
        )
    if call.services.events is None:
        raise Unavailable("this installation takes no events")
    call.services.events.record_event(told.subject, told.event, told.at, told.source)
    return EventKept(**told.model_dump())


def known_events(services: Services) -> set[str]:
    """The events that the published versions count from; those of a record itself cannot be told."""
    events = {event for policy in services.versions().policies for event in _events(policy)}
    return {event for event in events if not event.startswith("record.")}


def _events(policy: Policy) -> Iterator[str]:
    for rule in policy.retention:
        anchors = (rule.after, *(term.after for term in rule.or_later))
        yield from (anchor.event for anchor in anchors if anchor is not None)
    yield from (statute.after.event for statute in policy.statutes)
