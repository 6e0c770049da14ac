"""The supervisor of the web workers: starts them, starts again what dies, and ends them in good order.

granian replaces a worker that dies. It gives up when workers die as soon as they start; then the supervisor
waits, longer each time, and starts again, so that a database that is away for a minute does not end the
service.
"""

from __future__ import annotations

import errno
import multiprocessing
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

import structlog
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from engine.errors import Unavailable
from upheld.serving.bridge import Limits
from upheld.serving.web import load

log: Any = structlog.get_logger(__name__)

HEADER_SECONDS = 10
GRACE_SECONDS = 25
"""For requests that are being answered when the service is stopped."""

STEADY_SECONDS = 60
"""Workers that ran for this long were well: what kills them now is something new."""

CONNECTIONS = 1024
"""Requests that a worker holds at once, most of them waiting for their body or for a thread."""

_TO_OUR_LOG: dict[str, Any] = {"handlers": [], "level": "WARNING", "propagate": True}
_LOGGERS = {"loggers": {"_granian": _TO_OUR_LOG, "granian.access": _TO_OUR_LOG}}


@dataclass(frozen=True, slots=True)
class Site:
    """What is served where: `opener` names a context manager that gives a WSGI application."""

    host: str
    port: int
    workers: int
    opener: str = "upheld.serving.app:open_app"
    log_format: Literal["json", "text"] = "json"
    limits: Limits = field(default=Limits())


def require_free_port(host: str, port: int) -> None:
    """Raise Unavailable when somebody else listens there, or when this address cannot be used.

    The workers share the port among them, so none of them would notice a stranger that shares it too.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Unavailable(_refusal(host, port, error)) from error


def pause(failures: int) -> float:
    """How many seconds to wait after so many failures in a row: 1, 2, 4 … up to 60."""
    return float(min(60, 2 ** (failures - 1)))


class Supervisor:
    """Runs web workers until it is told to stop by SIGTERM or SIGINT."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._stop = threading.Event()

    def run(self) -> None:
        """Serve; returns when stopped. Call it in the main thread: it takes the signals."""
        # A forked worker would share the scheduler's locks and database connections.
        multiprocessing.set_start_method("spawn", force=True)
        with self._signals():
            failures = 0
            while not self._stop.is_set():
                began = time.monotonic()
                if self._serve():
                    return
                lasted = time.monotonic() - began
                failures = 1 if lasted > STEADY_SECONDS else failures + 1
                log.error("the web workers keep dying", again_in_seconds=pause(failures))
                self._stop.wait(pause(failures))

    def _serve(self) -> bool:
        """Serve until stopped (True), or until granian gives up (False)."""
        site = self._site
        server = _server(site)
        server.signal_handler_reload = None  # granian would take SIGHUP for a wish for new workers
        loader = partial(load, site.opener, site.log_format, site.limits)
        # granian says by SystemExit that a worker died; whether it was told to stop counts here.
        with suppress(SystemExit):
            server.serve(target_loader=loader, wrap_loader=False)
        self._take_signals()
        return bool(server.interrupt_signal)

    @contextmanager
    def _signals(self) -> Iterator[None]:
        before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
        self._take_signals()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _take_signals(self) -> None:
        """Between two runs of granian, which takes the signals for itself."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self._stop.set())


def _server(site: Site) -> Any:
    return Server(
        "upheld",
        address=site.host,
        port=site.port,
        interface=Interfaces.RSGI,
        workers=site.workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        backpressure=CONNECTIONS,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=GRACE_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGERS,
    )


def _refusal(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"port {port} on {host} is taken: stop what listens there, or set UPHELD_PORT to a "
            "free one"
        )
    if error.errno == errno.EACCES:
        return f"port {port} needs special rights: choose one above 1023, behind a reverse proxy"
    reason = (error.strerror or "no such address").lower()
    return f"cannot listen on `{host}`: {reason}; set UPHELD_HOST to an address of this machine"
