"""From rules to cells: (operation, category, purpose, recipient) over leaves, with the rules that match.

`collect` has neither purpose nor recipient and `use` no recipient: these are empty in the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from engine.policy.compiled.agreement import Stamp, agreed
from engine.policy.compiled.conditions import Cases, both, guarded
from engine.policy.compiled.grounds import implied
from engine.policy.models import CollectionRule, Rule, SharingRule, UseRule
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
    """Every leaf cell that some rule matches. A cell that is absent is denied by default."""
    placed: dict[CellKey, list[Placed]] = {}
    for key, item in _place(policy):
        placed.setdefault(key, []).append(item)
    return {key: _cell(key, items, (stamps or {}).get(key, ())) for key, items in placed.items()}


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
            for key in keys_of(policy, rule):
                yield key, Placed(rule, _cases(policy, rule, key), _specific(rule, key), order)


def _cell(key: CellKey, items: Sequence[Placed], stamps: Sequence[Stamp]) -> Cell:
    denies = sorted((i for i in items if i.rule.denies), key=lambda i: i.order)
    permits = sorted((i for i in items if not i.rule.denies), key=lambda i: i.rank)
    stamped = [Placed(p.rule, agreed(p.cases, stamps), p.specific, p.order) for p in permits]
    return Cell(key, tuple(denies), tuple(stamped))


def _cases(policy: Policy, rule: DecidingRule, key: CellKey) -> Cases:
    cases = guarded(rule.when, rule.unless)
    if rule.denies or not isinstance(rule, Processing):
        return cases
    return both(cases, (implied(policy, rule, key.category, key.purpose),))


def _specific(rule: Rule, key: CellKey) -> tuple[int, int, int]:
    return (
        _length(rule.data, key.category),
        _length(getattr(rule, "recipients", ()), key.recipient),
        _length(getattr(rule, "purposes", ()), key.purpose),
    )


def _length(names: Sequence[str], leaf: str) -> int:
    """The number of parts of the longest name that covers the leaf; 0 for `everything`, `everyone`."""
    return max((name.count(".") + 1 for name in names if covers(name, leaf)), default=0)
