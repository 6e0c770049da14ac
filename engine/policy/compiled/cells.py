"""From rules to cells: (operation, category, purpose, recipient) over leaves, with the rules that match.

`collect` has neither purpose nor recipient and `use` no recipient: these are empty in the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from engine.policy.compiled.agreement import Stamp, agreed
from engine.policy.compiled.conditions import Cases, Demand, Fact, both, facts_in, guarded
from engine.policy.compiled.grounds import implied, restriction, works_when_restricted
from engine.policy.models import CollectionRule, SharingRule, UseRule
from engine.policy.models.use import Processing
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree

Operation = Literal["collect", "use", "share"]
OPERATIONS: tuple[Operation, ...] = ("collect", "use", "share")
Stamps = Mapping["CellKey", Sequence[Stamp]]
DecidingRule = CollectionRule | UseRule | SharingRule


class CellKey(NamedTuple):
    """The address of a cell; equal to, and found by, a plain tuple of the four names."""

    operation: str
    category: str
    purpose: str = ""
    recipient: str = ""


@dataclass(frozen=True)
class Placed:
    """A rule in a cell: the cases in which it applies there, and how specific it is there.

    `specific`: the lengths of the category, recipient and purpose that matched (0 for `everything`);
    `order`: its place in its file.
    """

    rule: DecidingRule
    cases: Cases
    specific: tuple[int, int, int]
    order: int

    @cached_property
    def facts(self) -> frozenset[Fact]:
        """Every fact that matters for whether it applies."""
        return frozenset(facts_in(self.cases))

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """Sorts the most specific first."""
        category, recipient, purpose = self.specific
        return (-category, -recipient, -purpose, self.order)

    @property
    def basis(self) -> str:
        """The lawful basis; empty where a rule has none."""
        return getattr(self.rule, "basis", None) or ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What the rules say of one leaf cell: denies in file order, permits most specific first."""

    key: CellKey
    denies: tuple[Placed, ...] = ()
    permits: tuple[Placed, ...] = ()


def cells_of(policy: Policy, stamps: Stamps | None = None) -> dict[CellKey, Cell]:
    """Every leaf cell that some rule matches. A cell that is absent is denied by default.

    Cells that the same rules match in the same way share their rules: the very same tuples.
    """
    placed: dict[CellKey, list[Placed]] = {}
    unrestricted = {
        leaf: Demand(restriction(policy, leaf), False) for leaf in policy.categories.leaves
    }
    for operation in OPERATIONS:
        for order, rule in enumerate(rules_for(policy, operation)):
            _Placing(policy, rule, order, unrestricted).into(operation, placed)
    shared: dict[tuple[int, ...], Ranked] = {}
    cells = {}
    for key, items in placed.items():
        alike = tuple(map(id, items))
        denies, permits = shared.get(alike) or shared.setdefault(alike, _ranked(items))
        given = stamps.get(key, ()) if stamps else ()
        cells[key] = Cell(key, denies, _stamped(permits, given) if given else permits)
    return cells


def rules_for(policy: Policy, operation: str) -> tuple[DecidingRule, ...]:
    """The rules that decide about an operation, in file order."""
    by_operation: dict[str, tuple[DecidingRule, ...]] = {
        "collect": policy.collection,
        "use": policy.use,
        "share": policy.sharing,
    }
    return by_operation[operation]


def facts_of_cells(cells: Iterable[Cell]) -> set[Fact]:
    """Every fact that matters in some cell."""
    rules = {id(part): part for cell in cells for part in (cell.denies, cell.permits)}
    placed = {id(item): item for part in rules.values() for item in part}
    return {fact for item in placed.values() for fact in item.facts}


