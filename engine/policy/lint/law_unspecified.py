"""LAW_UNSPECIFIED: "as required by law" without saying which law."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.bounds import binds_always, statutes_for
from engine.policy.durations import LAW
from engine.policy.findings import Finding, Severity, error, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.phrases import found_in, promising
from engine.policy.models import RetentionRule
from engine.policy.policy import Policy

CODE = "LAW_UNSPECIFIED"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for a clause that names no law; an error where no statute is listed, so nothing would go."""
    for clause in promising(policy):
        vague = found_in(clause.words, "law_unspecified", "by law")
        if vague and not found_in(clause.words, "law_unspecified", "names a law"):
            message = f"clause `{clause.id}` says “{vague[0]}” without naming the law"
            hint = "name the statute and the period in the text"
            yield warning(
                CODE, message, in_text(policy, clause.id, vague[0]), hint, clause=clause.id
            )
    for rule in policy.retention:
        if rule.keep == LAW:
            yield from _without_statute(policy, rule)


def _without_statute(policy: Policy, rule: RetentionRule) -> Iterator[Finding]:
    for leaf in policy.data_leaves(rule.data):
        if not any(binds_always(policy, statute) for statute in statutes_for(policy, leaf)):
            message = (
                f"`{rule.id}` keeps `{leaf}` as required by law, but no statute in statutes.yaml "
                "applies to it: nothing would ever be deleted"
            )
            hint = "add the statute with its period, region, source and date"
            where = policy.sources.rule(rule.id, "keep")
            yield error(CODE, message, where, hint, rule=rule.id, data=leaf)
