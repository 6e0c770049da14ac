"""ACCEPTANCE_UNUSED: an acceptance that matches no finding, or one that cannot be accepted."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, names, of_acceptance
from engine.policy.policy import Policy

CODE = "ACCEPTANCE_UNUSED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each acceptance without effect: the text was mended, or a name was mistyped."""
    for index, accepted in enumerate(policy.header.accepted):
        if not context.matched.get(index):
            message = f"the acceptance of {names(accepted)} matches no finding that may be accepted"
            hint = "take it out, or mend its names; errors are mended, not accepted"
            about = accepted.names()
            yield warning(CODE, message, of_acceptance(policy, index), hint, **about)
