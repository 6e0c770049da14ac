"""TOO_MANY_FACTS: more conditions decide about one cell than can be reviewed, or compared exactly."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.compiled.limits import too_many_facts
from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.lint.exact import cells
from engine.policy.policy import Policy

CODE = "TOO_MANY_FACTS"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each rule that adds a condition too many."""
    yield from too_many_facts(policy, cells(policy))