class _Placing:
    """One rule in the cells that it matches: the very same object in all in which nothing differs.

    `unrestricted` is what each leaf category demands of a permit that does not count under a restriction.
    """

    def __init__(
        self,
        policy: Policy,
        rule: DecidingRule,
        order: int,
        unrestricted: Mapping[str, Demand],
    ) -> None:
        self._policy = policy
        self._rule = rule
        self._order = order
        self._guard = guarded(rule.when, rule.unless)
        self._unrestricted = unrestricted
        self._usual: dict[tuple[object, str], Cases] = {}
        self._restricted: dict[tuple[int, str], Cases] = {}
        self._placed: dict[tuple[int, tuple[int, int, int]], Placed] = {}

    def into(self, operation: str, placed: dict[CellKey, list[Placed]]) -> None:
        """Put the rule into each of its cells."""
        place = self._at
        data, purposes, recipients = self._axes()
        for category, length in data:
            for purpose, why in purposes:
                cases = self._cases_at(category, purpose)
                for recipient, whom in recipients:
                    # A plain tuple finds the key, and costs a sixth of making one.
                    at = (operation, category, purpose, recipient)
                    item = place(cases, (length, whom, why))
                    if (items := placed.get(at)) is None:  # type: ignore[call-overload]
                        placed[CellKey(*at)] = [item]
                    else:
                        items.append(item)

    def _axes(self) -> tuple[list[tuple[str, int]], ...]:
        """The leaf categories, purposes and recipients that it matches, each with how specific that is."""
        rule, policy = self._rule, self._policy
        data = _measured(policy.categories, rule.data, policy.data_leaves(rule.data))
        purposes, recipients = [("", 0)], [("", 0)]
        if not isinstance(rule, CollectionRule):
            leaves = policy.purpose_leaves(rule.purposes)
            purposes = _measured(policy.purposes, rule.purposes, leaves)
        if isinstance(rule, SharingRule):
            leaves = policy.recipient_leaves(rule.recipients)
            recipients = _measured(policy.recipients, rule.recipients, leaves)
        return data, purposes, recipients

    def _at(self, cases: Cases, specific: tuple[int, int, int]) -> Placed:
        alike = id(cases), specific
        placed = self._placed.get(alike)
        if placed is None:
            placed = self._placed[alike] = Placed(self._rule, cases, specific, self._order)
        return placed

    def _cases_at(self, category: str, purpose: str) -> Cases:
        """The guards with what the lawful basis implies: alike in all cells of a purpose but for two things,
        whether the category is special and, where that counts, that just this one is not restricted."""
        rule = self._rule
        if rule.denies or not isinstance(rule, Processing):
            return self._guard
        special = self._policy.categories.inherited(category, "special")
        usual = self._usual.get((special, purpose))
        if usual is None:
            extra = implied(self._policy, rule, category, purpose)
            usual = self._usual[special, purpose] = both(self._guard, (extra,))
        if works_when_restricted(self._policy, rule, purpose):
            return usual
        alike = id(usual), category
        if alike not in self._restricted:
            # Nothing else speaks of restriction, so each case has just one demand more.
            demand = self._unrestricted[category]
            self._restricted[alike] = tuple(case | {demand} for case in usual)
        return self._restricted[alike]


def _measured(tree: Tree, names: Sequence[str], leaves: Iterable[str]) -> list[tuple[str, int]]:
    """Leaves with the parts of the longest name that covers each; 0 for `everything`, `everyone`."""
    lengths: dict[str, int] = {}
    for name in sorted(names, key=_parts):
        lengths |= dict.fromkeys(tree.leaves_under(name), _parts(name))
    return [(leaf, lengths.get(leaf, 0)) for leaf in leaves]


def _parts(name: str) -> int:
    return name.count(".") + 1


Ranked = tuple[tuple[Placed, ...], tuple[Placed, ...]]


def _ranked(items: Sequence[Placed]) -> Ranked:
    """The denies in file order; the permits, most specific first."""
    denies = sorted((i for i in items if i.rule.denies), key=lambda i: i.order)
    permits = sorted((i for i in items if not i.rule.denies), key=lambda i: i.rank)
    return tuple(denies), tuple(permits)


def _stamped(permits: Sequence[Placed], stamps: Sequence[Stamp]) -> tuple[Placed, ...]:
    return tuple(Placed(p.rule, agreed(p.cases, stamps), p.specific, p.order) for p in permits)
