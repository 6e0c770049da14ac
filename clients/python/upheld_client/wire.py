"""How a call becomes an HTTP request, and an HTTP response an answer. Pure: nothing here is sent."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import urlencode, urlsplit

from upheld_client.errors import Problem, Unreachable, UpheldError, refusal

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes; a longer answer is not read to its end."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NAMED = frozenset({"type", "title", "status", "detail", "field", "request_id", "retry_after"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One thing to ask or to tell.

    `read` makes the answer out of its JSON; whatever it raises means that the answer is not understood.
    `closed` gives the answer that stands for a missing one; without it a failure raises. Every call may be
    repeated: one that only asks changes nothing, and one that `writes` carries an idempotency key.
    """

    method: Literal["GET", "POST"]
    path: str
    read: Callable[[Any], T]
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    writes: bool = False
    request_id: str = ""
    closed: Callable[[str], T] | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, the same at each repetition."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Address:
    """Where Upheld is, and the key for it.

    ValueError for an address that is none, or plain http to another machine: it would show the key.
    """

    def __init__(self, base_url: str, api_key: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"`{base_url}` is not an address such as https://privacy.example.com")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"`{base_url}` would send the key and data unencrypted: use https")
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._key = api_key

    def request(self, call: Call[Any]) -> Request:
        """A call as it is sent."""
        query = f"?{urlencode(call.query)}" if call.query else ""
        headers = {"Authorization": f"Bearer {self._key}", "Accept": "application/json"}
        if call.writes:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if call.request_id:
            headers["X-Request-ID"] = call.request_id
        content = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(call.body).encode()
        return Request(call.method, f"{self._base}{call.path}{query}", headers, content)


def read(call: Call[T], response: Response) -> T:
    """The answer in a response; Refused or Unreachable."""
    if response.status >= 400:
        raise refusal(problem_in(response, datetime.now(UTC)))
    try:
        if response.status >= 300:
            raise ValueError(response.status)
        return call.read(json.loads(response.body))
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise Unreachable("the answer is not understood") from error


def settle(call: Call[T], error: Exception) -> T:
    """The answer that stands for a missing one; raises the error for a call that has none."""
    if call.closed is None:
        raise error
    return call.closed(str(error) if isinstance(error, UpheldError) else type(error).__name__)


def problem_in(response: Response, now: datetime) -> Problem:
    """The problem that a response tells of; AuthZEN's errors are a plain message."""
    try:
        told = json.loads(response.body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        told = {"detail": response.body[:500].decode(errors="replace")} if response.body else {}
    return Problem(
        status=response.status,
        type=str(told.get("type", "about:blank")),
        title=str(told.get("title", "")),
        detail=str(told.get("detail", "")),
        field=str(told.get("field", "")),
        request_id=str(told.get("request_id", "")),
        retry_after=_seconds(response.headers.get("retry-after", ""), now),
        members={name: value for name, value in told.items() if name not in _NAMED},
    )


def _seconds(retry_after: str, now: datetime) -> float | None:
    """`Retry-After` in seconds from now: it is a number of them, or a date."""
    if retry_after.isascii() and retry_after.isdigit():
        return float(retry_after[:9])
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (TypeError, ValueError):
        return None
