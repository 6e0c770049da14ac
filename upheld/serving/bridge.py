"""From granian's RSGI to WSGI: bodies are received on the event loop, requests are answered in threads.

So a client that sends its body slowly holds a few kilobytes and no thread, and is cut off after a while.
A server that hands an unfinished body to a thread can bound neither (granian's own WSGI has no time-out for
bodies, and cuts a broken one short without saying so).
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any

import structlog
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # exported under another name

from upheld.serving.runner import describe

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log: Any = structlog.get_logger(__name__)

Headers = list[tuple[str, str]]
LARGEST_BODY = 8 * 1024 * 1024
"""Of any request; the parts of the web have smaller limits of their own."""

AT_ONCE = 256 * 1024
"""Answers up to this size are sent whole, longer ones as they are made."""

_PLAIN = ("content-type", "text/plain; charset=utf-8")
_CLOSE = ("connection", "close")


@dataclass(frozen=True, slots=True)
class Limits:
    """`body_seconds`: in which a body must have arrived whole; `send_seconds`: in which the client must take
    each piece of a long answer; `threads`: requests answered at once."""

    body_seconds: float = 20.0
    send_seconds: float = 60.0
    threads: int = 12


@dataclass(slots=True)
class _Answer:
    """What the app said; `rest` is what did not fit into `first`."""

    status: int
    headers: Headers
    first: bytes
    rest: Iterator[bytes] | None
    close: Callable[[], None]


class _Refused(Exception):
    """The request cannot be answered as it is."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Bridge:
    """An RSGI application around a WSGI one."""

    def __init__(self, app: WSGIApplication, limits: Limits = Limits()) -> None:
        self._app = app
        self._limits = limits
        self._pool = ThreadPoolExecutor(limits.threads, thread_name_prefix="web")

    def close(self) -> None:
        """Wait for the requests that are being answered."""
        self._pool.shutdown(wait=True)

    async def __call__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        try:
            body = await self._receive(scope, protocol)
        except _Refused as refused:
            told = f"{refused.reason}\n".encode()
            protocol.response_bytes(refused.status, [_PLAIN, _CLOSE], told)
            return
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._pool, self._answer, environ_of(scope, body))
        if answer.rest is None:
            protocol.response_bytes(answer.status, answer.headers, answer.first)
        else:
            await self._stream(answer, answer.rest, protocol)

    async def _receive(self, scope: Any, protocol: Any) -> bytes:
        length = _length(scope.headers)
        if length == 0:
            return b""
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                body = await _read(protocol, length)
        except TimeoutError:
            raise _Refused(408, "the request took too long to arrive") from None
        if length is not None and len(body) != length:
            raise _Refused(400, "the request broke off")
        return body

    def _answer(self, environ: dict[str, Any]) -> _Answer:
        """Runs in a thread."""
        try:
            return _call(self._app, environ)
        except Exception as error:  # noqa: BLE001  (the server's last resort: nobody sees a traceback)
            log.error("a request failed outside the app", **describe(error))
            return _Answer(500, [_PLAIN], b"something went wrong\n", None, lambda: None)

    async def _stream(self, answer: _Answer, rest: Iterator[bytes], protocol: Any) -> None:
        loop = asyncio.get_running_loop()
        transport = protocol.response_stream(answer.status, answer.headers)
        chunk: bytes | None = answer.first
        try:
            while chunk is not None:
                async with asyncio.timeout(self._limits.send_seconds):
                    await transport.send_bytes(chunk)
                chunk = await loop.run_in_executor(self._pool, lambda: next(rest, None))
        except (TimeoutError, ProtocolClosed):
            log.info("a client stopped reading")
        finally:
            await loop.run_in_executor(self._pool, answer.close)


def environ_of(scope: Any, body: bytes) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of a request whose body is whole."""
    address, _, port = scope.server.rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": address.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        _add_header(environ, name, value)
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    # With an underscore a header could pass for another one.
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
        key = f"HTTP_{key}"
    joint = "; " if key == "HTTP_COOKIE" else ","
    environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value


def _length(headers: Any) -> int | None:
    """The length of the body; None where it is sent in chunks. Raises _Refused when it is too long."""
    if "transfer-encoding" in headers:
        return None
    told = headers.get("content-length") or "0"
    if not (told.isascii() and told.isdigit()):
        raise _Refused(400, "the length of the request is not a number")
    if int(told) > LARGEST_BODY:
        raise _Refused(413, "the request is too large")
    return int(told)


async def _read(protocol: Any, length: int | None) -> bytes:
    if length is not None:
        body: bytes = await protocol()
        return body
    parts, size = [], 0
    async for chunk in protocol:
        parts.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise _Refused(413, "the request is too large")
    return b"".join(parts)


def _call(app: WSGIApplication, environ: dict[str, Any]) -> _Answer:
    """Call the app, and take as much of its answer as is sent at once."""
    told: list[Any] = []
    written: list[bytes] = []

    def start(status: str, headers: Headers, _error: Any = None) -> Callable[[bytes], object]:
        told[:] = [int(status[:3]), headers]
        return written.append

    result = app(environ, start)
    close: Callable[[], None] = getattr(result, "close", lambda: None)
    try:
        chunks = iter(result)
        first, more = _gather(chunks)
    except BaseException:
        close()
        raise
    headers = [(name.lower(), value) for name, value in told[1]]
    whole = b"".join([*written, *first])
    if more is None:
        close()
        return _Answer(told[0], headers, whole, None, close)
    return _Answer(told[0], headers, whole, chain([more], chunks), close)


def _gather(chunks: Iterable[bytes]) -> tuple[list[bytes], bytes | None]:
    """The chunks that fit into one piece, and the first one that does not."""
    first: list[bytes] = []
    size = 0
    for chunk in chunks:
        if size + len(chunk) > AT_ONCE and first:
            return first, chunk
        first.append(chunk)
        size += len(chunk)
    return first, None
