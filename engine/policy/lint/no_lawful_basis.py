"""NO_LAWFUL_BASIS: personal data is used or shared without a lawful basis (GDPR 6 and 9)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, error
from engine.policy.lint.context import Context
from engine.policy.models.use import Processing
from engine.policy.policy import Policy

CODE = "NO_LAWFUL_BASIS"
SEVERITY = Severity.ERROR

_CONSENT = ("consent", "explicit consent")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each rule that permits without a basis, or on a consent that nobody is asked for."""
    for rule in (*policy.use, *policy.sharing):
        if rule.denies:
            continue
        if rule.basis is None:
            message = f"`{rule.id}` permits without a lawful basis"
            hint = "add `basis: …`: consent, contract, legal obligation, legitimate interest, …"
            yield error(CODE, message, policy.sources.rule(rule.id, "id"), hint, rule=rule.id)
        elif rule.basis in _CONSENT and rule.choice is None:
            message = f"`{rule.id}` rests on consent, but no choice asks for it"
            hint = "add `choice: …`, one that consent.yaml declares"
            where = policy.sources.rule(rule.id, "basis")
            yield error(CODE, message, where, hint, rule=rule.id)
        yield from _special(policy, rule)


def _special(policy: Policy, rule: Processing) -> Iterator[Finding]:
    if rule.basis == "explicit consent" or rule.second_ground:
        return
    for leaf in policy.data_leaves(rule.data):
        kind = policy.categories.inherited(leaf, "special")
        if kind:
            message = f"`{rule.id}` permits `{leaf}` ({kind}) without a second ground"
            hint = "add `second ground: …` (GDPR 9(2)), or rest it on explicit consent"
            where = policy.sources.rule(rule.id, "basis")
            yield error(CODE, message, where, hint, rule=rule.id, data=leaf)
