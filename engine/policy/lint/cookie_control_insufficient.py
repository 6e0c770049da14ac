"""COOKIE_CONTROL_INSUFFICIENT: cookies that need consent are left to the reader's browser settings."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_text
from engine.policy.lint.phrases import found_in
from engine.policy.policy import Policy

CODE = "COOKIE_CONTROL_INSUFFICIENT"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each clause that names the browser alone (ePrivacy 5(3); CJEU C-673/17).

    Where every cookie is exempt from consent, browser settings are enough.
    """
    asked = [rule.id for rule in policy.cookies if rule.exempt is None]
    if policy.cookies and not asked:
        return
    for clause in policy.text.clauses:
        browser = found_in(clause.words, "cookie_control_insufficient", "browser")
        if browser and not found_in(clause.words, "cookie_control_insufficient", "own"):
            message = f"clause `{clause.id}` offers “{browser[0]}” as the only control over cookies"
            hint = "browser settings are no consent: name the choice that the service itself offers"
            yield warning(
                CODE, message, in_text(policy, clause.id, browser[0]), hint, clause=clause.id
            )
