"""The quick path for decisions: answered in front of Flask.

It knows only how to answer a request that is in order. Whatever is not (another path, no key, a body that is
too long or wrong, a person not lately seen, a failure) goes on to Flask with its body intact, where the same
models and the same table of errors answer it: so there is one behaviour, reached in two ways.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from engine.enforcement.answer import Answer
from web import metrics
from web.api import authzen, decisions
from web.api.answering import Ask, count
from web.api.callers import token
from web.api.reading import JSON, LARGEST_BODY
from web.security import HEADERS, HSTS, allowed_hosts, name_request
from web.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Quick:
    """How one path is read and answered, and the name it is counted under.

    `read` gives None for what is left to the app.
    """

    name: str
    read: Callable[[bytes], Ask | None]
    tell: Callable[[Sequence[Answer]], bytes]


PATHS = {
    "/v1/decisions": Quick("post_v1_decisions", decisions.read_one, decisions.tell_one),
    "/v1/decisions/batch": Quick(
        "post_v1_decisions_batch", decisions.read_batch, decisions.tell_batch
    ),
    authzen.EVALUATION: Quick("evaluation", authzen.read_evaluation, authzen.tell_evaluation),
    authzen.EVALUATIONS: Quick("evaluations", authzen.read_evaluations, authzen.tell_evaluations),
}


class DecisionPath:
    """A WSGI callable around the app."""

    def __init__(self, app: WSGIApplication, services: Services) -> None:
        self._app = app
        self._services = services
        self._hosts = allowed_hosts(services.config)
        self._headers = [("Content-Type", JSON), ("Cache-Control", "no-store"), *HEADERS.items()]
        if services.config.https:
            self._headers.append(("Strict-Transport-Security", HSTS))

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        """Answer a decision that is in order; hand everything else on."""
        quick = PATHS.get(environ["PATH_INFO"])
        if quick is None or not self._in_order(environ):
            return self._app(environ, start)
        began = time.perf_counter()
        named = name_request(environ.get("HTTP_X_REQUEST_ID", ""))
        body = self._answer(quick, environ, named)
        if body is None:
            return self._app(environ, start)
        length = ("Content-Length", str(len(body)))
        start("200 OK", [*self._headers, length, ("X-Request-ID", named)])
        metrics.count(quick.name, 200, time.perf_counter() - began)
        return [body]

    def _in_order(self, environ: WSGIEnvironment) -> bool:
        length = environ.get("CONTENT_LENGTH", "")
        return (
            environ["REQUEST_METHOD"] == "POST"
            and length.isascii()
            and length.isdigit()
            and len(length) < 8
            and int(length) <= LARGEST_BODY
            and not environ.get("QUERY_STRING")
            and environ.get("CONTENT_TYPE", "").lower() == JSON
            and environ.get("HTTP_HOST", "").lower() in self._hosts
        )

    def _answer(self, quick: Quick, environ: WSGIEnvironment, named: str) -> bytes | None:
        enforcement = self._services.enforcement
        if enforcement is None:
            return None
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(raw)
        # Should the app have to answer, it answers under the same name.
        environ["HTTP_X_REQUEST_ID"] = named
        shown = token(environ.get("HTTP_AUTHORIZATION", ""))
        try:
            ask = quick.read(raw)
            if ask is None:
                return None
            answers = enforcement.answer_quickly(shown, ask.named(named))
        except Exception:  # noqa: BLE001  whatever it was, the app answers it
            return None
        if answers is None:
            return None
        count(answers)
        return quick.tell(answers)
