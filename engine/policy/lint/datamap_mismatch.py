"""DATAMAP_MISMATCH: the data map uses a category or a type of person that this version does not declare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.datamap.load import check_against
from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.policy import Policy

CODE = "DATAMAP_MISMATCH"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each name in the data map that the vocabulary lacks: no rule would govern that data."""
    if context.datamap is not None:
        for finding in check_against(context.datamap, policy):
            yield replace(finding, code=CODE)
