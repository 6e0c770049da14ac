"""DECISION_UNUSED: a decision about a change that the version does not make."""

from __future__ import annotations

from collections.abc import Iterator

from engine.errors import did_you_mean
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.models import DecidedChange
from engine.policy.policy import Policy

CODE = "DECISION_UNUSED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each decision without effect: the change keeps what its kind asks of people."""
    decisions = policy.header.changes
    if not decisions:
        return
    # Few versions hold decisions, and what compares versions takes its time to import.
    from engine.policy.diff import diff
    from engine.policy.diff.decided import unused

    changes = diff(context.before, policy).changes if context.before else ()
    for index in unused(decisions, changes):
        where = policy.sources.at("policy.yaml", "changes", index)
        yield warning(CODE, _message(decisions[index]), where, _hint(context.before))


def _message(decision: DecidedChange) -> str:
    from engine.policy.diff.consequences import kinds

    known = kinds()
    if decision.change not in known:
        return f"no kind of change `{decision.change}`{did_you_mean(decision.change, known)}"
    told = [
        f"{key} {' and '.join(f'`{n}`' for n in names)}" for key, names in decision.names().items()
    ]
    about = f" ({', '.join(told)})" if told else ""
    return f"the decision about `{decision.change}`{about} matches no change, or one that is decided already"


def _hint(before: Policy | None) -> str:
    if before is None:
        return "this is the first version: there is nothing that it changes"
    return f"`upheld diff {before.version} VERSION` shows the changes and their kinds"
