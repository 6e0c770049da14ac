"""Conditions over facts about a person.

A `Fact` is a question with the answer yes, no or unknown. A `Demand` wants one answer. A `Case` is a set of
demands, all of which must hold; a rule applies if one of its cases does. Values listed in a guard are one
fact together ("the region is one of …"), so that partly known answers stay exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import product
from typing import NamedTuple, TypeAlias

from engine.policy.models import Guard


class Kind(StrEnum):
    """What a fact is about. Its values: the names listed; for AGE_BELOW the age; for OBJECTION the purpose
    and for RESTRICTION the category, each with its former names; for AGREEMENT a version and the consequence
    that introduced it; GROUND is never true: it stands for something that the policy itself fails to say."""

    SUBJECT = "subject"
    REGION = "region"
    ACCOUNT = "account"
    CHOICE = "choice"
    EXPLICIT = "explicit consent"
    AGE_BELOW = "age below"
    SIGNAL = "signal"
    OBJECTION = "objection"
    RESTRICTION = "restriction"
    AGREEMENT = "agreement"
    GROUND = "ground"


class Fact(NamedTuple):
    """One question about a person."""

    kind: Kind
    values: tuple[str, ...] = ()


class Demand(NamedTuple):
    """A fact must be so (`holds`) or must not be so; unknown meets neither."""

    fact: Fact
    holds: bool = True


Case: TypeAlias = frozenset[Demand]
Cases: TypeAlias = tuple[Case, ...]

ALWAYS: Cases = (frozenset(),)
NEVER: Cases = ()


def one_of(kind: Kind, values: Iterable[str]) -> Fact:
    """The fact that one of the values applies, in one spelling whatever their order."""
    return Fact(kind, tuple(sorted(set(values))))


def guarded(when: Guard | None, unless: Guard | None) -> Cases:
    """The cases in which a rule with these guards applies."""
    wanted: Cases = (frozenset(Demand(fact) for fact in facts_of(when)),)
    if unless is None:
        return wanted
    exceptions = tuple(frozenset({Demand(fact, False)}) for fact in facts_of(unless))
    return both(wanted, exceptions)


def facts_of(guard: Guard | None) -> Iterator[Fact]:
    """The facts of a guard: its keys are ANDed, the values of one key are one fact."""
    if guard is None:
        return
    listed = {
        Kind.SUBJECT: guard.subject,
        Kind.REGION: guard.region,
        Kind.ACCOUNT: guard.account,
        Kind.CHOICE: guard.choice,
        Kind.SIGNAL: guard.signal,
    }
    for kind, values in listed.items():
        if values is not None:
            yield one_of(kind, values)
    if guard.age_below is not None:
        yield Fact(Kind.AGE_BELOW, (str(guard.age_below),))


def both(first: Cases, second: Cases) -> Cases:
    """The cases in which both conditions hold."""
    return simplified(one | other for one, other in product(first, second))


def negation(cases: Cases) -> Cases:
    """The cases in which none of these holds."""
    result = ALWAYS
    for case in cases:
        broken = tuple(frozenset({Demand(d.fact, not d.holds)}) for d in sorted(case))
        result = both(result, broken)
    return result


def simplified(cases: Iterable[Case]) -> Cases:
    """The same condition without cases that contradict themselves or say no more than a wider one."""
    possible = {case for case in cases if not _contradicts(case)}
    kept = [case for case in possible if not any(other < case for other in possible)]
    return tuple(sorted(kept, key=lambda case: (len(case), sorted(case))))


def _contradicts(case: Case) -> bool:
    """Whether it wants a fact both ways: then it has fewer facts than demands."""
    return len({demand.fact for demand in case}) < len(case)


def facts_in(cases: Cases) -> set[Fact]:
    """Every fact that matters in a condition."""
    return {demand.fact for case in cases for demand in case}
