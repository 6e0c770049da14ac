"""The searches of AuthZEN 1.0: which recipients, which purposes, which categories are permitted.

A search looks at what the policy says and is no decision: nothing is logged, and shadow mode changes nothing.
Unknown ids and types find nothing; of a subject only recipients can be listed, since the policy names them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from engine.decisions.decision import Request
from engine.errors import InvalidInput
from engine.policy.policy import Policy
from web.api.authzen_models import DATA, RECIPIENT, SERVICE, Action, Entity, Lenient, Text

SEARCH = "/access/v1/search"
LARGEST_PAGE = 1000
_AT_FIRST = 100


class Sought(Lenient):
    """The entity that is looked for: its id is ignored."""

    type: Text
    properties: dict[str, Any] = Field(default_factory=dict)


class Page(Lenient):
    """Which part of the results."""

    token: Annotated[str, Field(max_length=100)] = ""
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = _AT_FIRST


class Search(Lenient):
    """What all searches have."""

    context: dict[str, Any] = Field(default_factory=dict)
    page: Page = Page()


class SubjectSearch(Search):
    """Who may do this?"""

    subject: Sought
    action: Action
    resource: Entity


class ResourceSearch(Search):
    """With what may this be done?"""

    subject: Entity
    action: Action
    resource: Sought


class ActionSearch(Search):
    """What for?"""

    subject: Entity
    resource: Entity


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible result: what is asked to find out, and how it is listed."""

    request: Request
    entry: dict[str, str]


def subjects(policy: Policy, asked: SubjectSearch) -> Iterator[Candidate]:
    """The recipients that it could be shared with."""
    if asked.subject.type == RECIPIENT and asked.resource.type == DATA:
        for name in policy.recipients.leaves:
            request = Request("share", asked.resource.id, asked.action.name, name)
            yield Candidate(request, {"type": RECIPIENT, "id": name})


def resources(policy: Policy, asked: ResourceSearch) -> Iterator[Candidate]:
    """The categories that it could be done with."""
    if asked.resource.type == DATA:
        for name in policy.categories.leaves:
            for request in _request(asked.subject, name, asked.action.name, asked.context):
                yield Candidate(request, {"type": DATA, "id": name})


def actions(policy: Policy, asked: ActionSearch) -> Iterator[Candidate]:
    """The purposes that it could be done for."""
    if asked.resource.type == DATA:
        for name in policy.purposes.leaves:
            for request in _request(asked.subject, asked.resource.id, name, asked.context):
                yield Candidate(request, {"name": name})


def page_of(found: Sequence[dict[str, str]], page: Page) -> dict[str, Any]:
    """One page of results, and the token of the next; an empty token says that this is the last."""
    start = _start(page.token)
    results = found[start : start + page.limit]
    after = start + len(results)
    token = _token(after) if after < len(found) else ""
    told = {"next_token": token, "count": len(results), "total": len(found)}
    return {"page": told, "results": list(results)}


def _request(
    subject: Entity, category: str, purpose: str, context: dict[str, Any]
) -> Iterable[Request]:
    if subject.type not in (RECIPIENT, SERVICE):
        return
    operation = context.get("operation", "share" if subject.type == RECIPIENT else "use")
    if operation not in ("collect", "use", "share"):
        message = "`context.operation` is `collect`, `use` or `share`"
        raise InvalidInput(message, "context.operation")
    yield Request(operation, category, purpose, subject.id if operation == "share" else "")


def _token(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode()


def _start(token: str) -> int:
    if not token:
        return 0
    try:
        place = int(base64.b64decode(token, altchars=b"-_", validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        place = -1
    if place < 0:
        raise InvalidInput("`page.token` is not one that a search gave", "page.token")
    return place
