"""The log: one line an event on standard error, as JSON or for people; never personal data.

Events are short fixed texts with named facts. Messages of errors are not logged (they may repeat what
somebody typed), only their kind and place; web servers' access logs, which hold addresses, are off.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Literal

import structlog

_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
_QUIET = ("apscheduler", "alembic", "procrastinate", "sqlalchemy")
"""Libraries whose everyday messages say nothing that our own events do not."""


class StandardError(logging.Handler):
    """Writes to what standard error is at that moment, not to what it was when the log began."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; a closed terminal is no reason to fail."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{self.format(record)}\n")
            sys.stderr.flush()


def configure(form: Literal["json", "text"] = "json", level: int = logging.INFO) -> None:
    """Send every log, our own and the libraries', to standard error in one form."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = StandardError()
    handler.setFormatter(_formatter(form))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def _formatter(form: str) -> logging.Formatter:
    last: tuple[Any, ...] = (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),)
    if form == "json":
        last = (structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer())
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=list(_SHARED),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _bare_place, *last],
    )


def _bare_place(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace an exception by its kind and place: local values and messages may be personal data."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if error is True:
        error = sys.exception()
    if isinstance(error, BaseException):
        frame = _last_frame(error)
        event.update(kind=type(error).__name__, place=frame)
    return event


def _last_frame(error: BaseException) -> str:
    place, step = "unknown", error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        place, step = f"{code.co_filename.rsplit('/', 1)[-1]}:{step.tb_lineno}", step.tb_next
    return place
