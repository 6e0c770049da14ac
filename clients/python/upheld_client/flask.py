"""Guards for Flask (`pip install upheld-client[flask]`).

privacy = Guards(Upheld(…), subject=lambda: session.get("user_id"))

@app.get("/insights")
@privacy.guard(purpose="improve.quality-analysis", categories=["usage.content"])
def insights(): …

@app.post("/login")
@privacy.gate
def logged_in(): …
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec

from flask import Flask, Response, current_app, g, json, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from upheld_client.answers import Decision
from upheld_client.calls import Operation
from upheld_client.client import Upheld
from upheld_client.guarding import Denial, Guard, held_up, lacks_agreement, signals_in

P = ParamSpec("P")
View = Callable[P, Any]
PROBLEM = "application/problem+json"


class Guards:
    """Guards the views of an app.

    `subject`, called within a request, gives the id of the person whom it is about, as the data map's first
    identity has it, or None for nobody; take it from your own session, never from what the request claims.
    """

    def __init__(self, upheld: Upheld, subject: Callable[[], str | None]) -> None:
        self._upheld, self._subject = upheld, subject

    def guard(
        self,
        *,
        purpose: str,
        categories: Iterable[str],
        operation: Operation = "use",
        recipient: str = "",
        by_api_key: bool = False,
        meets: Collection[str] = (),
    ) -> Callable[[View[P]], View[P]]:
        """The view runs only if all of this is permitted; `decisions()` within it gives the answers.

        Otherwise it answers 403 with problem details, or 503 where Upheld does not answer. Where only the
        person's agreement is missing, a browser is sent to the page that asks for it. `meets` names the
        obligations that the view meets, such as `warn`.
        """
        guard = Guard.over(purpose, categories, operation, recipient, by_api_key, meets)

        def around(view: View[P]) -> View[P]:
            @wraps(view)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
                denial = self._ask(guard)
                if denial is not None:
                    return _tell(denial)
                return current_app.ensure_sync(view)(*args, **kwargs)

            return guarded

        return around

    def gate(self, view: View[P]) -> View[P]:
        """The view runs only for a person who has nothing to settle; others are sent where they can.

        Without a person (nobody is logged in) it runs. On the last step of a login, `subject` must know them.
        """

        @wraps(view)
        def gated(*args: P.args, **kwargs: P.kwargs) -> Any:
            denial = self._held_up()
            return (
                current_app.ensure_sync(view)(*args, **kwargs) if denial is None else _tell(denial)
            )

        return gated

    def gate_all(self, app: Flask, *, open_to: Collection[str] = ()) -> None:
        """The gate before every request of an app, but for the endpoints in `open_to` and its static files.

        Leave logging out, exporting, cancelling and the policy open: nobody may be kept from these.
        """

        def before() -> BaseResponse | None:
            if request.endpoint is None or request.endpoint in {"static", *open_to}:
                return None
            denial = self._held_up()
            return None if denial is None else _tell(denial)

        app.before_request(before)

    def _ask(self, guard: Guard) -> Denial | None:
        subject = self._subject()
        decisions = self._upheld.decide_all(
            guard.questions(), subject=subject, by_api_key=guard.by_api_key, signals=_signals()
        )
        g.upheld_decisions = tuple(decisions)
        denial = guard.denial(decisions)
        if denial is None or subject is None or not lacks_agreement(decisions):
            return denial
        gate = self._upheld.login(subject, signals=_signals())
        return denial if gate.go_to is None else held_up(gate) or denial

    def _held_up(self) -> Denial | None:
        subject = self._subject()
        return None if subject is None else held_up(self._upheld.login(subject, signals=_signals()))


def decisions() -> Sequence[Decision]:
    """The answers for the view that runs, in the order of its categories."""
    found: Sequence[Decision] = g.get("upheld_decisions", ())
    return found


def _signals() -> list[str] | None:
    return signals_in(request.headers.getlist("Sec-GPC"))


def _tell(denial: Denial) -> BaseResponse:
    if denial.go_to is not None and denial.redirects(request.headers.get("Accept", "")):
        response: BaseResponse = redirect(denial.go_to, 303)
    else:
        response = Response(json.dumps(denial.problem()), denial.status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    return response
