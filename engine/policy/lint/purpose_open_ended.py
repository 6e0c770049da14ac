"""PURPOSE_OPEN_ENDED: a list of purposes that anything could be added to (GDPR 5(1)(b))."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.phrases import found_in, promising
from engine.policy.policy import Policy

CODE = "PURPOSE_OPEN_ENDED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each clause with an open-ended list."""
    for clause in promising(policy):
        for phrase in found_in(clause.words, "purpose_open_ended", "open")[:1]:
            message = f"“{phrase}” leaves clause `{clause.id}` open: nobody can tell what is meant besides"
            hint = "name every purpose; each is one in vocabulary.yaml"
            yield warning(CODE, message, in_text(policy, clause.id, phrase), hint, clause=clause.id)
