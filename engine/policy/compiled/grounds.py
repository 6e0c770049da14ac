"""What the lawful basis of a permit implies, as demands on facts (GDPR 6, 7, 9, 18, 21)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.compiled.conditions import Case, Demand, Fact, Kind, one_of
from engine.policy.models.use import Processing
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree

CONSENT = frozenset({"consent", "explicit consent"})
OBJECTABLE = frozenset({"legitimate interest", "public task"})
NOT_CANCELLED = one_of(Kind.ACCOUNT, ("none", "active", "suspended"))
ALWAYS_OBJECTABLE = frozenset({"direct marketing", "sale", "cross-context advertising"})
"""Kinds of purposes to which an objection is absolute, whatever the basis (GDPR 21(2), CCPA 1798.120)."""
WORKS_WHEN_RESTRICTED = frozenset({"legal obligation", "vital interests"})
PURPOSES_WHEN_RESTRICTED = frozenset({"rights handling", "legal claims"})


def implied(policy: Policy, rule: Processing, category: str, purpose: str) -> Case:
    """What must hold for a permit to count in a leaf cell, besides its own guards and,
    unless it `works_when_restricted`, that the data is not restricted.

    Of the category only matters whether it is special.
    """
    kind = policy.purposes.inherited(purpose, "is")
    demands = [*_of_choice(rule), *_of_account(rule)]
    if rule.basis in OBJECTABLE or kind in ALWAYS_OBJECTABLE:
        demands.append(Demand(objection(policy, purpose), False))
    if policy.categories.inherited(category, "special") and not _special_ground(rule):
        demands.append(Demand(Fact(Kind.GROUND, ("second ground",))))
    return frozenset(demands)


def works_when_restricted(policy: Policy, rule: Processing, purpose: str) -> bool:
    """Whether a permit counts although the data is restricted (GDPR 18(2))."""
    kind = policy.purposes.inherited(purpose, "is")
    return rule.basis in WORKS_WHEN_RESTRICTED or kind in PURPOSES_WHEN_RESTRICTED


def objection(policy: Policy, purpose: str) -> Fact:
    """The fact that a person objected to a purpose, by its name or one that it had formerly."""
    return Fact(Kind.OBJECTION, _spellings(policy.purposes, purpose))


def restriction(policy: Policy, category: str) -> Fact:
    """The fact that a person is restricted, or their data of this category (by any of its names)."""
    return Fact(Kind.RESTRICTION, _spellings(policy.categories, category))


def _spellings(tree: Tree, name: str) -> tuple[str, ...]:
    """A name, and each that it had formerly, by itself or as part of a wider one."""
    names, wider = [name], name
    while wider:
        former = tree[wider].get("formerly")
        if former:
            names.append(former + name[len(wider) :])
        wider = wider.rpartition(".")[0]
    return tuple(names)


def _special_ground(rule: Processing) -> bool:
    return bool(rule.second_ground) or rule.basis == "explicit consent"


def _of_choice(rule: Processing) -> Iterator[Demand]:
    if rule.choice is None:
        if rule.basis in CONSENT:
            # Nobody can give a consent that is asked nowhere.
            yield Demand(Fact(Kind.GROUND, ("choice",)))
        return
    yield Demand(one_of(Kind.CHOICE, (rule.choice,)))
    if rule.basis == "explicit consent":
        yield Demand(Fact(Kind.EXPLICIT, (rule.choice,)))


def _of_account(rule: Processing) -> Iterator[Demand]:
    said = rule.when is not None and rule.when.account is not None
    if rule.basis in CONSENT or (rule.basis == "contract" and not said):
        yield Demand(NOT_CANCELLED)
