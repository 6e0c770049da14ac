"""Carrying the decision logs of this machine to the database, all the time, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from engine.decisions.log import Shipper
from upheld.serving.runner import describe

log: Any = structlog.get_logger(__name__)

EVERY_SECONDS = 1.0
LAST_SECONDS = 10.0
"""How long the end of the service waits for what is being shipped."""

SHIPPED = Counter("upheld_decision_log_shipped", "decisions that the database took from the logs")
DAMAGED = Counter("upheld_decision_log_damaged", "lines of decision logs that nobody can read")
WAITING = Gauge(
    "upheld_decision_log_bytes",
    "bytes of the decision logs on this machine",
    multiprocess_mode="livesum",
)


@contextmanager
def shipping(shipper: Shipper, every: float = EVERY_SECONDS) -> Iterator[None]:
    """Ship while the block runs, and what is left at its end."""
    stop = threading.Event()
    thread = threading.Thread(
        target=_run, args=(shipper, every, stop), name="shipping", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(LAST_SECONDS)


def _run(shipper: Shipper, every: float, stop: threading.Event) -> None:
    failing = False
    while True:
        # Asked before shipping: what is written until the end is shipped once more.
        last = stop.is_set()
        failing = _ship(shipper, failing)
        if last:
            return
        stop.wait(every)


def _ship(shipper: Shipper, failing: bool) -> bool:
    """Ship once; returns whether that failed. A failure is said when it begins and when it ends."""
    try:
        shipped = shipper.ship()
        WAITING.set(shipper.waiting())
    except Exception as error:  # noqa: BLE001  (whatever it is, what was written stays where it is)
        if not failing:
            log.error("decisions cannot be shipped; they wait on the disk", **describe(error))
        return True
    if failing:
        log.info("decisions are shipped again")
    SHIPPED.inc(shipped.records)
    if shipped.damaged:
        DAMAGED.inc(shipped.damaged)
        log.error("lines of a decision log cannot be read", lines=shipped.damaged)
    return False
