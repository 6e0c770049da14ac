"""RULE_UNREACHABLE: the conditions of a rule can never hold together."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.compiled.conditions import facts_in, guarded
from engine.policy.compiled.limits import MOST_FACTS
from engine.policy.diff.worlds import Worlds
from engine.policy.findings import Finding, Position, Severity, error
from engine.policy.lint.context import Context
from engine.policy.lint.exact import effects
from engine.policy.models import RetentionRule
from engine.policy.models.use import Processing
from engine.policy.policy import Policy

CODE = "RULE_UNREACHABLE"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each rule that applies to nobody, whatever is known about the person."""
    for effect in effects(policy).values():
        if not effect.possible and not effect.counts:
            yield _never(policy, effect.rule.id, _why(effect.rule))
    for rule in policy.retention:
        if not _may_hold(policy, rule):
            yield _never(policy, rule.id, "`when` and `unless`")


def _may_hold(policy: Policy, rule: RetentionRule) -> bool:
    cases = guarded(rule.when, rule.unless)
    facts = facts_in(cases)
    if not cases or len(facts) > MOST_FACTS:
        return bool(cases)
    return bool(Worlds(facts, policy.subjects).where(cases))


def _why(rule: object) -> str:
    based = isinstance(rule, Processing) and not rule.denies and rule.basis
    return f"the conditions and the basis {based}" if based else "`when` and `unless`"


def _never(policy: Policy, rule: str, what: str) -> Finding:
    message = f"`{rule}` applies to nobody: {what} never hold together"
    hint = "mend the condition, or take the rule out"
    return error(CODE, message, _place(policy, rule), hint, rule=rule)


def _place(policy: Policy, rule: str) -> Position:
    """The condition; the rule where it has none."""
    own = policy.sources.rule(rule)
    for key in ("unless", "when"):
        where = policy.sources.rule(rule, key)
        if where != own:
            return where
    return policy.sources.rule(rule, "id")
