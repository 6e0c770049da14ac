"""The client that waits for its answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import httpx

from upheld_client import calls
from upheld_client.errors import Unreachable, UpheldError
from upheld_client.repeating import Attempts
from upheld_client.wire import LARGEST_ANSWER, Address, Call, Request, Response, read, settle

P = ParamSpec("P")
T = TypeVar("T")


def _offered(make: Callable[P, Call[T]]) -> Callable[Concatenate[Upheld, P], T]:
    """A call as a method."""

    @wraps(make)
    def send(self: Upheld, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.send(make(*args, **kwargs))

    return send


class Upheld:
    """Upheld at `base_url`.

    `timeout` in seconds is the deadline of each call with all its repetitions, `attempt` the longest silence
    of the server that one attempt bears. `http` replaces the HTTP client, which is then yours to close. May
    be shared by threads. ValueError for an address that is none, or plain http to another machine.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        timeout: float = 2.0,
        *,
        attempt: float | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._address = Address(base_url, api_key)
        self._timeout, self._attempt = timeout, timeout if attempt is None else attempt
        self._own = http is None
        self._http = httpx.Client() if http is None else http

    decide = _offered(calls.decide)
    decide_all = _offered(calls.decide_all)
    filter_record = _offered(calls.filter_record)
    check_payload = _offered(calls.check_payload)
    login = _offered(calls.login)
    event = _offered(calls.event)
    consent = _offered(calls.consent)
    choose = _offered(calls.choose)
    consents = _offered(calls.consents)
    receipt = _offered(calls.receipt)
    disclose = _offered(calls.disclose)
    report = _offered(calls.report)
    evaluate = _offered(calls.evaluate)
    evaluate_all = _offered(calls.evaluate_all)
    policy = _offered(calls.policy)

    def send(self, call: Call[T]) -> T:
        """Carry out a call; a failure is what the call says it is."""
        try:
            return self._repeat(call)
        except Exception as error:  # noqa: BLE001  fail closed, whatever it was
            return settle(call, error)

    def close(self) -> None:
        """Close the connections."""
        if self._own:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _repeat(self, call: Call[T]) -> T:
        """The request is made once, so that all repetitions have the same idempotency key."""
        request, attempts = self._address.request(call), Attempts(self._timeout)
        while True:
            try:
                return read(call, self._exchange(request, attempts))
            except UpheldError as error:
                time.sleep(attempts.wait_after(error))

    def _exchange(self, request: Request, attempts: Attempts) -> Response:
        try:
            with self._http.stream(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.content,
                timeout=min(self._attempt, attempts.left()),
                follow_redirects=False,
            ) as answer:
                body = bytearray()
                for part in answer.iter_bytes():
                    body += part
                    _bound(body, attempts)
        except httpx.HTTPError as error:
            raise Unreachable(f"no answer: {type(error).__name__}", passing=True) from error
        return Response(answer.status_code, answer.headers, bytes(body))


def _bound(body: bytearray, attempts: Attempts) -> None:
    """An answer that goes on and on ends at the deadline, or when it is too long."""
    attempts.left()
    if len(body) > LARGEST_ANSWER:
        raise Unreachable("the answer is too long")
