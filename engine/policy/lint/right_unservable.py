"""RIGHT_UNSERVABLE: a right over data that cannot be found by the person who asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.bounds import never_collected
from engine.policy.findings import Finding, Severity, error, warning
from engine.policy.lint.context import Context
from engine.policy.models import RightRule
from engine.policy.policy import Policy
from engine.policy.vocabulary import covers

CODE = "RIGHT_UNSERVABLE"
SEVERITY = Severity.ERROR

_OVER_DATA = frozenset({"access", "correction", "deletion", "export"})
"""The rights that are served by finding the person's rows."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for a right that no dataset can serve; a warning for data that leads to nobody.

    Data that no dataset holds is a note of its own (CATEGORY_UNMAPPED).
    """
    if context.datamap is None:
        return
    for rule in policy.rights.rules:
        if rule.right in _OVER_DATA:
            yield from _right(policy, context.datamap, rule)


def _right(policy: Policy, datamap: DataMap, rule: RightRule) -> Iterator[Finding]:
    leaves = [leaf for leaf in policy.data_leaves(rule.data) if not never_collected(policy, leaf)]
    held = {leaf: list(_holding(datamap, leaf)) for leaf in leaves}
    lost = [leaf for leaf, names in held.items() if names and not _leads(datamap, names)]
    where = policy.sources.rule(rule.id, "data")
    about = {"rule": rule.id, "right": rule.right}
    if leaves and not any(_leads(datamap, names) for names in held.values()):
        message = f"no dataset holds data for the right of {rule.right} that leads to a person"
        hint = "map the data in datamap.yaml, with `subject:` links to a dataset with `person:`"
        yield error(CODE, message, where, hint, **about)
    elif lost:
        data = ", ".join(f"`{leaf}`" for leaf in lost)
        sets = ", ".join(dict.fromkeys(f"`{name}`" for leaf in lost for name in held[leaf]))
        message = (
            f"the right of {rule.right} cannot reach {data}: no row of {sets} leads to a person"
        )
        hint = "add `subject:` to the dataset, or narrow `data` to what can be found"
        yield warning(CODE, message, where, hint, **about)


def _holding(datamap: DataMap, leaf: str) -> Iterator[str]:
    for name, dataset in datamap.datasets.items():
        if dataset.personal != "none" and dataset.backup_of is None and _holds(dataset, leaf):
            yield name


def _holds(dataset: Dataset, leaf: str) -> bool:
    if any(use.category == leaf for use in dataset.fields.values()):
        return True
    return dataset.row is not None and covers(dataset.row, leaf)


def _leads(datamap: DataMap, names: Iterable[str]) -> bool:
    return any(datamap.paths(name) for name in names)
