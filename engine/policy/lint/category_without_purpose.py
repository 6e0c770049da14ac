"""CATEGORY_WITHOUT_PURPOSE: data that is collected, but that no rule lets anybody use or share."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.bounds import never_collected
from engine.policy.findings import Finding, Severity, error
from engine.policy.lint.context import Context
from engine.policy.policy import Policy

CODE = "CATEGORY_WITHOUT_PURPOSE"
SEVERITY = Severity.ERROR

_EVERY_CATEGORY = "rights handling"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each leaf collected for nothing (GDPR 5(1)(c)); answering requests is no reason."""
    purposeful = _with_a_purpose(policy)
    for rule in policy.collection:
        for leaf in policy.data_leaves(rule.data):
            if rule.denies or leaf in purposeful or never_collected(policy, leaf):
                continue
            message = f"`{rule.id}` collects `{leaf}`, but no rule of use or sharing says what for"
            hint = "add it to a rule in use.yaml or sharing.yaml, or do not collect it"
            where = policy.sources.rule(rule.id, "data")
            yield error(CODE, message, where, hint, data=leaf, rule=rule.id)


def _with_a_purpose(policy: Policy) -> set[str]:
    found: set[str] = set()
    for rule in (*policy.use, *policy.sharing):
        kinds = {
            policy.purposes.inherited(purpose, "is")
            for purpose in policy.purpose_leaves(rule.purposes)
        }
        if not rule.denies and kinds != {_EVERY_CATEGORY}:
            found.update(policy.data_leaves(rule.data))
    return found
