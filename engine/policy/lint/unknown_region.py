"""UNKNOWN_REGION: a condition names a region that does not exist, so it would never hold."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.compiled.limits import check_decidable
from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.lint.exact import cells
from engine.policy.policy import Policy

CODE = "UNKNOWN_REGION"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each region that is neither a group, a country, nor a subdivision of one."""
    return (finding for finding in check_decidable(policy, cells(policy)) if finding.code == CODE)
