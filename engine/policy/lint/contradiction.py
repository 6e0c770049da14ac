"""CONTRADICTION: what one rule permits, others forbid in every case."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, error
from engine.policy.lint.context import Context
from engine.policy.lint.exact import effects
from engine.policy.policy import Policy

CODE = "CONTRADICTION"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each permit that never permits anything, because prohibitions cover all of it."""
    for effect in effects(policy).values():
        if effect.rule.denies or not effect.grounded or effect.free or effect.counts:
            continue
        others = " and ".join(f"`{name}`" for name in effect.by)
        verb = "forbids" if len(effect.by) == 1 else "forbid"
        message = f"`{effect.rule.id}` permits what {others} {verb}, in every case"
        hint = "a prohibition always wins: take out the permit, or narrow the prohibition"
        where = policy.sources.rule(effect.rule.id, "id")
        yield error(CODE, message, where, hint, rule=effect.rule.id)
