"""NO_RETENTION: personal data without a period after which it goes (GDPR 5(1)(e), 13(2)(a))."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.policy.bounds import Bound, Grade, bound_of, never_collected
from engine.policy.findings import Finding, Severity, error, warning
from engine.policy.lint.context import Context, in_file
from engine.policy.models import RetentionRule
from engine.policy.policy import Policy

CODE = "NO_RETENTION"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for a leaf that may be kept forever; a warning for a period that the text does not state."""
    for leaf in policy.categories.leaves:
        if never_collected(policy, leaf):
            continue
        bound = bound_of(policy, leaf)
        if bound.grade is Grade.NONE:
            yield _unbound(policy, bound)
        elif not bound.stated:
            yield _unstated(policy, bound)


def _unbound(policy: Policy, bound: Bound) -> Finding:
    facts = ", ".join(f"{key} {value}" for key, value in bound.worst.items())
    when = f" when: {facts}" if facts else ""
    message = f"nothing ends the keeping of `{bound.leaf}`{when}"
    hint = "add a rule with `keep`, `after` and `then` to retention.yaml"
    return error(CODE, message, in_file(policy, "retention.yaml", "rules"), hint, data=bound.leaf)


def _unstated(policy: Policy, bound: Bound) -> Finding:
    rules = [rule for rule in bound.rules if rule.unstated]
    kept = " and ".join(f"`{rule.id}`" for rule in rules)
    verb = "is" if len(rules) == 1 else "are"
    message = (
        f"the text does not say how long `{bound.leaf}` is kept; {kept} {verb} decided without it"
        f"{_by(rules)}"
    )
    hint = "state the period in policy.md and cite its clause, or live with this warning"
    if not all(rule.decided_by and rule.reason for rule in rules):
        hint += "; say in the rule who decided it and why: `decided by: …`, `reason: …`"
    where = policy.sources.rule(rules[0].id, "clause")
    return warning(CODE, message, where, hint, data=bound.leaf, rule=rules[0].id)


def _by(rules: Sequence[RetentionRule]) -> str:
    """Who decided, and why, as far as the rules say so."""
    said = "; ".join(dict.fromkeys(filter(None, (rule.decision for rule in rules))))
    return f", {said}" if said else ""
