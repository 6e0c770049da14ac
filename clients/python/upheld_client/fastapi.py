"""Guards for FastAPI and Starlette (`pip install upheld-client[fastapi]`).

privacy = Guards(AsyncUpheld(…), subject=lambda request: request.session.get("user_id"))
privacy.install(app)

@app.get("/insights")
async def insights(
    decisions=Depends(privacy.guard(purpose="improve.quality-analysis", categories=["usage.content"])),
): …

@app.post("/login", dependencies=[Depends(privacy.gate)])
async def logged_in(): …
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Sequence
from inspect import isawaitable
from typing import Any

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from upheld_client.aio import AsyncUpheld
from upheld_client.answers import Decision
from upheld_client.calls import Operation
from upheld_client.guarding import Denial, Guard, held_up, lacks_agreement, signals_in

PROBLEM = "application/problem+json"
NO_STORE = {"Cache-Control": "no-store"}

Subject = Callable[[Request], str | Awaitable[str | None] | None]
Dependency = Callable[[Request], Coroutine[Any, Any, Sequence[Decision]]]


class Denied(HTTPException):
    """Raised by a guard: 403 or 503, and after `install` with problem details or the way to the page."""

    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.status, denial.detail, NO_STORE)
        self.denial = denial


class Guards:
    """Guards the paths of an app.

    `subject`, plain or async, gives the id of the person whom a request is about, as the data map's first
    identity has it, or None for nobody; take it from your own session, never from what the request claims.
    """

    def __init__(self, upheld: AsyncUpheld, subject: Subject) -> None:
        self._upheld, self._subject = upheld, subject

    def install(self, app: FastAPI) -> None:
        """Have the app say why somebody is kept out, and send people to where they can settle it."""
        app.add_exception_handler(Denied, _handle)

    def guard(
        self,
        *,
        purpose: str,
        categories: Iterable[str],
        operation: Operation = "use",
        recipient: str = "",
        by_api_key: bool = False,
        meets: Collection[str] = (),
    ) -> Dependency:
        """A dependency that lets the path run only if all of this is permitted, and gives it the answers.

        Otherwise 403, or 503 where Upheld does not answer. Where only the person's agreement is missing, a
        browser is sent to the page that asks for it. `meets` names the obligations that the path meets.
        """
        guard = Guard.over(purpose, categories, operation, recipient, by_api_key, meets)

        async def guarded(request: Request) -> Sequence[Decision]:
            return await self._ask(guard, request)

        return guarded

    async def gate(self, request: Request) -> None:
        """A dependency that lets the path run only for a person who has nothing to settle, or for nobody."""
        denial = await self.held_up(request)
        if denial is not None:
            raise Denied(denial)

    async def held_up(self, request: Request) -> Denial | None:
        """Why the person of a request may not go on; None if they may, or there is none."""
        subject = await self._person(request)
        if subject is None:
            return None
        return held_up(await self._upheld.login(subject, signals=_signals(request)))

    async def _ask(self, guard: Guard, request: Request) -> Sequence[Decision]:
        subject, signals = await self._person(request), _signals(request)
        decisions = await self._upheld.decide_all(
            guard.questions(), subject=subject, by_api_key=guard.by_api_key, signals=signals
        )
        denial = guard.denial(decisions)
        if denial is None:
            return tuple(decisions)
        if subject is not None and lacks_agreement(decisions):
            gate = await self._upheld.login(subject, signals=signals)
            denial = denial if gate.go_to is None else held_up(gate) or denial
        raise Denied(denial)

    async def _person(self, request: Request) -> str | None:
        found = self._subject(request)
        return await found if isawaitable(found) else found


class GateMiddleware:
    """The gate before every request of an app, but for the paths in `open_to` and those below them.

    WebSockets are not gated. Leave logging in and out, exporting, cancelling and the policy open: nobody may
    be kept from these. Add it before what `subject` reads, such as Starlette's SessionMiddleware: what is
    added last runs first.
    """

    def __init__(self, app: ASGIApp, guards: Guards, open_to: Collection[str] = ()) -> None:
        self._app, self._guards = app, guards
        self._open = tuple(path.rstrip("/") for path in open_to)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or say why not."""
        if scope["type"] != "http" or self._is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        denial = await self._guards.held_up(request)
        answer: ASGIApp = self._app if denial is None else _tell(denial, request)
        await answer(scope, receive, send)

    def _is_open(self, path: str) -> bool:
        return any(path == each or path.startswith(f"{each}/") for each in self._open)


async def _handle(request: Request, error: Exception) -> Response:
    if not isinstance(error, Denied):
        raise error
    return _tell(error.denial, request)


def _tell(denial: Denial, request: Request) -> Response:
    if denial.go_to is not None and denial.redirects(request.headers.get("accept", "")):
        return RedirectResponse(denial.go_to, 303, NO_STORE)
    return JSONResponse(denial.problem(), denial.status, NO_STORE, PROBLEM)


def _signals(request: Request) -> list[str] | None:
    return signals_in(request.headers.getlist("sec-gpc"))
