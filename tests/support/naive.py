"""A second, slow and plain reading of the decision rules, to hold the compiled table against.

It knows nothing of cells, masks or conditions: it walks through the rules for one leaf question and answers
each guard with True, False or None (unknown).
"""

from collections.abc import Iterable
from typing import Any

from engine.decisions.facts import SubjectFacts
from engine.policy.models import Guard
from engine.policy.policy import Policy

MEMBERS = {"EU": {"DE", "FR"}}
"""Enough of the real groups for the regions that random policies name."""

Leaf = tuple[str, str, str, str]


def permits(policy: Policy, leaf: Leaf, facts: SubjectFacts) -> bool:
    """Whether a leaf question is permitted."""
    if leaf[0] == "collect":
        return _collects(policy, leaf, facts)
    return bool(applying(policy, leaf, facts))


def applying(policy: Policy, leaf: Leaf, facts: SubjectFacts) -> list[Any]:
    """The permits that apply, in file order; none where a prohibition may apply."""
    rules = matching(policy, leaf)
    if any(rule.denies and _may_hold(rule, facts) for rule in rules):
        return []
    return [
        r for r in rules if not r.denies and _holds(r, facts) and _basis(policy, r, leaf, facts)
    ]


def matching(policy: Policy, leaf: Leaf) -> list[Any]:
    """The rules that match a leaf question, whatever their conditions."""
    return [rule for rule in _rules(policy, leaf[0]) if _matches(rule, leaf)]


def duties(policy: Policy, leaf: Leaf, facts: SubjectFacts) -> set[str]:
    """The obligations of a permitted question."""
    return {str(duty) for rule in applying(policy, leaf, facts) for duty in rule.must}


def leaves(policy: Policy) -> Iterable[Leaf]:
    """Every leaf question."""
    for category in policy.categories.leaves:
        yield ("collect", category, "", "")
        for purpose in policy.purposes.leaves:
            yield ("use", category, purpose, "")
            for recipient in policy.recipients.leaves:
                yield ("share", category, purpose, recipient)


def _collects(policy: Policy, leaf: Leaf, facts: SubjectFacts) -> bool:
    if not applying(policy, leaf, facts):
        return False
    return any(
        applying(policy, other, facts)
        for other in leaves(policy)
        if other[0] != "collect" and other[1] == leaf[1]
    )


def _rules(policy: Policy, operation: str) -> tuple[Any, ...]:
    return {"collect": policy.collection, "use": policy.use, "share": policy.sharing}[operation]


def _matches(rule: Any, leaf: Leaf) -> bool:
    operation, category, purpose, recipient = leaf
    if not _under(rule.data, category):
        return False
    if operation == "collect":
        return True
    return _under(rule.purposes, purpose) and (
        operation == "use" or _under(rule.recipients, recipient)
    )


def _under(names: tuple[str, ...], leaf: str) -> bool:
    return any(n in ("everything", "everyone") or f"{leaf}.".startswith(f"{n}.") for n in names)


def _holds(rule: Any, facts: SubjectFacts) -> bool:
    unless = False if rule.unless is None else _guard(rule.unless, facts)
    return _guard(rule.when, facts) is True and unless is False


def _may_hold(rule: Any, facts: SubjectFacts) -> bool:
    unless = False if rule.unless is None else _guard(rule.unless, facts)
    return _guard(rule.when, facts) is not False and unless is not True


def _guard(guard: Guard | None, facts: SubjectFacts) -> bool | None:
    if guard is None:
        return True
    answers = []
    if guard.subject:
        answers.append(None if facts.subject is None else facts.subject in guard.subject)
    if guard.account:
        answers.append(None if facts.account is None else facts.account in guard.account)
    if guard.region:
        answers.append(_any(_lies(facts.region, place) for place in guard.region))
    if guard.choice:
        answers.append(_any(facts.choices.get(choice) for choice in guard.choice))
    if guard.signal:
        told = facts.signals
        answers.append(None if told is None else bool(set(guard.signal) & told))
    if guard.age_below:
        answers.append(None if facts.age is None else facts.age < guard.age_below)
    if False in answers:
        return False
    return None if None in answers else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    told = list(answers)
    if True in told:
        return True
    return None if None in told else False


def _lies(region: str | None, place: str) -> bool | None:
    if region is None:
        return None
    if region == place or region in MEMBERS.get(place, ()) or region.startswith(f"{place}-"):
        return True
    if place in MEMBERS.get(region, ()) or place.startswith(f"{region}-"):
        return None
    return False


def _basis(policy: Policy, rule: Any, leaf: Leaf, facts: SubjectFacts) -> bool:
    if leaf[0] == "collect":
        return True
    _, category, purpose, _ = leaf
    kind = policy.purposes.inherited(purpose, "is")
    consent = rule.basis in ("consent", "explicit consent")
    says_account = rule.when is not None and rule.when.account is not None
    wanted = {
        "choice": not (consent or rule.choice) or facts.choices.get(rule.choice or "") is True,
        "explicit": rule.basis != "explicit consent" or rule.choice in (facts.explicit or ()),
        "account": not (consent or (rule.basis == "contract" and not says_account))
        or facts.account in ("none", "active", "suspended"),
        "objection": not (
            rule.basis in ("legitimate interest", "public task") or kind == "direct marketing"
        )
        or (
            facts.objections is not None
            and not any(_under((o,), purpose) for o in facts.objections)
        ),
        "restricted": rule.basis in ("legal obligation", "vital interests")
        or kind in ("rights handling", "legal claims")
        or facts.restricted is False,
        "special": not policy.categories.inherited(category, "special")
        or bool(rule.second_ground)
        or rule.basis == "explicit consent",
    }
    return all(wanted.values())
