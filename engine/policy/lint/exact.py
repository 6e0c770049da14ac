"""What each rule really does, cell by cell and exactly: over every situation that the facts tell apart.

Cells in which too many facts decide are left out (TOO_MANY_FACTS says so), and so is whatever no rule could
mend: a permit without a ground is the matter of NO_LAWFUL_BASIS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from engine.policy.compiled.cells import Cell, CellKey, DecidingRule, Placed, cells_of
from engine.policy.compiled.conditions import Cases, Fact, Kind, facts_in
from engine.policy.compiled.limits import MOST_FACTS
from engine.policy.diff.worlds import Situations, Worlds
from engine.policy.models import CollectionRule
from engine.policy.policy import Policy


@dataclass(slots=True)
class Effect:
    """What a rule does in all its cells together.

    `possible`: its conditions can hold somewhere. `free`: it permits somewhere, no prohibition against it.
    `counts`: somewhere it decides, or adds a duty. `by`: the rules that stand in its way elsewhere.
    """

    rule: DecidingRule
    possible: bool = False
    grounded: bool = False
    free: bool = False
    counts: bool = False
    by: dict[str, None] = field(default_factory=dict)


@lru_cache(maxsize=4)
def cells(policy: Policy) -> Mapping[CellKey, Cell]:
    """The cells of a version, compiled once for all lint rules."""
    return cells_of(policy)


@lru_cache(maxsize=4)
def effects(policy: Policy) -> Mapping[str, Effect]:
    """The effect of every deciding rule that has a cell, by its id."""
    found: dict[str, Effect] = {}
    seen: dict[frozenset[Fact], Worlds] = {}
    # Cells that the same rules match in the same way share them, and tell nothing more.
    alike = {(id(cell.denies), id(cell.permits)): cell for cell in cells(policy).values()}
    for cell in alike.values():
        facts = _facts(cell)
        if len(facts) > MOST_FACTS:
            for placed in (*cell.denies, *cell.permits):
                _effect(found, placed).counts = True
            continue
        worlds = seen.get(facts) or seen.setdefault(facts, Worlds(facts, policy.subjects))
        _observe(found, cell, worlds)
    return found


def _facts(cell: Cell) -> frozenset[Fact]:
    return frozenset(f for item in (*cell.denies, *cell.permits) for f in facts_in(item.cases))


def _effect(found: dict[str, Effect], placed: Placed) -> Effect:
    return found.setdefault(placed.rule.id, Effect(placed.rule))


def _observe(found: dict[str, Effect], cell: Cell, worlds: Worlds) -> None:
    denied: Situations = 0
    for placed in cell.denies:
        where = worlds.where(placed.cases)
        _effect(found, placed).possible |= bool(where)
        denied |= where
    before: list[tuple[Placed, Situations]] = []
    for placed in cell.permits:
        where = worlds.where(placed.cases)
        effect = _effect(found, placed)
        effect.possible |= bool(worlds.where(_without_ground(placed.cases)))
        effect.grounded |= bool(where)
        if where & ~denied:
            effect.free = True
            _observe_order(effect, placed, where & ~denied, before)
            before.append((placed, where & ~denied))
        elif where:
            effect.by |= dict.fromkeys(
                d.rule.id for d in cell.denies if worlds.where(d.cases) & where
            )


def _observe_order(
    effect: Effect, placed: Placed, where: Situations, before: list[tuple[Placed, Situations]]
) -> None:
    """Whether a permit decides after those that come before it, or adds something to them."""
    left, said = where, frozenset[object]()
    for other, taken in before:
        if taken & where:
            effect.by[other.rule.id] = None
        left &= ~taken
        if not where & ~taken:
            said |= _adds(other.rule)
    effect.counts |= bool(left) or not _adds(placed.rule) <= said


def _adds(rule: DecidingRule) -> frozenset[object]:
    """What a permit says besides permitting: duties, and where collected data comes from."""
    source = rule.source or () if isinstance(rule, CollectionRule) else ()
    return frozenset((*rule.must, *source))


def _without_ground(cases: Cases) -> Cases:
    return tuple(frozenset(d for d in case if d.fact.kind is not Kind.GROUND) for case in cases)
