"""MAPPED_UNCOLLECTED: a dataset holds a category that no rule lets anybody collect."""

from __future__ import annotations

from collections.abc import Iterator

from engine.datamap.map import DataMap
from engine.policy.bounds import never_collected
from engine.policy.findings import Finding, Position, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.policy import Policy

CODE = "MAPPED_UNCOLLECTED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each field or row whose category is prohibited, or in no collection rule."""
    if context.datamap is None:
        return
    rules = [rule for rule in policy.collection if not rule.denies]
    collected = {leaf for rule in rules for leaf in policy.data_leaves(rule.data)}
    for where, what, leaf in _mapped(policy, context.datamap):
        if never_collected(policy, leaf):
            message = f"{what} holds `{leaf}`, which a rule says is never collected"
            hint = "remove the data, then the line; or mend the rule that forbids it"
            yield warning(CODE, message, where, hint, data=leaf)
        elif leaf not in collected:
            message = f"{what} holds `{leaf}`, and no rule says that it is collected"
            hint = "say in collection.yaml where it comes from, or hold it no longer"
            yield warning(CODE, message, where, hint, data=leaf)


def _mapped(policy: Policy, datamap: DataMap) -> Iterator[tuple[Position, str, str]]:
    """Each leaf that a field is mapped to, or that is what a row is, with its place."""
    for name, dataset in datamap.datasets.items():
        if dataset.row in policy.categories.leaves:
            where = datamap.document.at("datasets", name, "row")
            yield where, f"a row of `{name}`", str(dataset.row)
        for field, use in dataset.fields.items():
            if use.category in policy.categories.leaves and use.category != dataset.row:
                where = datamap.document.at("datasets", name, "fields", field)
                yield where, f"`{name}.{field}`", str(use.category)
