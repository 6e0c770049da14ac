"""CHILDREN_UNSTATED: the text does not say whether children may use the service."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.silence import speaks_of
from engine.policy.policy import Policy

CODE = "CHILDREN_UNSTATED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One warning if no clause speaks of children (GDPR 8, PIPL 31, COPPA)."""
    if not speaks_of(policy, "children_unstated"):
        message = "the text does not say whether children may use the service, and from which age"
        hint = "state the age, and how a guardian's consent is asked for below it"
        yield warning(CODE, message, in_text(policy), hint)
