"""CHANGE_MATERIALITY_UNDEFINED: "significant changes" are announced, and nothing says which those are."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.phrases import found_in, promising
from engine.policy.policy import Policy

CODE = "CHANGE_MATERIALITY_UNDEFINED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each clause that grades changes without defining the grade."""
    if any(
        found_in(c.words, "change_materiality_undefined", "defines") for c in policy.text.clauses
    ):
        return
    for clause in promising(policy):
        for phrase in found_in(clause.words, "change_materiality_undefined", "grades")[:1]:
            message = (
                f"clause `{clause.id}` promises something for “{phrase}”, which nothing defines"
            )
            hint = "say in the text what makes a change significant, such as a new purpose or recipient"
            yield warning(CODE, message, in_text(policy, clause.id, phrase), hint, clause=clause.id)
