"""HTTP with what the standard library has: a connection a thread, time limits, repetition."""

from __future__ import annotations

import http.client
import json
import random
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from upheld_client.errors import Refused, Unreachable, UpheldError

LARGEST_ANSWER = 8 * 1024 * 1024
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TRANSIENT = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


class Transport:
    """Sends JSON to one address. `timeout` in seconds is how long a call goes on trying, and the
    longest silence of the server that it bears."""

    def __init__(self, base_url: str, api_key: str, timeout: float) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"`{base_url}` is not an address such as https://privacy.example.com")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"`{base_url}` would send the key and data unencrypted: use https")
        self._https = parts.scheme == "https"
        self._host, self._port, self._root = parts.hostname, parts.port, parts.path.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}", "Content-Type": "application/json"}
        self._timeout = timeout
        self._tls = ssl.create_default_context() if self._https else None
        self._local = threading.local()

    def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> Any:
        """Send, repeating what may pass, and return the JSON. Refused or Unreachable."""
        data = json.dumps(body).encode()
        failure: UpheldError = Unreachable("the time was over before the first attempt")
        for left in self._attempts():
            try:
                return self._read(self._send(path, data, dict(headers or {}), left))
            except Refused as error:
                if error.status not in _TRANSIENT:
                    raise
                failure = error
            except Unreachable as error:
                failure = error
        raise failure

    def close(self) -> None:
        """Close this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            connection.close()
            self._local.connection = None

    def _attempts(self) -> Iterator[float]:
        """The seconds that are left, before each attempt, with a growing and uneven pause between them."""
        end, pause = time.monotonic() + self._timeout, _FIRST_PAUSE
        while (left := end - time.monotonic()) > 0:
            yield left
            wait = pause * (0.5 + random.random())  # noqa: S311 - spreads callers, keeps no secret
            if time.monotonic() + wait >= end:
                return
            time.sleep(wait)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _send(self, path: str, data: bytes, headers: dict[str, str], left: float) -> Answer:
        connection = self._connection(left)
        try:
            connection.request("POST", self._root + path, data, {**self._headers, **headers})
            response = connection.getresponse()
            body = response.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Unreachable(f"no answer: {type(error).__name__}") from error
        if len(body) > LARGEST_ANSWER or response.will_close:
            self.close()
        return Answer(response.status, body)

    def _connection(self, left: float) -> http.client.HTTPConnection:
        found: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if found is None:
            if self._tls is not None:
                found = http.client.HTTPSConnection(self._host, self._port, context=self._tls)
            else:
                found = http.client.HTTPConnection(self._host, self._port)
            self._local.connection = found
        found.timeout = left
        if found.sock is not None:
            found.sock.settimeout(left)
        return found

    def _read(self, answer: Answer) -> Any:
        try:
            told = json.loads(answer.body)
        except ValueError as error:
            if answer.status >= 400:
                raise Refused(answer.status, "no reason given") from error
            raise Unreachable("the answer is not JSON") from error
        if answer.status < 300:
            return told
        told = told if isinstance(told, dict) else {}
        raise Refused(answer.status, str(told.get("detail", "")), str(told.get("field", "")))
