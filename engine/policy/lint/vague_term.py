"""VAGUE_TERM: words that promise nothing that could be checked."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.phrases import found_in, promising
from engine.policy.policy import Policy

CODE = "VAGUE_TERM"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each clause with such words, all of them named (GDPR 12(1): clear and plain language)."""
    for clause in promising(policy):
        terms = found_in(clause.words, "vague_term", "vague")
        if terms:
            quoted = ", ".join(f"“{term}”" for term in terms)
            message = f"{quoted} in clause `{clause.id}` can mean anything"
            hint = "say what is done, or list the measures in controls.yaml and accept this"
            yield warning(
                CODE, message, in_text(policy, clause.id, terms[0]), hint, clause=clause.id
            )
