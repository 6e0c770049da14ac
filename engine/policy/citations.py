"""Who cites which clause: rules, choices, the agreement, the contact, and warnings that callers must give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from engine.policy.models import (
    CollectionRule,
    Control,
    CookieRule,
    HoldReason,
    RetentionRule,
    RightRule,
    SharingRule,
    UseRule,
)
from engine.policy.models.common import UNSTATED, Cited
from engine.policy.policy import Policy

CitationKind = Literal[
    "collection",
    "use",
    "sharing",
    "retention",
    "hold",
    "right",
    "cookie",
    "control",
    "consent",
    "agreement",
    "guardians",
    "contact",
    "warning",
]

_KINDS: dict[type[Cited], CitationKind] = {
    CollectionRule: "collection",
    UseRule: "use",
    SharingRule: "sharing",
    RetentionRule: "retention",
    HoldReason: "hold",
    RightRule: "right",
    CookieRule: "cookie",
    Control: "control",
}


@dataclass(frozen=True, slots=True)
class Citation:
    """Something that keeps a clause. `name` is a rule's or choice's id; `rule` is the rule, if it is one."""

    kind: CitationKind
    name: str
    rule: Cited | None = None


def kind_of(rule: Cited) -> CitationKind:
    """What kind of rule this is."""
    return _KINDS[type(rule)]


def citations(policy: Policy) -> Mapping[str, tuple[Citation, ...]]:
    """For each clause that something cites, what cites it, in the order of the files."""
    found: dict[str, list[Citation]] = {}
    for clause, citation in _all(policy):
        if clause != UNSTATED:
            found.setdefault(clause, []).append(citation)
    return {clause: tuple(cited) for clause, cited in found.items()}


def _all(policy: Policy) -> Iterator[tuple[str, Citation]]:
    yield from _by_rules(policy)
    for choice in policy.consent.choices:
        yield from ((clause, Citation("consent", choice.id)) for clause in choice.clause)
    if policy.consent.agreement:
        agreement = Citation("agreement", "agreement")
        yield from ((clause, agreement) for clause in policy.consent.agreement.clause)
    if policy.consent.guardians:
        guardians = Citation("guardians", "guardians")
        yield from ((clause, guardians) for clause in policy.consent.guardians.clause)
    if policy.rights.contact:
        contact = Citation("contact", "contact")
        yield from ((clause, contact) for clause in policy.rights.contact.clause)


def _by_rules(policy: Policy) -> Iterator[tuple[str, Citation]]:
    for rule in policy.rules():
        for clause in rule.clause:
            yield clause, Citation(kind_of(rule), rule.id, rule)
        for duty in getattr(rule, "must", ()):
            if duty.clause:
                yield duty.clause, Citation("warning", rule.id, rule)
