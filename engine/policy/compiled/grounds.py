"""What the lawful basis of a permit implies, as demands on facts (GDPR 6, 7, 9, 18, 21)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.policy.compiled.conditions import Case, Demand, Fact, Kind, one_of
from engine.policy.models.use import Processing
from engine.policy.policy import Policy

CONSENT = frozenset({"consent", "explicit consent"})
OBJECTABLE = frozenset({"legitimate interest", "public task"})
NOT_CANCELLED = one_of(Kind.ACCOUNT, ("none", "active", "suspended"))
WORKS_WHEN_RESTRICTED = frozenset({"legal obligation", "vital interests"})
PURPOSES_WHEN_RESTRICTED = frozenset({"rights handling", "legal claims"})


def implied(policy: Policy, rule: Processing, category: str, purpose: str) -> Case:
    """What must hold for a permit to count in a leaf cell, besides its own guards."""
    kind = policy.purposes.inherited(purpose, "is")
    demands = [*_of_choice(rule), *_of_account(rule)]
    if rule.basis in OBJECTABLE or kind == "direct marketing":
        demands.append(Demand(objection(policy, purpose), False))
    if rule.basis not in WORKS_WHEN_RESTRICTED and kind not in PURPOSES_WHEN_RESTRICTED:
        demands.append(Demand(Fact(Kind.RESTRICTION), False))
    if policy.categories.inherited(category, "special") and not _special_ground(rule):
        demands.append(Demand(Fact(Kind.GROUND, ("second ground",))))
    return frozenset(demands)


def objection(policy: Policy, purpose: str) -> Fact:
    """The fact that a person objected to a purpose, by its name or one that it had formerly."""
    names = [purpose]
    while purpose:
        term = policy.purposes[purpose]
        if term.get("formerly"):
            names.append(term.get("formerly") + names[0][len(purpose) :])
        purpose = purpose.rpartition(".")[0]
    return Fact(Kind.OBJECTION, tuple(names))


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
