"""One leaf cell in two versions: in which situations each permits, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from engine.policy.compiled.cells import Cell, CellKey, Placed, cells_of
from engine.policy.compiled.conditions import (
    Cases,
    Demand,
    Fact,
    Kind,
    both,
    negation,
    simplified,
)
from engine.policy.compiled.grounds import CONSENT, objection, restriction
from engine.policy.diff.names import Names
from engine.policy.diff.worlds import Situations, Worlds
from engine.policy.models import Obligation
from engine.policy.policy import Policy

Spellings: TypeAlias = dict[Kind, Fact]

ALIKE: Spellings = {
    Kind.OBJECTION: Fact(Kind.OBJECTION),
    Kind.RESTRICTION: Fact(Kind.RESTRICTION),
}
"""That a person objects to the purpose in question, and that the data in question is restricted, whatever
their names: so cells of all purposes and categories compare."""


@dataclass(frozen=True)
class Side:
    """What one version says, seen over the situations that both versions tell apart."""

    denies: tuple[Placed, ...]
    permits: tuple[Placed, ...]
    worlds: Worlds

    @cached_property
    def forbidden(self) -> Situations:
        """Where a deny applies."""
        return self.worlds.where(_all_cases(self.denies))

    @cached_property
    def permitted(self) -> Situations:
        """Where a permit applies and no deny does."""
        return self.of(lambda _: True)

    def by(self, placed: Placed) -> Situations:
        """Where one permit applies and no deny does."""
        return self.worlds.where(placed.cases) & ~self.forbidden

    def of(self, wanted: Callable[[Placed], bool]) -> Situations:
        """Where one of the wanted permits applies and no deny does."""
        cases = _all_cases(placed for placed in self.permits if wanted(placed))
        return self.worlds.where(cases) & ~self.forbidden

    def permits_in(self, situations: Situations) -> list[Placed]:
        """The permits that apply in some of these situations."""
        return [p for p in self.permits if self.worlds.where(p.cases) & situations]

    def denies_in(self, situations: Situations) -> list[Placed]:
        """The denies that apply in some of these situations."""
        return [d for d in self.denies if self.worlds.where(d.cases) & situations]


@dataclass(frozen=True)
class Pair:
    """What two versions say of one or more cells: `keys`, by their new names.

    `special`: whether the categories of these cells are special ones in the new version.
    """

    keys: tuple[CellKey, ...]
    old: Side
    new: Side
    special: bool
    worlds: Worlds

    @cached_property
    def wider(self) -> Situations:
        """Where only the new version permits."""
        return self.new.permitted & ~self.old.permitted

    @cached_property
    def narrower(self) -> Situations:
        """Where only the old version permits."""
        return self.old.permitted & ~self.new.permitted

    @cached_property
    def kept(self) -> Situations:
        """Where both permit."""
        return self.old.permitted & self.new.permitted

    @cached_property
    def already(self) -> Cases:
        """The cases that the old version permits, as a condition; unknown facts do not help it."""
        permits = simplified(_all_cases(self.old.permits))
        return both(permits, negation(_all_cases(self.old.denies)))

    def usual(self, situations: Situations) -> tuple[int, ...]:
        """For each dimension the values with which the versions that permit these situations permit anything:
        nobody must be told those."""
        hulls = (self.kept, self.new.permitted, self.old.permitted)
        hull = next(hull for hull in hulls if not situations & ~hull)
        return tuple(self.worlds.values_in(hull))


class Pairs:
    """Every leaf cell that a rule of either version matches and that may differ in meaning.

    Cells with the same rules are one pair, for they differ in the same way.
    """

    def __init__(self, old: Policy, new: Policy) -> None:
        self._old, self._new = old, new
        self._subjects = tuple(dict.fromkeys((*new.subjects, *old.subjects)))
        self._before, self._after = cells_of(old), cells_of(new)
        self._worlds: dict[frozenset[Fact], Worlds] = {}
        self._spelt: dict[int, tuple[Placed, ...]] = {}

    def __iter__(self) -> Iterator[Pair]:
        for (one, other, special), keys in self._alike().items():
            before, after = self._before.get(one, Cell(one)), self._after.get(other, Cell(other))
            if _meaning(before, self._old) != _meaning(after, self._new):
                yield self._pair(tuple(keys), before, after, special)

    @property
    def points(self) -> int:
        """How large the whole space is: every leaf cell of the new version in every situation told apart."""
        cells = (*self._before.values(), *self._after.values())
        rules = [part for cell in cells for part in (cell.denies, cell.permits)]
        facts = {f for part in rules for placed in self._said(part) for f in placed.facts}
        new = self._new
        places = len(new.categories.leaves)
        why, whom = len(new.purposes.leaves), len(new.recipients.leaves)
        return places * (1 + why * (1 + whom)) * Worlds(facts, self._subjects).size

    def _alike(self) -> dict[tuple[CellKey, CellKey, bool], list[CellKey]]:
        """Cells by the first one that has the very same rules on both sides."""
        first: dict[object, tuple[CellKey, CellKey, bool]] = {}
        found: dict[tuple[CellKey, CellKey, bool], list[CellKey]] = {}
        for key, former in self._matched():
            special = self._new.categories.inherited(key.category, "special") is not None
            before, after = self._before.get(former), self._after.get(key)
            same = _identity(before), _identity(after), special, key.operation
            at = first.setdefault(same, (former, key, special))
            found.setdefault(at, []).append(key)
        return found

    def _matched(self) -> Iterator[tuple[CellKey, CellKey]]:
        """Each cell by its new name (the old one where it is gone), with the old name."""
        names = Names(self._old, self._new)
        later = {former: tuple(names.later(former)) for former in self._before}
        matched = {key: former for former, keys in later.items() for key in keys}
        for key in self._after:
            yield key, matched.get(key) or names.former(key)
        for former, keys in later.items():
            yield from ((key, former) for key in keys if key not in self._after)
            if not keys:
                yield former, former

    def _pair(self, keys: tuple[CellKey, ...], before: Cell, after: Cell, special: bool) -> Pair:
        one, other = (
            (self._said(cell.denies), self._said(cell.permits)) for cell in (before, after)
        )
        facts = frozenset(f for part in (*one, *other) for placed in part for f in placed.facts)
        if facts not in self._worlds:
            self._worlds[facts] = Worlds(facts, self._subjects)
        worlds = self._worlds[facts]
        old, new = Side(one[0], one[1], worlds), Side(other[0], other[1], worlds)
        return Pair(keys, old, new, special, worlds)

    def _said(self, rules: tuple[Placed, ...]) -> tuple[Placed, ...]:
        """The same rules with objections spelt alike."""
        if id(rules) not in self._spelt:
            self._spelt[id(rules)] = tuple(_respelt(placed) for placed in rules)
        return self._spelt[id(rules)]


def _identity(cell: Cell | None) -> tuple[int, int] | None:
    return (id(cell.denies), id(cell.permits)) if cell else None


def _respelt(placed: Placed) -> Placed:
    if not any(fact.kind in ALIKE for fact in placed.facts):
        return placed
    return replace(placed, cases=tuple(respell(placed.cases, ALIKE)))


def spellings(policy: Policy, key: CellKey) -> Spellings:
    """How a version spells the facts that are about a cell's own purpose and category, where it has those."""
    found: Spellings = {}
    if key.purpose in policy.purposes:
        found[Kind.OBJECTION] = objection(policy, key.purpose)
    if key.category in policy.categories:
        found[Kind.RESTRICTION] = restriction(policy, key.category)
    return found


