"""TRANSLATION_INCOMPLETE: a translation has other clauses than the text."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.policy import Policy

CODE = "TRANSLATION_INCOMPLETE"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each clause that a translation lacks, and for each that only it has."""
    for language, text in policy.translations.items():
        for clause in policy.text.clauses:
            if clause.id not in text:
                message = f"the translation `policy.{language}.md` has no clause `{clause.id}`"
                hint = "translate the clause: who reads the translation is promised the same"
                yield warning(CODE, message, in_text(policy, clause.id), hint, clause=clause.id)
        for clause in text.clauses:
            if clause.id not in policy.text:
                message = f"clause `{clause.id}` stands only in this translation"
                where = in_text(policy, clause.id, language=language)
                hint = "add it to policy.md, or take it out"
                yield warning(CODE, message, where, hint, clause=clause.id)
