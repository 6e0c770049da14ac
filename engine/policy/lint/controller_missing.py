"""CONTROLLER_MISSING: the policy does not say whose policy it is (GDPR 13(1)(a), PIPL 17)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context, in_file
from engine.policy.policy import Policy

CODE = "CONTROLLER_MISSING"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One warning that lists what is missing of name, postal address and country."""
    controller = policy.header.controller
    missing = [key for key in ("name", "address", "country") if getattr(controller, key) is None]
    if missing:
        message = (
            f"who is responsible is not fully named: the controller's {_listed(missing)} missing"
        )
        hint = "name the legal entity in the text, and under `controller` in policy.yaml"
        yield warning(CODE, message, in_file(policy, "policy.yaml", "controller"), hint)


def _listed(missing: list[str]) -> str:
    *first, last = missing
    return f"{', '.join(first)} and {last} are" if first else f"{last} is"
