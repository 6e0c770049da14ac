"""An operation of the API, declared once: it is served, validated and documented from this."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from flask import Request, Response, g, request
from pydantic import BaseModel

from engine.access.keys import ApiKey
from engine.access.replays import Answer
from engine.errors import InvalidInput, UnknownName
from web.api.callers import WRITES, authenticate
from web.api.reading import JSON, read_body, read_query
from web.security import client_address
from web.services import Services

QUICK = frozenset({"decide"})
"""Scopes whose answers show nothing that a person said or asked for: the facts of some minutes will do."""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read and allowed. `body` and `query` are of the operation's models."""

    services: Services
    path: Mapping[str, str] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    key: ApiKey | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """What may be asked and what comes back.

    `path` has its parameters in braces. `scope` is that of the API key, empty for what is public. `writes`
    takes an `Idempotency-Key`. `example` is a body (or a query) that works. `also` is another media type
    that the answer may have.
    """

    method: str
    path: str
    group: str
    summary: str
    handle: Callable[[Call], Any]
    answer: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    scope: str = ""
    status: int = 200
    writes: bool = False
    example: Mapping[str, Any] | None = None
    describe: str = ""
    also: str = ""

    @property
    def name(self) -> str:
        """A name that is an identifier: `post_v1_decisions`."""
        return re.sub(r"\W+", "_", f"{self.method.lower()}{self.path}").strip("_")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The parameters in the path."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return _PARAMETER.sub(r"<\1>", self.path)


def view(operation: Operation, services: Services) -> Callable[..., Response]:
    """The Flask view of an operation."""

    def answer(**path: str) -> Response:
        key = _caller(operation, services)
        body = read_body(operation.body, request) if operation.body else None
        query = (
            read_query(operation.query, request.args.items(multi=True)) if operation.query else None
        )
        call = Call(services, path, query, body, key, g.request_id)
        if operation.writes and key is not None:
            services.access.limits.check(WRITES, key.prefix)
            return _written(operation, call, request)
        return respond(operation, carry_out(operation, call))

    return answer


def carry_out(operation: Operation, call: Call) -> Any:
    """Run the operation; a name in the body that nothing declares is the caller's to mend."""
    for asked in (call.query, call.body):
        whose = getattr(asked, "subject", None)
        if isinstance(whose, str) and operation.scope not in QUICK:
            # An id may have come to another person, to whom nothing of the earlier one is shown.
            call.services.consent.look(whose)
    try:
        return operation.handle(call)
    except UnknownName as error:
        if operation.body is None:
            raise
        raise InvalidInput(str(error), _field_of(error, call.body)) from None


def respond(operation: Operation, result: Any) -> Response:
    """The answer as JSON, or as the handler made it."""
    if isinstance(result, Response):
        return result
    return Response(_json(result), operation.status, content_type=JSON)


def _caller(operation: Operation, services: Services) -> ApiKey | None:
    if not operation.scope:
        return None
    shown = request.headers.get("Authorization", "")
    return authenticate(services, shown, operation.scope, client_address())


def _json(result: Any) -> bytes:
    if isinstance(result, BaseModel):
        return result.model_dump_json(by_alias=True).encode()
    return orjson.dumps(result)


def _written(operation: Operation, call: Call, sent: Request) -> Response:
    """Carry out a write once for each idempotency key."""
    chosen = sent.headers.get("Idempotency-Key")
    if chosen is None or call.key is None:
        return respond(operation, carry_out(operation, call))
    if not _KEY.fullmatch(chosen):
        raise InvalidInput("an idempotency key is 1 to 200 visible characters", "Idempotency-Key")
    replays = call.services.access.replays
    asked = f"{sent.method} {sent.full_path}\n{sent.get_data(as_text=True)}"
    claim = replays.claim(call.key.prefix, chosen, asked)
    if claim.answer is not None:
        again = Response(claim.answer.body, claim.answer.status, content_type=JSON)
        again.headers["Idempotency-Replayed"] = "true"
        return again
    try:
        response = respond(operation, carry_out(operation, call))
    except Exception:
        replays.release(claim)
        raise
    replays.keep(claim, Answer(response.status_code, response.get_data()))
    return response


def _field_of(error: UnknownName, body: BaseModel) -> str:
    """The field that holds the unknown name."""
    values = body.model_dump()
    return next((name for name, value in values.items() if value == error.name), "")
