"""ADM_UNSTATED: the text does not say whether a machine alone decides about people."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, error, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.silence import speaks_of
from engine.policy.policy import Policy

CODE = "ADM_UNSTATED"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning if no clause speaks of it (GDPR 13(2)(f)); an error if it is done unsaid (GDPR 22)."""
    if speaks_of(policy, "adm_unstated"):
        return
    hint = "say whether there are automated decisions, by what logic, and with what effect"
    deciding = [
        name
        for name in policy.purposes.leaves
        if policy.purposes.inherited(name, "is") == "automated decision"
        and _permitted(policy, name)
    ]
    if not deciding:
        message = "the text does not say whether decisions are made by machine alone"
        yield warning(CODE, message, in_text(policy), hint)
    for name in deciding:
        message = f"`{name}` decides by machine alone, and the text does not say so"
        where = policy.sources.documents["vocabulary.yaml"].at_key("purposes", *name.split("."))
        yield error(CODE, message, where, hint, purpose=name)


def _permitted(policy: Policy, purpose: str) -> bool:
    return any(
        purpose in policy.purpose_leaves(rule.purposes)
        for rule in (*policy.use, *policy.sharing)
        if not rule.denies
    )
