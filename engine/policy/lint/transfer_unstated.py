"""TRANSFER_UNSTATED: data may leave the country, and the policy does not say where to, or how safely."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy import regions
from engine.policy.findings import Finding, Severity, warning
from engine.policy.lint.context import Context
from engine.policy.lint.recipients import place, receiving
from engine.policy.policy import Policy

CODE = "TRANSFER_UNSTATED"
SEVERITY = Severity.WARNING


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """A warning for a recipient without `countries`, or with a country abroad that has no safeguard.

    GDPR 13(1)(f) and 46; PIPL 38 and 39. A country of the controller's own group (the EEA) is not abroad.
    """
    for term in receiving(policy):
        countries = policy.recipients.inherited(term.name, "countries")
        if not countries:
            message = f"the policy does not say in which countries `{term.name}` holds the data"
            hint = "add `countries: […]`, and `safeguard: {COUNTRY: …}` for those abroad"
            yield warning(CODE, message, place(policy, term.name), hint, recipient=term.name)
            continue
        safeguards = policy.recipients.inherited(term.name, "safeguard") or {}
        listed = [countries] if isinstance(countries, str) else countries
        for country in listed:
            if _abroad(policy, country) and country not in safeguards:
                message = f"`{term.name}` holds data in {country}, and no safeguard is named"
                hint = f"add `safeguard: {{{country}: …}}`, such as standard contractual clauses"
                yield warning(CODE, message, place(policy, term.name), hint, recipient=term.name)


def _abroad(policy: Policy, country: str) -> bool:
    home = policy.header.controller.country
    if home is None:
        return True
    together = any(home in members and country in members for members in regions.groups().values())
    return country != home and not together
