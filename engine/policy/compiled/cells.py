"""From rules to cells: (operation, category, purpose, recipient) over leaves, with the rules that match.

`collect` has neither purpose nor recipient and `use` no recipient: these are empty in the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from engine.policy.compiled.agreement import Stamp, agreed
from engine.policy.compiled.conditions import Case, Cases, Demand, Fact, both, facts_in, guarded
from engine.policy.compiled.grounds import implied, unrestricted
from engine.policy.models import CollectionRule, SharingRule, UseRule
from engine.policy.models.use import Processing
from engine.policy.policy import Policy
from engine.policy.vocabulary import covers

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
    for operation in OPERATIONS:
        for order, rule in enumerate(rules_for(policy, operation)):
            _Placing(policy, operation, rule, order).into(placed)
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
    """One rule in the cells that it matches: the very same object in all in which nothing differs."""

    def __init__(self, policy: Policy, operation: str, rule: DecidingRule, order: int) -> None:
        self._policy = policy
        self._operation = operation
        self._rule = rule
        self._order = order
        self._guard = guarded(rule.when, rule.unless)
        self._cases: dict[tuple[str, str], Cases] = {}
        self._bases: dict[tuple[object, str], Cases] = {}
        self._more: dict[tuple[int, Demand], Cases] = {}
        self._guarded: dict[Case, Cases] = {}
        self._placed: dict[tuple[int, tuple[int, int, int]], Placed] = {}

    def into(self, placed: dict[CellKey, list[Placed]]) -> None:
        """Put the rule into each of its cells."""
        operation, place = self._operation, self._at
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
        data = _measured(rule.data, policy.data_leaves(rule.data))
        purposes, recipients = [("", 0)], [("", 0)]
        if not isinstance(rule, CollectionRule):
            purposes = _measured(rule.purposes, policy.purpose_leaves(rule.purposes))
        if isinstance(rule, SharingRule):
            recipients = _measured(rule.recipients, policy.recipient_leaves(rule.recipients))
        return data, purposes, recipients

    def _at(self, cases: Cases, specific: tuple[int, int, int]) -> Placed:
        alike = id(cases), specific
        placed = self._placed.get(alike)
        if placed is None:
            placed = self._placed[alike] = Placed(self._rule, cases, specific, self._order)
        return placed

    def _cases_at(self, category: str, purpose: str) -> Cases:
        rule = self._rule
        if rule.denies or not isinstance(rule, Processing):
            return self._guard
        at = category, purpose
        if at not in self._cases:
            self._cases[at] = self._restricted(
                self._usual(rule, category, purpose),
                unrestricted(self._policy, rule, category, purpose),
            )
        return self._cases[at]

    def _usual(self, rule: Processing, category: str, purpose: str) -> Cases:
        at = self._policy.categories.inherited(category, "special"), purpose
        if at not in self._bases:
            self._bases[at] = self._alike(implied(self._policy, rule, category, purpose))
        return self._bases[at]

    def _restricted(self, usual: Cases, demand: Demand | None) -> Cases:
        """Nothing else speaks of restriction, so each case has just one demand more."""
        if demand is None:
            return usual
        at = id(usual), demand
        if at not in self._more:
            self._more[at] = tuple(case | {demand} for case in usual)
        return self._more[at]

    def _alike(self, extra: Case) -> Cases:
        if extra not in self._guarded:
            self._guarded[extra] = both(self._guard, (extra,))
        return self._guarded[extra]


def _measured(names: Sequence[str], leaves: Iterable[str]) -> list[tuple[str, int]]:
    """Leaves with the parts of the longest name that covers each; 0 for `everything`, `everyone`."""
    return [
        (leaf, max((name.count(".") + 1 for name in names if covers(name, leaf)), default=0))
        for leaf in leaves
    ]


Ranked = tuple[tuple[Placed, ...], tuple[Placed, ...]]


def _ranked(items: Sequence[Placed]) -> Ranked:
    """The denies in file order; the permits, most specific first."""
    denies = sorted((i for i in items if i.rule.denies), key=lambda i: i.order)
    permits = sorted((i for i in items if not i.rule.denies), key=lambda i: i.rank)
    return tuple(denies), tuple(permits)


def _stamped(permits: Sequence[Placed], stamps: Sequence[Stamp]) -> tuple[Placed, ...]:
    return tuple(Placed(p.rule, agreed(p.cases, stamps), p.specific, p.order) for p in permits)
