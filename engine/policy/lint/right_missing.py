"""RIGHT_MISSING: a right that law gives and the text does not mention."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from engine.policy import regions
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_file
from engine.policy.policy import Policy
from engine.policy.source import read_file

CODE = "RIGHT_MISSING"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each right that some jurisdiction of the policy gives (GDPR 13(2)(b) to (d))."""
    stated = {rule.right for rule in policy.rights.rules if not rule.unstated}
    offered: dict[str, str] = {rule.right: rule.id for rule in policy.rights.rules}
    for right, sources in _given_by_law(policy).items():
        if right in stated:
            continue
        rule = offered.get(right)
        law = "; ".join(sources)
        message = f"the text does not mention the right of {right} ({law})"
        if rule:
            where = policy.sources.rule(rule, "clause")
            hint = f"`{rule}` offers it all the same: say so in the text"
        else:
            where = in_file(policy, "rights.yaml", "rules")
            hint = "add it to the text, and a rule to rights.yaml"
        about = {"rule": rule} if rule else {}
        yield warning(CODE, message, where, hint, right=right, **about)


def _given_by_law(policy: Policy) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for law in _laws():
        if any(regions.lies_in(p, law["in"]) is not False for p in policy.header.jurisdictions):
            for right, article in law["rights"].items():
                found.setdefault(right, []).append(f"{law['law']} {article}")
    return found


@cache
def _laws() -> list[dict[str, Any]]:
    file = Path(__file__).with_suffix(".yaml")
    loaded: Any = read_file(file, file.name).value
    return list(loaded)