def respell(cases: Cases, spelt: Spellings) -> Iterator[frozenset[Demand]]:
    """The same cases with every objection and restriction spelt as given."""
    for case in cases:
        yield frozenset(d._replace(fact=spelt.get(d.fact.kind, d.fact)) for d in case)


def duty(policy: Policy, obligation: Obligation) -> tuple[str, str]:
    """An obligation by what it says: a clause may have moved."""
    clause = obligation.clause
    words = policy.text.clause(clause).words if clause and clause in policy.text else clause or ""
    return obligation.kind, words


def _meaning(cell: Cell, policy: Policy) -> object:
    """Cells with equal meanings need no comparison; unequal ones may still mean the same."""
    permits = {
        (_plain(placed), placed.basis, frozenset(duty(policy, o) for o in placed.rule.must))
        for placed in cell.permits
    }
    return permits, {_plain(placed) for placed in cell.denies}


def _plain(placed: Placed) -> Cases:
    return _respelt(placed).cases


def _all_cases(placed: Iterable[Placed]) -> Cases:
    return tuple(case for item in placed for case in item.cases)


def is_consent(placed: Placed) -> bool:
    """Whether a permit rests on consent."""
    return placed.basis in CONSENT


def categories(keys: Sequence[CellKey]) -> tuple[str, ...]:
    """The categories of some cells, each once."""
    return tuple(dict.fromkeys(key.category for key in keys))
