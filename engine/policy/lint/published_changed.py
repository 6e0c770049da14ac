"""PUBLISHED_CHANGED: the files of a published version are no longer those that were published."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.locks import changed
from engine.policy.policy import Policy

CODE = "PUBLISHED_CHANGED"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error if the version is published with another digest than its files have now."""
    if context.lock is not None and context.lock.digest != policy.digest:
        yield changed(policy.version, context.lock)
