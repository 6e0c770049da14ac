"""All situations that a person can be in, as far as some facts tell them apart; sets of them as integers.

A situation answers every fact, consistently: an account has one state, a person is in one place and has one
age. Situations are numbered; a set of them is an integer with a bit for each, so that comparing two
conditions over all situations is one operation, and exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from engine.policy import regions
from engine.policy.compiled.conditions import Case, Cases, Demand, Fact, Kind

Situations = int
"""A set of situations."""

_ACCOUNTS = ("none", "active", "suspended", "cancelled")
_ELSEWHERE = "-00"
"""Marks the rest of a country beside its named subdivisions; no subdivision has this code."""

Answers = tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """Facts whose answers hang together, and every combination of answers that can occur."""

    facts: tuple[Fact, ...]
    answers: tuple[Answers, ...]


class Worlds:
    """The situations that a set of facts tells apart."""

    def __init__(self, facts: Iterable[Fact], subjects: Sequence[str]) -> None:
        groups = [_group(facts_, subjects) for facts_ in _related(facts)]
        self._tables: dict[Fact, Situations] = {}
        size = 1
        for group in groups:
            size *= len(group.answers)
        self.all: Situations = (1 << size) - 1
        stride = 1
        for group in groups:
            for index, fact in enumerate(group.facts):
                self._tables[fact] = _pattern(group, index, stride, size)
            stride *= len(group.answers)

    def where(self, cases: Cases) -> Situations:
        """The situations in which a condition holds."""
        total = 0
        for case in cases:
            total |= self._in(case)
        return total

    def constant(self, situations: Situations) -> Iterator[Demand]:
        """The answers that all of these situations share."""
        for fact, table in sorted(self._tables.items()):
            if not situations & ~table:
                yield Demand(fact, True)
            elif not situations & table:
                yield Demand(fact, False)

    def _in(self, case: Case) -> Situations:
        total = self.all
        for demand in case:
            table = self._tables[demand.fact]
            total &= table if demand.holds else self.all & ~table
        return total


def _pattern(group: _Group, index: int, stride: int, size: int) -> Situations:
    """The bits of one fact: its answers, each `stride` long, repeated over all situations."""
    run = (1 << stride) - 1
    block = 0
    for number, answers in enumerate(group.answers):
        if answers[index]:
            block |= run << (number * stride)
    period = stride * len(group.answers)
    return block * (((1 << size) - 1) // ((1 << period) - 1))


def _related(facts: Iterable[Fact]) -> list[tuple[Fact, ...]]:
    """Facts in groups that do not influence each other."""
    groups: dict[object, list[Fact]] = {}
    for fact in sorted(set(facts)):
        if fact.kind in _SHARING:
            _join(groups, fact)
        else:
            whole = fact.kind in _EXCLUSIVE
            groups.setdefault(fact.kind if whole else fact, []).append(fact)
    return [tuple(group) for group in groups.values()]


_EXCLUSIVE = {Kind.SUBJECT, Kind.REGION, Kind.ACCOUNT, Kind.AGE_BELOW}
_SHARING = {Kind.CHOICE: "choice", Kind.EXPLICIT: "choice", Kind.SIGNAL: "signal"}


def _join(groups: dict[object, list[Fact]], fact: Fact) -> None:
    """Put a fact together with those that name one of the same choices or signals."""
    names = {(_SHARING[fact.kind], value) for value in fact.values}
    joined = [fact]
    for key in [k for k in groups if isinstance(k, frozenset) and k & names]:
        names |= key
        joined += groups.pop(key)
    groups[frozenset(names)] = joined


def _group(facts: tuple[Fact, ...], subjects: Sequence[str]) -> _Group:
    kind = facts[0].kind
    answers = _POSSIBLE[kind](facts, subjects)
    return _Group(facts, tuple(dict.fromkeys(answers)))


def _possible_subjects(facts: tuple[Fact, ...], subjects: Sequence[str]) -> Iterator[Answers]:
    for subject in subjects:
        yield tuple(subject in fact.values for fact in facts)


def _possible_accounts(facts: tuple[Fact, ...], _: Sequence[str]) -> Iterator[Answers]:
    for account in _ACCOUNTS:
        yield tuple(account in fact.values for fact in facts)


def _possible_regions(facts: tuple[Fact, ...], _: Sequence[str]) -> Iterator[Answers]:
    named = regions.places(name for fact in facts for name in fact.values)
    spots = [name if "-" in name else f"{name}{_ELSEWHERE}" for name in named]
    spots += [f"{name.partition('-')[0]}{_ELSEWHERE}" for name in named]
    for spot in (*spots, f"ZZ{_ELSEWHERE}"):
        yield tuple(regions.lies_in(spot, fact.values) is True for fact in facts)


def _possible_ages(facts: tuple[Fact, ...], _: Sequence[str]) -> Iterator[Answers]:
    limits = [int(fact.values[0]) for fact in facts]
    for age in (*(limit - 1 for limit in limits), max(limits)):
        yield tuple(age < limit for limit in limits)


def _possible_choices(facts: tuple[Fact, ...], _: Sequence[str]) -> Iterator[Answers]:
    """Each choice is off, on, or on and made explicitly."""
    names = sorted({value for fact in facts for value in fact.values})
    explicit = any(fact.kind is Kind.EXPLICIT for fact in facts)
    for states in product(range(3 if explicit else 2), repeat=len(names)):
        state = dict(zip(names, states, strict=True))
        yield tuple(
            any(state[value] >= (2 if fact.kind is Kind.EXPLICIT else 1) for value in fact.values)
            for fact in facts
        )


def _either_way(_: tuple[Fact, ...], __: Sequence[str]) -> Iterator[Answers]:
    yield (False,)
    yield (True,)


def _never(_: tuple[Fact, ...], __: Sequence[str]) -> Iterator[Answers]:
    yield (False,)


_POSSIBLE: dict[Kind, Callable[[tuple[Fact, ...], Sequence[str]], Iterator[Answers]]] = {
    Kind.SUBJECT: _possible_subjects,
    Kind.REGION: _possible_regions,
    Kind.ACCOUNT: _possible_accounts,
    Kind.CHOICE: _possible_choices,
    Kind.EXPLICIT: _possible_choices,
    Kind.AGE_BELOW: _possible_ages,
    Kind.SIGNAL: _possible_choices,
    Kind.OBJECTION: _either_way,
    Kind.RESTRICTION: _either_way,
    Kind.AGREEMENT: _either_way,
    Kind.GROUND: _never,
}
