"""REVIEW_OVERDUE: an officer promised to look at an accepted finding again by a day that has passed."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, error, warning
from engine.policy.lint.context import Context, names
from engine.policy.policy import Policy

CODE = "REVIEW_OVERDUE"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """As severe as what was accepted, so an overdue acceptance of an error blocks publishing again."""
    for index, accepted in enumerate(policy.header.accepted):
        if context.today <= accepted.review or not context.matched.get(index):
            continue
        message = f"the review of {names(accepted)} was due on {accepted.review}"
        hint = "mend the cause, or set a new date together with the reason"
        serious = any(f.severity is Severity.ERROR for f in context.matched[index])
        make = error if serious else warning
        where = policy.sources.at("policy.yaml", "accepted", index, "review")
        yield make(CODE, message, where, hint, **accepted.names())
