"""TOO_MANY_FACTS: more conditions decide about one cell than can be reviewed, or compared exactly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.policy.compiled.limits import check_decidable
from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.lint.exact import cells
from engine.policy.policy import Policy

CODE = "TOO_MANY_FACTS"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each rule that adds a condition too many."""
    for finding in check_decidable(policy, cells(policy)):
        if finding.code == CODE:
            yield replace(finding, where=policy.sources.rule(finding.about["rule"], "id"))
