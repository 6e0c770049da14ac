"""The floors of the HTTP benchmark: raw WSGI callables that only parse and answer JSON, on the same server.

`BENCH_BARE_DATABASE`, a PostgreSQL URL, makes the callable read one row by its primary key for each request.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import psycopg

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ONE = {
    "effect": "permit",
    "rule": "a-rule",
    "clauses": ["1.a"],
    "obligations": [],
    "missing": [],
    "policy": {"name": "bare", "version": "2026-01-01", "digest": "0" * 64},
    "reason": "a sentence of about the length that a reason has, so that the answers weigh the same",
}


@contextmanager
def open_bare() -> Iterator[WSGIApplication]:
    """The callable, as a web worker opens it."""
    url = os.environ.get("BENCH_BARE_DATABASE", "")
    yield _callable(_reader(url) if url else lambda _: None)


def _callable(read: Callable[[str], object]) -> WSGIApplication:
    def app(environ: WSGIEnvironment, start: StartResponse) -> list[bytes]:
        asked = orjson.loads(environ["wsgi.input"].read())
        read(asked["subject"])
        several = asked.get("requests")
        told = {"decisions": [ONE for _ in several]} if several else ONE
        body = orjson.dumps(told)
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        start("200 OK", headers)
        return [body]

    return app


def _reader(url: str) -> Callable[[str], object]:
    own = threading.local()

    def read(subject: str) -> Any:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(url, autocommit=True)
        query = "SELECT * FROM subject_facts WHERE subject_id = %s"
        return own.connection.execute(query, (subject,), prepare=True).fetchone()

    return read
