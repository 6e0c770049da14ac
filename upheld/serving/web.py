"""One web worker: what granian loads in each of its processes, and what it does at its end."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
import threading
from contextlib import ExitStack
from typing import Any, Literal

import structlog

from engine.errors import UpheldError
from upheld import logs
from upheld.serving.bridge import Bridge, Limits
from upheld.serving.runner import describe
from upheld.serving.terminal import ignore_hang_up

log: Any = structlog.get_logger(__name__)


class Worker:
    """An RSGI application that is opened before the first request and closed after the last."""

    def __init__(self, opener: str, limits: Limits) -> None:
        module, _, name = opener.partition(":")
        self._open = ExitStack()
        app = self._open.enter_context(getattr(importlib.import_module(module), name)())
        self._bridge = Bridge(app, limits)

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        await self._bridge(scope, protocol)

    def __rsgi_del__(self, _loop: Any) -> None:
        """Let what is being answered end, then release every connection."""
        self._bridge.close()
        self._open.close()


def load(opener: str, form: Literal["json", "text"], limits: Limits) -> Worker:
    """Runs in a worker process. `opener` names a context manager that gives a WSGI application."""
    logs.configure(form)
    ignore_hang_up()  # the supervisor stops its workers
    _end_with_parent()
    try:
        return Worker(opener, limits)
    except UpheldError as problem:
        log.error("a web worker cannot start", reason=str(problem))
    except Exception as error:  # noqa: BLE001  (said in the log's own form, without a traceback)
        log.error("a web worker cannot start", **describe(error))
    sys.exit(1)


def _end_with_parent() -> None:
    """End this worker when its supervisor dies without a word, so that the port is free again."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()
