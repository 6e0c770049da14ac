"""From rules to cells: (operation, category, purpose, recipient) over leaves, with the rules that match.

`collect` has neither purpose nor recipient and `use` no recipient: these are empty in the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.policy.compiled.agreement import Stamp, agreed
from engine.policy.compiled.conditions import Case, Cases, both, guarded
from engine.policy.compiled.grounds import implied
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


@dataclass(frozen=True, slots=True)
class Placed:
    """A rule in a cell: the cases in which it applies there, and how specific it is there.

    `specific`: the lengths of the category, recipient and purpose that matched (0 for `everything`);
    `order`: its place in its file.
    """

    rule: DecidingRule
    cases: Cases
    specific: tuple[int, int, int]
    order: int

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
    for key, item in _place(policy):
        placed.setdefault(key, []).append(item)
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


def keys_of(policy: Policy, rule: DecidingRule) -> Iterator[CellKey]:
    """The leaf cells that a rule matches."""
    data = policy.data_leaves(rule.data)
    if isinstance(rule, CollectionRule):
        yield from (CellKey("collect", category) for category in data)
        return
    purposes = policy.purpose_leaves(rule.purposes)
    if isinstance(rule, UseRule):
        yield from (CellKey("use", c, p) for c in data for p in purposes)
        return
    recipients = policy.recipient_leaves(rule.recipients)
    yield from (CellKey("share", c, p, r) for c in data for p in purposes for r in recipients)


def _place(policy: Policy) -> Iterator[tuple[CellKey, Placed]]:
    for operation in OPERATIONS:
        for order, rule in enumerate(rules_for(policy, operation)):
            placing = _Placing(policy, rule, order)
            for key in keys_of(policy, rule):
                yield key, placing.at(key)


class _Placing:
    """One rule in the cells that it matches; it is the same in most of them."""

    def __init__(self, policy: Policy, rule: DecidingRule, order: int) -> None:
        self._policy = policy
        self._rule = rule
        self._order = order
        self._guard = guarded(rule.when, rule.unless)
        self._lengths: dict[tuple[Sequence[str], str], int] = {}
        self._cases: dict[Case, Cases] = {}
        self._implied: dict[tuple[object, str], Cases] = {}
        self._placed: dict[tuple[int, tuple[int, int, int]], Placed] = {}

    def at(self, key: CellKey) -> Placed:
        """The rule in one of its cells; the very same object where nothing differs."""
        _, category, purpose, recipient = key
        cases = self._cases_at(category, purpose)
        specific = self._specific(category, recipient, purpose)
        alike = id(cases), specific
        if alike not in self._placed:
            self._placed[alike] = Placed(self._rule, cases, specific, self._order)
        return self._placed[alike]

    def _cases_at(self, category: str, purpose: str) -> Cases:
        rule = self._rule
        if rule.denies or not isinstance(rule, Processing):
            return self._guard
        # Of a category only matters whether it is special; see `implied`.
        at = self._policy.categories.inherited(category, "special"), purpose
        if at not in self._implied:
            extra = implied(self._policy, rule, category, purpose)
            if extra not in self._cases:
                self._cases[extra] = both(self._guard, (extra,))
            self._implied[at] = self._cases[extra]
        return self._implied[at]

    def _specific(self, category: str, recipient: str, purpose: str) -> tuple[int, int, int]:
        rule = self._rule
        return (
            self._length(rule.data, category),
            self._length(getattr(rule, "recipients", ()), recipient),
            self._length(getattr(rule, "purposes", ()), purpose),
        )

    def _length(self, names: Sequence[str], leaf: str) -> int:
        """The parts of the longest name that covers the leaf; 0 for `everything`, `everyone`."""
        at = names, leaf
        if at not in self._lengths:
            covering = (name.count(".") + 1 for name in names if covers(name, leaf))
            self._lengths[at] = max(covering, default=0)
        return self._lengths[at]


Ranked = tuple[tuple[Placed, ...], tuple[Placed, ...]]


def _ranked(items: Sequence[Placed]) -> Ranked:
    """The denies in file order; the permits, most specific first."""
    denies = sorted((i for i in items if i.rule.denies), key=lambda i: i.order)
    permits = sorted((i for i in items if not i.rule.denies), key=lambda i: i.rank)
    return tuple(denies), tuple(permits)


def _stamped(permits: Sequence[Placed], stamps: Sequence[Stamp]) -> tuple[Placed, ...]:
    return tuple(Placed(p.rule, agreed(p.cases, stamps), p.specific, p.order) for p in permits)
