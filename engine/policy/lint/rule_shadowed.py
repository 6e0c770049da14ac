"""RULE_SHADOWED: a permit that never decides, because others always decide before it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.lint.exact import effects
from engine.policy.policy import Policy

CODE = "RULE_SHADOWED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each permit without which every answer, and every duty, would be the same."""
    for effect in effects(policy).values():
        if effect.rule.denies or not effect.free or effect.counts:
            continue
        others = " and ".join(f"`{name}`" for name in effect.by)
        verb = "covers" if len(effect.by) == 1 else "cover"
        message = f"`{effect.rule.id}` never decides: {others} {verb} all of it"
        hint = "take one out and let the other cite the clauses of both, or give them different conditions"
        where = policy.sources.rule(effect.rule.id, "id")
        yield warning(CODE, message, where, hint, rule=effect.rule.id)
