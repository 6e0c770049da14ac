"""NO_RESPONSE_DEADLINE: the text names rights, but not by when a request is answered."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.durations import Duration
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.policy import Policy

CODE = "NO_RESPONSE_DEADLINE"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One warning for all rights of the text that leave the time to the law (GDPR 12(3))."""
    open_ended = [
        rule
        for rule in policy.rights.rules
        if not rule.unstated and not isinstance(rule.answer_within, Duration)
    ]
    if open_ended:
        rights = ", ".join(rule.right for rule in open_ended)
        message = f"no time is named by which these requests are answered: {rights}"
        hint = "promise a time in the text, such as one month, and write it as `answer within`"
        where = policy.sources.rule(open_ended[0].id, "answer within")
        yield warning(CODE, message, where, hint)
