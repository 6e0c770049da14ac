"""What an access report says besides the copy (GDPR 15(1) and (2)), derived from the policy. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.policy.durations import INDEFINITELY
from engine.policy.event_words import keeping_words
from engine.policy.models import RetentionRule, SharingRule
from engine.policy.policy import Policy
from engine.policy.vocabulary import Term

_SOURCES = {
    "person": "you",
    "observed": "your use of the service",
    "derived": "derived from other data",
}
_LODGE = (
    "You may complain to us, and to the data protection authority where you live, where you work, or where"
    " you think the law was broken."
)


def about(policy: Policy, held: Iterable[str]) -> dict[str, Any]:
    """Purposes, categories, recipients, retention, rights, complaint, source, automation, transfers.

    `held` are the leaf categories of which something was found.
    """
    leaves = tuple(dict.fromkeys(held))
    return {
        "confirmation": _confirmation(leaves),
        "controller": policy.header.controller.model_dump(exclude_none=True),
        "policy": {"name": policy.name, "version": policy.version},
        "categories": [_category(policy, leaf) for leaf in leaves],
        "rights": [_right(rule.right, rule.clause) for rule in policy.rights.rules],
        "complaint": _complaint(policy),
        "automated_decisions": _automated(policy, leaves),
        "transfers": list(_transfers(policy, leaves)),
    }


def _confirmation(leaves: tuple[str, ...]) -> str:
    if leaves:
        return "Yes, we process personal data about you. This is a copy of it."
    return "No, we hold no personal data about you beyond the record of this request."


def _category(policy: Policy, leaf: str) -> dict[str, Any]:
    term = policy.categories[leaf] if leaf in policy.categories else Term(leaf, leaf=True)
    return {
        "name": leaf,
        "means": term.means,
        "source": _sources(policy, leaf),
        "purposes": list(_purposes(policy, leaf)),
        "recipients": list(_recipients(policy, leaf)),
        "retention": [
            _keeps(rule) for rule in policy.retention if _covers(policy, rule.data, leaf)
        ],
    }


def _sources(policy: Policy, leaf: str) -> list[str]:
    rules = (r for r in policy.collection if not r.denies and _covers(policy, r.data, leaf))
    found = dict.fromkeys(source for rule in rules for source in rule.source or ())
    return [_SOURCES.get(source) or _named(policy, source) for source in found]


def _purposes(policy: Policy, leaf: str) -> Iterator[dict[str, Any]]:
    for rule in (*policy.use, *policy.sharing):
        if rule.denies or not _covers(policy, rule.data, leaf):
            continue
        for purpose in policy.purpose_leaves(rule.purposes):
            told = {"name": purpose, "means": policy.purposes[purpose].means}
            told["clause"] = ", ".join(rule.clause)
            yield told | {"basis": rule.basis} if rule.basis else told


def _recipients(policy: Policy, leaf: str) -> Iterator[dict[str, Any]]:
    seen = set()
    for rule in _shares(policy, leaf):
        for name in policy.recipient_leaves(rule.recipients):
            if name not in seen:
                seen.add(name)
                yield _recipient(policy, name)


def _recipient(policy: Policy, name: str) -> dict[str, Any]:
    told = {"name": _named(policy, name)}
    for attribute in ("role", "countries", "safeguard"):
        value = policy.recipients.inherited(name, attribute)
        if value is not None:
            told[attribute] = value
    return told


def _shares(policy: Policy, leaf: str) -> Iterator[SharingRule]:
    for rule in policy.sharing:
        if not rule.denies and _covers(policy, rule.data, leaf):
            yield rule


def _keeps(rule: RetentionRule) -> str:
    if rule.keep is INDEFINITELY:
        return f"kept without a limit ({', '.join(rule.clause)})"
    return f"{keeping_words(rule.keep, rule.after)}, then {rule.then}"


def _right(right: str, clause: tuple[str, ...]) -> dict[str, str]:
    return {"right": right, "clause": ", ".join(clause)}


def _complaint(policy: Policy) -> dict[str, str]:
    contact = policy.rights.contact
    email = contact.email if contact else policy.header.controller.email
    return {"how": _LODGE} | ({"contact": email} if email else {})


def _automated(policy: Policy, leaves: tuple[str, ...]) -> list[str]:
    purposes = {p["name"] for leaf in leaves for p in _purposes(policy, leaf)}
    return sorted(p for p in purposes if policy.purposes.inherited(p, "is") == "automated decision")


def _transfers(policy: Policy, leaves: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    home, seen = policy.header.controller.country, set()
    for leaf in leaves:
        for recipient in _recipients(policy, leaf):
            for country in _listed(recipient.get("countries")):
                if country != home and (recipient["name"], country) not in seen:
                    seen.add((recipient["name"], country))
                    yield _transfer(recipient, country)


def _transfer(recipient: Mapping[str, Any], country: str) -> dict[str, Any]:
    safeguards = recipient.get("safeguard")
    safeguard = safeguards.get(country) if isinstance(safeguards, Mapping) else safeguards
    told = {"recipient": recipient["name"], "country": country}
    return told | {"safeguard": safeguard or "not stated"}


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _named(policy: Policy, name: str) -> str:
    if name not in policy.recipients:
        return name
    return str(policy.recipients.inherited(name, "name") or policy.recipients[name].means)


def _covers(policy: Policy, names: tuple[str, ...], leaf: str) -> bool:
    return leaf in policy.data_leaves(names)
