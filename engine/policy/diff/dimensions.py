"""What tells situations apart: where a person is, the account's state, each choice, and so on.

Facts split each dimension into values: the sets of places, ages or states that no fact tells apart. A fact
holds where one of its dimensions has one of some values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from engine.policy import regions
from engine.policy.compiled.conditions import Fact, Kind

ACCOUNTS = ("none", "active", "suspended", "cancelled")
ELSEWHERE = "-00"
"""Marks the rest of a country beside its named subdivisions; no subdivision has this code."""
NOWHERE = f"ZZ{ELSEWHERE}"
"""A place that no fact names."""
OFF, ON, EXPLICIT = "off", "on", "explicit"
NO, YES = "no", "yes"


@dataclass(frozen=True, eq=False)
class Dimension:
    """One way in which situations differ.

    `names` are the choices or signals that it is about (several where no fact tells them apart: then it says
    whether one of them is on); `values` hold the atoms that no fact tells apart; `holds` are, for each fact,
    the values (as bits) with which it holds.
    """

    kind: Kind
    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    holds: Mapping[Fact, int] = field(default_factory=dict)

    @property
    def whole(self) -> int:
        """All values."""
        return (1 << len(self.values)) - 1


def dimensions(facts: Iterable[Fact], subjects: Sequence[str]) -> tuple[Dimension, ...]:
    """The dimensions that some facts are about, split as far as these facts tell them apart."""
    by_kind: dict[Kind, list[Fact]] = {}
    for fact in sorted(set(facts)):
        by_kind.setdefault(_SAME.get(fact.kind, fact.kind), []).append(fact)
    return tuple(d for kind, found in by_kind.items() for d in _MADE[kind](found, subjects))


_SAME = {Kind.EXPLICIT: Kind.CHOICE}


def _split(
    kind: Kind,
    names: tuple[str, ...],
    atoms: Iterable[str],
    facts: Sequence[Fact],
    answer: Callable[[Fact, str], bool],
) -> Dimension:
    """A dimension whose values are the atoms that all facts answer alike."""
    alike: dict[tuple[bool, ...], list[str]] = {}
    for atom in dict.fromkeys(atoms):
        alike.setdefault(tuple(answer(fact, atom) for fact in facts), []).append(atom)
    holds = {
        fact: sum(1 << number for number, told in enumerate(alike) if told[index])
        for index, fact in enumerate(facts)
    }
    return Dimension(kind, names, tuple(map(tuple, alike.values())), holds)


def _subjects(facts: Sequence[Fact], subjects: Sequence[str]) -> Iterator[Dimension]:
    yield _split(Kind.SUBJECT, (), subjects, facts, lambda fact, atom: atom in fact.values)


def _accounts(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    yield _split(Kind.ACCOUNT, (), ACCOUNTS, facts, lambda fact, atom: atom in fact.values)


def _regions(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    yield _places(tuple(facts))


@lru_cache(maxsize=256)
def _places(facts: tuple[Fact, ...]) -> Dimension:
    named = regions.places(name for fact in facts for name in fact.values)
    spots = [name if "-" in name else f"{name}{ELSEWHERE}" for name in named]
    spots += [f"{name.partition('-')[0]}{ELSEWHERE}" for name in named]
    return _split(Kind.REGION, (), (*spots, NOWHERE), facts, _lies_in)


def _lies_in(fact: Fact, spot: str) -> bool:
    return any(regions.within(spot, place) for place in fact.values)


def _ages(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    """Bands, the youngest first; an atom is the youngest age of its band."""
    starts = sorted({0, *(int(fact.values[0]) for fact in facts)})
    atoms = [str(start) for start in starts]
    yield _split(
        Kind.AGE_BELOW, (), atoms, facts, lambda fact, atom: int(atom) < int(fact.values[0])
    )


def _choices(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    """Each choice is off, on, or on and made explicitly."""
    for names, about in _told_apart(facts):
        yield _split(Kind.CHOICE, names, (OFF, ON, EXPLICIT), about, _chosen)


def _chosen(fact: Fact, state: str) -> bool:
    return state == EXPLICIT or (state == ON and fact.kind is Kind.CHOICE)


def _signals(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    for names, about in _told_apart(facts):
        yield _split(Kind.SIGNAL, names, (NO, YES), about, lambda _, atom: atom == YES)


def _told_apart(facts: Sequence[Fact]) -> Iterator[tuple[tuple[str, ...], tuple[Fact, ...]]]:
    """Names with the facts that name them; those that the same facts name go together."""
    naming: dict[str, list[Fact]] = {}
    for fact in facts:
        for name in fact.values:
            naming.setdefault(name, []).append(fact)
    alike: dict[tuple[Fact, ...], list[str]] = {}
    for name, about in sorted(naming.items()):
        alike.setdefault(tuple(about), []).append(name)
    for facts_, names in alike.items():
        yield tuple(names), facts_


def _each(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    for fact in facts:
        yield _split(fact.kind, fact.values, (NO, YES), [fact], lambda _, atom: atom == YES)


def _never(facts: Sequence[Fact], _: Sequence[str]) -> Iterator[Dimension]:
    for fact in facts:
        yield _split(fact.kind, fact.values, (NO,), [fact], lambda *_: False)


_MADE: dict[Kind, Callable[[Sequence[Fact], Sequence[str]], Iterator[Dimension]]] = {
    Kind.SUBJECT: _subjects,
    Kind.REGION: _regions,
    Kind.ACCOUNT: _accounts,
    Kind.CHOICE: _choices,
    Kind.AGE_BELOW: _ages,
    Kind.SIGNAL: _signals,
    Kind.OBJECTION: _each,
    Kind.RESTRICTION: _each,
    Kind.AGREEMENT: _each,
    Kind.GROUND: _never,
}
