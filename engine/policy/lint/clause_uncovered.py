"""CLAUSE_UNCOVERED: a clause of the text that nothing keeps."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.citations import citations
from engine.policy.findings import Finding, Severity, error
from engine.policy.lint.context import Context, in_text
from engine.policy.policy import Policy

CODE = "CLAUSE_UNCOVERED"
SEVERITY = Severity.ERROR


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """An error for each clause that no rule cites and that is not declared informative."""
    cited = citations(policy)
    for clause in policy.text.clauses:
        if clause.id not in cited and clause.id not in policy.header.informative:
            message = f"no rule keeps clause `{clause.id}`: “{_short(clause.words)}”"
            hint = "cite it in a rule, or list it with a reason under `informative` in policy.yaml"
            yield error(CODE, message, in_text(policy, clause.id), hint, clause=clause.id)


def _short(words: str) -> str:
    return words if len(words) <= 60 else words[:59].rstrip() + "…"
