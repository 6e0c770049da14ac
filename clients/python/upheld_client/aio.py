"""The client for asyncio: the same calls, awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

import httpx

from upheld_client import calls
from upheld_client.errors import Unreachable, UpheldError
from upheld_client.repeating import Attempts
from upheld_client.wire import LARGEST_ANSWER, Address, Call, Request, Response, read, settle

P = ParamSpec("P")
T = TypeVar("T")


def _offered(
    make: Callable[P, Call[T]],
) -> Callable[Concatenate[AsyncUpheld, P], Coroutine[Any, Any, T]]:
    """A call as a method."""

    @wraps(make)
    async def send(self: AsyncUpheld, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.send(make(*args, **kwargs))

    return send


class AsyncUpheld:
    """Upheld at `base_url`, for one event loop. The arguments are those of `Upheld`."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        timeout: float = 2.0,
        *,
        attempt: float | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self._address = Address(base_url, api_key)
        self._timeout, self._attempt = timeout, timeout if attempt is None else attempt
        self._own = http is None
        self._http = httpx.AsyncClient() if http is None else http

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

    async def send(self, call: Call[T]) -> T:
        """Carry out a call; a failure is what the call says it is."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._repeat(call)
        except TimeoutError:
            return settle(call, Unreachable("no answer in time"))
        except Exception as error:  # noqa: BLE001  fail closed, whatever it was
            return settle(call, error)

    async def close(self) -> None:
        """Close the connections."""
        if self._own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _repeat(self, call: Call[T]) -> T:
        """The request is made once, so that all repetitions have the same idempotency key."""
        request, attempts = self._address.request(call), Attempts(self._timeout)
        while True:
            try:
                return read(call, await self._exchange(request, attempts))
            except UpheldError as error:
                await asyncio.sleep(attempts.wait_after(error))

    async def _exchange(self, request: Request, attempts: Attempts) -> Response:
        try:
            async with self._http.stream(
                request.method,
                request.url,
                headers=dict(request.headers),
                content=request.content,
                timeout=min(self._attempt, attempts.left()),
                follow_redirects=False,
            ) as answer:
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise Unreachable("the answer is too long")
        except httpx.HTTPError as error:
            raise Unreachable(f"no answer: {type(error).__name__}", passing=True) from error
        return Response(answer.status_code, answer.headers, bytes(body))
