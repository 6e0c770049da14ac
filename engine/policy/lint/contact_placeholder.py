"""CONTACT_PLACEHOLDER: the contact cannot be written to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.policy.findings import Finding, Position, Severity, warning
from engine.policy.lint.context import Context, in_file
from engine.policy.policy import Policy

CODE = "CONTACT_PLACEHOLDER"
SEVERITY = Severity.WARNING

_ADDRESS = re.compile(r"[^\s@\[\]<>()]+@([a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)
# Reserved for documentation (RFC 2606), or left over from a template.
_RESERVED = re.compile(
    r"@(.*\.)?(example|test|invalid|localhost|yourdomain|yourcompany|domain)\b", re.IGNORECASE
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for each address that is none, or when there is no contact at all (GDPR 13(1)(a))."""
    if policy.rights.contact is None:
        message = "the policy names no contact for questions and requests"
        hint = "add `contact: {clause: …, email: …}`"
        yield warning(CODE, message, in_file(policy, "rights.yaml"), hint)
    for address, where in _addresses(policy).items():
        if not _ADDRESS.fullmatch(address) or _RESERVED.search(address):
            message = f"`{address}` is not an address that anybody can write to"
            yield warning(CODE, message, where, "write the working address here and in the text")


def _addresses(policy: Policy) -> dict[str, Position]:
    """Each address once, with the place that matters most."""
    found: dict[str, Position] = {}
    if policy.rights.contact:
        address = policy.rights.contact.email
        found[address] = in_file(policy, "rights.yaml", "contact", "email")
    if policy.header.controller.email:
        where = in_file(policy, "policy.yaml", "controller", "email")
        found.setdefault(policy.header.controller.email, where)
    return found
