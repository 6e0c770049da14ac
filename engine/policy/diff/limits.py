"""Some values of one dimension, as demands on facts: the shortest way to say them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from engine.policy import regions
from engine.policy.compiled.conditions import Case, Cases, Demand, Fact, Kind, one_of
from engine.policy.diff.boxes import bits
from engine.policy.diff.dimensions import ELSEWHERE, EXPLICIT, NOWHERE, OFF, ON, YES, Dimension


def limit(dimension: Dimension, values: int) -> Cases:
    """The cases in which a dimension has one of some values, but not all of them."""
    atoms = [a for number in bits(values) for a in dimension.values[number]]
    others = [a for number in bits(dimension.whole & ~values) for a in dimension.values[number]]
    return tuple(_SAID[dimension.kind](dimension, atoms, others))


def _listed(dimension: Dimension, atoms: Sequence[str], others: Sequence[str]) -> Iterator[Case]:
    if len(others) < len(atoms):
        yield frozenset({Demand(one_of(dimension.kind, others), False)})
    else:
        yield frozenset({Demand(one_of(dimension.kind, atoms))})


def _choice(dimension: Dimension, atoms: Sequence[str], _: Sequence[str]) -> Iterator[Case]:
    on, explicit = (Fact(kind, dimension.names) for kind in (Kind.CHOICE, Kind.EXPLICIT))
    states = frozenset(atoms)
    if states == {OFF, EXPLICIT}:
        yield frozenset({Demand(on, False)})
        yield frozenset({Demand(explicit)})
        return
    yield {
        frozenset({OFF}): frozenset({Demand(on, False)}),
        frozenset({ON}): frozenset({Demand(on), Demand(explicit, False)}),
        frozenset({EXPLICIT}): frozenset({Demand(explicit)}),
        frozenset({OFF, ON}): frozenset({Demand(explicit, False)}),
        frozenset({ON, EXPLICIT}): frozenset({Demand(on)}),
    }[states]


def _yes_or_no(dimension: Dimension, atoms: Sequence[str], _: Sequence[str]) -> Iterator[Case]:
    yield frozenset({Demand(Fact(dimension.kind, dimension.names), YES in atoms)})


def _age(_: Dimension, atoms: Sequence[str], others: Sequence[str]) -> Iterator[Case]:
    """Runs of neighbouring bands."""
    wanted = set(map(int, atoms))
    bands = sorted(wanted | set(map(int, others)))
    starts = [age for age in bands if age in wanted and _before(bands, age) not in wanted]
    for start in starts:
        end = next((age for age in bands if age > start and age not in wanted), None)
        least = {Demand(_younger(start), False)} if start else set()
        yield frozenset(least | ({Demand(_younger(end))} if end is not None else set()))


def _before(bands: Sequence[int], age: int) -> int | None:
    return max((band for band in bands if band < age), default=None)


def _younger(age: int) -> Fact:
    return Fact(Kind.AGE_BELOW, (str(age),))


def _region(dimension: Dimension, atoms: Sequence[str], others: Sequence[str]) -> Iterator[Case]:
    """The fewest names: places that hold just these, or all places but some, or a place without a part."""
    named = _named(dimension)
    wanted, rest = set(atoms), set(others)
    tries = [_in(named, wanted), _out(named, rest)]
    tries += [_part(named, name, wanted) for name in named if named[name] >= wanted]
    possible = [case for case in tries if case is not None]
    if possible:
        yield min(possible, key=_names)
    else:
        yield from _several(named, wanted, rest)


def _several(named: Named, wanted: set[str], rest: set[str]) -> Iterator[Case]:
    """What no single case says: everywhere but in some places, some places, and places without a part."""
    left = set(wanted)
    if NOWHERE in wanted:
        without = _mostly(named, rest)
        yield frozenset({Demand(one_of(Kind.REGION, without), False)})
        left &= set().union(*(named[name] for name in without))
    whole: list[str] = []
    for name, spots in named.items():
        if spots & left and spots <= wanted:
            whole.append(name)
            left -= spots
        elif len(spots & left) > len(spots - wanted) and (part := _part(named, name, wanted)):
            yield part
            left -= spots
    for name in _tops(named):
        if named[name] & left and (part := _part(named, name, wanted)):
            yield part
    if whole:
        yield frozenset({Demand(one_of(Kind.REGION, whole))})


def _mostly(named: Named, rest: set[str]) -> list[str]:
    """Names that hold all of these spots, each of them more of these than of others."""
    left, names = set(rest), []
    for name, spots in named.items():
        if spots & left and 2 * len(spots & rest) > len(spots):
            names.append(name)
            left -= spots
    return [*names, *(name for name in _tops(named) if named[name] & left)]


Named = dict[str, set[str]]


@lru_cache(maxsize=256)
def _named(dimension: Dimension) -> Named:
    """The places that the facts name, and the countries in question, each with its spots; groups first."""
    every = [spot for spots in dimension.values for spot in spots]
    said = [name for fact in dimension.holds for name in fact.values]
    countries = [spot.removesuffix(ELSEWHERE) for spot in every if spot != NOWHERE]
    names = dict.fromkeys((*said, *countries))
    found = {name: {spot for spot in every if regions.within(spot, name)} for name in names}
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _in(named: Named, wanted: set[str]) -> Case | None:
    names = _exactly(named, wanted)
    return frozenset({Demand(one_of(Kind.REGION, names))}) if names else None


def _out(named: Named, rest: set[str]) -> Case | None:
    names = _exactly(named, rest)
    return frozenset({Demand(one_of(Kind.REGION, names), False)}) if names else None


def _part(named: Named, name: str, wanted: set[str]) -> Case | None:
    """A place, but not the parts of it that are not wanted."""
    without = _exactly(named, named[name] - wanted)
    place = Demand(Fact(Kind.REGION, (name,)))
    return frozenset({place, Demand(one_of(Kind.REGION, without), False)}) if without else None


def _exactly(named: Named, wanted: set[str]) -> list[str] | None:
    """Names that hold all of the wanted spots and no others; None if no names do."""
    left, names = set(wanted), []
    for name, spots in named.items():
        if spots and spots <= wanted and spots & left:
            names.append(name)
            left -= spots
    return names if names and not left else None


def _tops(named: Named) -> list[str]:
    return [name for name in named if "-" not in name and name not in regions.groups()]


def _names(case: Case) -> tuple[int, int]:
    return sum(len(demand.fact.values) for demand in case), len(case)


Said = Callable[[Dimension, Sequence[str], Sequence[str]], Iterator[Case]]
_SAID: dict[Kind, Said] = {
    Kind.SUBJECT: _listed,
    Kind.ACCOUNT: _listed,
    Kind.REGION: _region,
    Kind.AGE_BELOW: _age,
    Kind.CHOICE: _choice,
    Kind.SIGNAL: _yes_or_no,
    Kind.OBJECTION: _yes_or_no,
    Kind.RESTRICTION: _yes_or_no,
    Kind.AGREEMENT: _yes_or_no,
    Kind.GROUND: _yes_or_no,
}
