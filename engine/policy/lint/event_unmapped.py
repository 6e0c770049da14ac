"""EVENT_UNMAPPED: time counts from an event that no dataset gives a time to."""

from __future__ import annotations

from collections.abc import Iterator

from engine.datamap.map import DataMap
from engine.errors import did_you_mean
from engine.policy.durations import Anchor
from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.models import RetentionRule
from engine.policy.policy import Policy
from engine.policy.source import Key

CODE = "EVENT_UNMAPPED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each rule whose event no dataset declares: unless told, it never happens."""
    if context.datamap is None:
        return
    known = _declared(context.datamap)
    for rule in policy.retention:
        for path, anchor in _anchors(rule):
            if anchor.event in known:
                continue
            near = did_you_mean(anchor.event, known)
            message = f"no dataset gives a time for `{anchor.event}`{near}"
            hint = (
                "unless services tell it by `POST /v1/events`, what this rule is about is never due"
            )
            where = policy.sources.rule(rule.id, *path)
            yield Finding(CODE, SEVERITY, message, where, {"rule": rule.id}, hint)


def _anchors(rule: RetentionRule) -> Iterator[tuple[tuple[Key, ...], Anchor]]:
    if rule.after is not None:
        yield ("after",), rule.after
    for number, term in enumerate(rule.or_later):
        yield ("or later", number, "after"), term.after


def _declared(datamap: DataMap) -> set[str]:
    return {event for dataset in datamap.datasets.values() for event in dataset.times}
