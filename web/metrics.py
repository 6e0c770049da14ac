"""What is counted for Prometheus. With `PROMETHEUS_MULTIPROC_DIR` set, the figures of all workers add up."""

from __future__ import annotations

import os
from typing import Any

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

MEDIA_TYPE = CONTENT_TYPE_LATEST

REQUESTS = Counter("upheld_requests", "answers of the API", ("operation", "status"))
SECONDS = Histogram(
    "upheld_request_seconds",
    "how long the API took to answer",
    ("operation",),
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
DECISIONS = Counter(
    "upheld_decisions",
    "decisions made; in `shadow` the effect is not enforced",
    ("effect", "rule", "mode"),
)
UNLOGGED = Counter(
    "upheld_decision_log_dropped", "decisions answered and not logged, because the log was full"
)

_counts: dict[tuple[str, str, str], Any] = {}
_answers: dict[tuple[str, int], tuple[Any, Any]] = {}


def decided(effect: str, rule: str, mode: str, times: int) -> None:
    """Count decisions."""
    key = (effect, rule, mode)
    found = _counts.get(key)
    if found is None:
        found = _counts[key] = DECISIONS.labels(*key)
    found.inc(times)


def count(operation: str, status: int, seconds: float) -> None:
    """Count one answer."""
    key = (operation, status)
    found = _answers.get(key)
    if found is None:
        found = REQUESTS.labels(operation, str(status)), SECONDS.labels(operation)
        _answers[key] = found
    found[0].inc()
    found[1].observe(seconds)


def exposition() -> bytes:
    """The figures in the text format of Prometheus."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # ships no types for it
    return generate_latest(together)
