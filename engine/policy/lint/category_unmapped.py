"""CATEGORY_UNMAPPED: a category that the policy governs and no dataset holds."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.bounds import never_collected
from engine.policy.findings import Finding, Severity
from engine.policy.lint.context import Context
from engine.policy.policy import Policy
from engine.policy.vocabulary import covers

CODE = "CATEGORY_UNMAPPED"
SEVERITY = Severity.INFO


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A note for each leaf that may be collected and that the data map leads nowhere for."""
    if context.datamap is None:
        return
    collected = {leaf for rule in policy.collection for leaf in policy.data_leaves(rule.data)}
    rows = {dataset.row for dataset in context.datamap.datasets.values() if dataset.row}
    for leaf in policy.categories.leaves:
        if leaf not in collected or never_collected(policy, leaf):
            continue
        if any(context.datamap.holding(leaf)) or any(covers(row, leaf) for row in rows):
            continue
        message = f"no dataset of the data map holds `{leaf}`: its rules have nothing to act on"
        hint = "map the field that holds it, unless it lies with Upheld itself or nowhere yet"
        where = policy.sources.documents["vocabulary.yaml"].at_key("categories", *leaf.split("."))
        yield Finding(CODE, SEVERITY, message, where, {"data": leaf}, hint)
