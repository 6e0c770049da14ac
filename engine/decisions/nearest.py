"""Which rule comes nearest to permitting what no rule mentions."""

from __future__ import annotations

from dataclasses import dataclass

from engine.decisions.decision import Lacks
from engine.policy.compiled.cells import CellKey, DecidingRule, rules_for
from engine.policy.models import CollectionRule, UseRule
from engine.policy.policy import Policy

_ORDER: tuple[Lacks, ...] = ("category", "purpose", "recipient")


@dataclass(frozen=True, slots=True)
class Nearest:
    """A rule that would match but for one name; which of the three it lacks."""

    rule: DecidingRule
    lacks: Lacks


def nearest(policy: Policy, key: CellKey) -> Nearest | None:
    """The nearest permit for a cell that none matches."""
    return next(iter(nearby(policy, key)), None)


def nearby(policy: Policy, key: CellKey) -> tuple[Nearest, ...]:
    """The permits that would match a cell but for one name, the nearest first: what lacks the category, then
    the purpose, then the recipient; among several the one whose names are closest, then file order."""
    found = [
        (_ORDER.index(lacks), -_closeness(rule, lacks, key), Nearest(rule, lacks))
        for rule in rules_for(policy, key.operation)
        if not rule.denies and len(differing := _differs(policy, rule, key)) == 1
        for lacks in differing
    ]
    if key.operation == "collect":
        # Each collection rule lacks only the category; one of another branch is no help.
        found = [item for item in found if item[1]]
    return tuple(near for _, _, near in sorted(found, key=lambda item: item[:2]))


def _differs(policy: Policy, rule: DecidingRule, key: CellKey) -> list[Lacks]:
    """What a rule does not match of a cell."""
    lacks: list[Lacks] = []
    if key.category not in policy.data_leaves(rule.data):
        lacks.append("category")
    if isinstance(rule, CollectionRule):
        return lacks
    if key.purpose not in policy.purpose_leaves(rule.purposes):
        lacks.append("purpose")
    if isinstance(rule, UseRule):
        return lacks
    if key.recipient not in policy.recipient_leaves(rule.recipients):
        lacks.append("recipient")
    return lacks


def _closeness(rule: DecidingRule, lacks: Lacks, key: CellKey) -> int:
    """How many leading parts the wanted name shares with one that the rule gives."""
    names = {
        "category": rule.data,
        "purpose": getattr(rule, "purposes", ()),
        "recipient": getattr(rule, "recipients", ()),
    }
    return max(_shared(name, getattr(key, lacks)) for name in names[lacks])


def _shared(one: str, other: str) -> int:
    parts = zip(one.split("."), other.split("."), strict=False)
    for number, (left, right) in enumerate(parts):
        if left != right:
            return number
    return min(one.count("."), other.count(".")) + 1
