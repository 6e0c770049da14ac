"""One leaf cell in two versions: in which situations each permits, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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
    facts_in,
    negation,
    simplified,
)
from engine.policy.compiled.grounds import CONSENT, objection, restriction
from engine.policy.diff.names import Names
from engine.policy.diff.worlds import Situations, Worlds
from engine.policy.models import Obligation
from engine.policy.policy import Policy

Spellings: TypeAlias = dict[Kind, Fact]

_TOLD = {Kind.SUBJECT, Kind.REGION, Kind.AGE_BELOW, Kind.SIGNAL}
"""Facts that no basis implies: where they matter, a guard says so."""


@dataclass(frozen=True, slots=True)
class Side:
    """A cell of one version, seen over the situations that both versions tell apart."""

    cell: Cell
    worlds: Worlds

    @property
    def forbidden(self) -> Situations:
        """Where a deny applies."""
        return self.worlds.where(_all_cases(self.cell.denies))

    @property
    def permitted(self) -> Situations:
        """Where a permit applies and no deny does."""
        return self.of(lambda _: True)

    def of(self, wanted: Callable[[Placed], bool]) -> Situations:
        """Where one of the wanted permits applies and no deny does."""
        cases = _all_cases(placed for placed in self.cell.permits if wanted(placed))
        return self.worlds.where(cases) & ~self.forbidden

    def permits_in(self, situations: Situations) -> list[Placed]:
        """The permits that apply in some of these situations."""
        return [p for p in self.cell.permits if self.worlds.where(p.cases) & situations]

    def denies_in(self, situations: Situations) -> list[Placed]:
        """The denies that apply in some of these situations."""
        return [d for d in self.cell.denies if self.worlds.where(d.cases) & situations]


@dataclass(frozen=True)
class Pair:
    """A cell by its new name, with what each version says of it."""

    key: CellKey
    before: Cell
    after: Cell
    subjects: tuple[str, ...]

    @cached_property
    def worlds(self) -> Worlds:
        """The situations that the two cells tell apart."""
        placed = (c for cell in (self.before, self.after) for c in (*cell.denies, *cell.permits))
        return Worlds((f for item in placed for f in facts_in(item.cases)), self.subjects)

    @cached_property
    def old(self) -> Side:
        """The old version's cell."""
        return Side(self.before, self.worlds)

    @cached_property
    def new(self) -> Side:
        """The new version's cell."""
        return Side(self.after, self.worlds)

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

    def already(self) -> Cases:
        """The cases that the old version permits, as a condition."""
        permits = simplified(_all_cases(self.before.permits))
        return both(permits, negation(_all_cases(self.before.denies)))

    def situation(self, where: Situations) -> tuple[Demand, ...]:
        """What these situations share, without what every permit implies; what must be so comes first."""
        common = set(self.worlds.constant(self.old.permitted | self.new.permitted))
        told = [
            _of_any_data(demand)
            for demand in self.worlds.constant(where)
            if demand.fact.kind in _TOLD or demand not in common
        ]
        return tuple(sorted(told, key=lambda demand: (not demand.holds, demand.fact)))


def _of_any_data(demand: Demand) -> Demand:
    """The same without the cell's own category, so that cells which differ alike are told together."""
    restricted = demand.fact.kind is Kind.RESTRICTION
    return replace(demand, fact=Fact(Kind.RESTRICTION)) if restricted else demand


def pairs(old: Policy, new: Policy) -> Iterator[Pair]:
    """Every leaf cell that a rule of either version matches and that may differ in meaning."""
    names = Names(old, new)
    before, after = cells_of(old), cells_of(new)
    subjects = tuple(dict.fromkeys((*new.subjects, *old.subjects)))
    for key, former in _matched(names, before, after):
        one = before.get(former, Cell(former))
        pair = Pair(key, _said(new, key, one), _said(new, key, after.get(key, Cell(key))), subjects)
        if _meaning(pair.before, old) != _meaning(pair.after, new):
            yield pair


def _matched(
    names: Names, before: dict[CellKey, Cell], after: dict[CellKey, Cell]
) -> Iterator[tuple[CellKey, CellKey]]:
    """Each cell by its new name (the old one where it is gone), with the old name."""
    later = {former: tuple(names.later(former)) for former in before}
    matched = {key: former for former, keys in later.items() for key in keys}
    for key in after:
        yield key, matched.get(key) or names.former(key)
    for former, keys in later.items():
        yield from ((key, former) for key in keys if key not in after)
        if not keys:
            yield former, former


def _said(new: Policy, key: CellKey, cell: Cell) -> Cell:
    """The same cell with its facts spelt by the new version's names, so that they compare."""
    spelt = spellings(new, key)
    return replace(
        cell,
        denies=tuple(_respelt(placed, spelt) for placed in cell.denies),
        permits=tuple(_respelt(placed, spelt) for placed in cell.permits),
    )


def _respelt(placed: Placed, spelt: Spellings) -> Placed:
    return replace(placed, cases=tuple(respell(placed.cases, spelt)))


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
        yield frozenset(replace(d, fact=spelt.get(d.fact.kind, d.fact)) for d in case)


def duty(policy: Policy, obligation: Obligation) -> tuple[str, str]:
    """An obligation by what it says: a clause may have moved."""
    clause = obligation.clause
    words = policy.text.clause(clause).words if clause and clause in policy.text else clause or ""
    return obligation.kind, words


def _meaning(cell: Cell, policy: Policy) -> object:
    """Cells with equal meanings need no comparison; unequal ones may still mean the same."""
    permits = {
        (placed.cases, placed.basis, frozenset(duty(policy, o) for o in placed.rule.must))
        for placed in cell.permits
    }
    return permits, {placed.cases for placed in cell.denies}


def _all_cases(placed: Iterable[Placed]) -> Cases:
    return tuple(case for item in placed for case in item.cases)


def is_consent(placed: Placed) -> bool:
    """Whether a permit rests on consent."""
    return placed.basis in CONSENT
