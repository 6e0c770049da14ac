"""The quick path for decisions: `POST /v1/decisions` answered in front of Flask.

It knows only how to answer a request that is in order. Whatever is not (another path, no key, a body that is
too long or wrong, a failure) goes on to Flask with its body intact, where the same models and the same table
of errors answer it: so there is one behaviour, reached in two ways.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

import orjson

from web import metrics
from web.api.callers import token
from web.api.decisions import DecisionQuestion, decide
from web.api.reading import JSON, LARGEST_BODY, parse
from web.security import HEADERS, HSTS, allowed_hosts, name_request
from web.services import Services

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/v1/decisions"
_OPERATION = "post_v1_decisions"


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
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._app(environ, start)
        began = time.perf_counter()
        answer = self._answer(environ) if self._in_order(environ) else None
        if answer is None:
            return self._app(environ, start)
        named = name_request(environ.get("HTTP_X_REQUEST_ID", ""))
        length = ("Content-Length", str(len(answer)))
        start("200 OK", [*self._headers, length, ("X-Request-ID", named)])
        metrics.count(_OPERATION, 200, time.perf_counter() - began)
        return [answer]

    def _in_order(self, environ: WSGIEnvironment) -> bool:
        length = environ.get("CONTENT_LENGTH", "")
        return (
            length.isascii()
            and length.isdigit()
            and len(length) < 8
            and int(length) <= LARGEST_BODY
            and not environ.get("QUERY_STRING")
            and environ.get("CONTENT_TYPE", "").lower() == JSON
            and environ.get("HTTP_HOST", "").lower() in self._hosts
        )

    def _answer(self, environ: WSGIEnvironment) -> bytes | None:
        raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        environ["wsgi.input"] = BytesIO(raw)
        shown = token(environ.get("HTTP_AUTHORIZATION", ""))
        try:
            key = self._services.access.keys.find(shown)
            if key is None or not key.allows("decide"):
                return None
            return orjson.dumps(decide(self._services, parse(DecisionQuestion, raw)))
        except Exception:  # noqa: BLE001  whatever it was, the app answers it
            return None
