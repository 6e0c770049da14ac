"""RECIPIENT_UNNAMED: data goes to a kind of company, not to one that anybody could look up."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.lint.recipients import place, receiving
from engine.policy.policy import Policy

CODE = "RECIPIENT_UNNAMED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each recipient without a name (GDPR 13(1)(e); PIPL 23 asks for it by name)."""
    for term in receiving(policy):
        if not policy.recipients.inherited(term.name, "name"):
            message = f"the recipient `{term.name}` ({term.means}) has no name"
            hint = "say who it is: `name: …` in sharing.yaml, and in the text"
            yield warning(CODE, message, place(policy, term.name), hint, recipient=term.name)
