"""Why a decision is as it is: every rule of the cell, each of its conditions, and whether it held. Pure.

Worked out from the rules and the facts anew, not from the bits that the table decides by; that the two always
agree is a property that is tested. An unknown condition never helps a permit and always helps a prohibition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine.decisions.decision import Decision, Effect, Lacks, Request
from engine.decisions.facts import SubjectFacts, answer
from engine.decisions.nearest import nearby
from engine.decisions.table import Table
from engine.policy.compiled.cells import Cell, CellKey, DecidingRule, Placed
from engine.policy.compiled.conditions import Case, Demand, Kind, facts_of
from engine.policy.compiled.words import label, phrase

State = Literal["holds", "fails", "unknown"]
Source = Literal["when", "unless", "basis", "agreement"]

_MOST_NEAR = 3


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule wants of the facts, and how that stands.

    `source` is what in the rule asks for it: its `when` or `unless`, its lawful basis, or that people must
    have agreed to the version that introduced it.
    """

    words: str
    label: str
    source: Source
    state: State


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """One rule of the cell.

    `ways` are the alternatives in which it applies, each a set of conditions that must all hold. `basis` is
    empty for prohibitions and for collecting.
    """

    rule: str
    clauses: tuple[str, ...]
    effect: Effect
    applies: bool
    decides: bool
    basis: str
    ways: tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class NearRule:
    """A rule that would match but for one name; `names` are those that it has in that place."""

    rule: str
    clauses: tuple[str, ...]
    lacks: Lacks
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeafExplained:
    """One leaf of the question: the prohibitions, then the permits, the most specific first.

    `rule` decides, or where `by_default` comes nearest. For collecting, `uses` are what the data could be
    used or shared for: if none of them is permitted, neither is collecting.
    """

    key: CellKey
    effect: Effect
    rule: str
    by_default: bool
    rules: tuple[RuleExplained, ...]
    near: tuple[NearRule, ...] = ()
    uses: tuple[LeafExplained, ...] = ()

    @property
    def permitted(self) -> bool:
        """Whether this part may be done."""
        return self.effect == "permit"


@dataclass(frozen=True, slots=True)
class DecisionExplained:
    """A decision with all that led to it; no leaves where the question has a name that nothing declares."""

    decision: Decision
    leaves: tuple[LeafExplained, ...]

    @property
    def effect(self) -> Effect:
        """The verdict that follows from the leaves: a permit exactly if every leaf is permitted."""
        permitted = bool(self.leaves) and all(leaf.permitted for leaf in self.leaves)
        return "permit" if permitted else "deny"


def explain(table: Table, request: Request, about: SubjectFacts) -> DecisionExplained:
    """Decide, and say why."""
    decision = table.decide(request, table.facts(about))
    if table.unknown(request.key):
        return DecisionExplained(decision, ())
    keys = table.leaf_keys(request.key)
    return DecisionExplained(decision, tuple(_leaf(table, key, about) for key in keys))


def _leaf(table: Table, key: CellKey, about: SubjectFacts) -> LeafExplained:
    if key.operation != "collect":
        return _cell(table, key, about)
    whole = CellKey("collect", key.category)
    collecting = _cell(table, whole, about)
    uses = tuple(
        _cell(table, other, about)
        for other in table.cells
        if other.operation != "collect"
        and other.category == key.category
        and key.purpose in ("", other.purpose)
    )
    effect, by_default = collecting.effect, collecting.by_default
    if collecting.permitted and not any(use.permitted for use in uses):
        effect, by_default = "deny", True
    return LeafExplained(
        key, effect, collecting.rule, by_default, collecting.rules, collecting.near, uses
    )


def _cell(table: Table, key: CellKey, about: SubjectFacts) -> LeafExplained:
    cell = table.cells.get(key, Cell(key))
    denies = [_rule(placed, about) for placed in cell.denies]
    permits = [_rule(placed, about) for placed in cell.permits]
    decider = next((rule for rule in (*denies, *permits) if rule.applies), None)
    if decider is None:
        near = () if permits else _near(table, key)
        rule = _lacking_fewest(permits) or (near[0].rule if near else "")
        return LeafExplained(key, "deny", rule, True, (*denies, *permits), near)
    rules = tuple(_deciding(rule) if rule is decider else rule for rule in (*denies, *permits))
    return LeafExplained(key, decider.effect, decider.rule, False, rules)


def _deciding(rule: RuleExplained) -> RuleExplained:
    return RuleExplained(
        rule.rule, rule.clauses, rule.effect, rule.applies, True, rule.basis, rule.ways
    )


def _rule(placed: Placed, about: SubjectFacts) -> RuleExplained:
    rule = placed.rule
    ways = tuple(_way(rule, case, about) for case in placed.cases)
    effect: Effect = "deny" if rule.denies else "permit"
    enough = {"holds", "unknown"} if rule.denies else {"holds"}
    applies = any(all(condition.state in enough for condition in way) for way in ways)
    return RuleExplained(rule.id, rule.clause, effect, applies, False, placed.basis, ways)


def _way(rule: DecidingRule, case: Case, about: SubjectFacts) -> tuple[Condition, ...]:
    return tuple(
        Condition(phrase(demand), label(demand), _source(rule, demand), _state(demand, about))
        for demand in sorted(case)
    )


def _state(demand: Demand, about: SubjectFacts) -> State:
    known = answer(demand.fact, about)
    if known is None:
        return "unknown"
    return "holds" if known == demand.holds else "fails"


def _source(rule: DecidingRule, demand: Demand) -> Source:
    if demand.fact.kind is Kind.AGREEMENT:
        return "agreement"
    if demand.fact in facts_of(rule.when):
        return "when"
    return "unless" if demand.fact in facts_of(rule.unless) else "basis"


def _lacking_fewest(permits: Sequence[RuleExplained]) -> str:
    lacking = [
        (sum(condition.state != "holds" for condition in way), rule.rule)
        for rule in permits
        for way in rule.ways
    ]
    return min(lacking, key=lambda item: item[0])[1] if lacking else ""


def _near(table: Table, key: CellKey) -> tuple[NearRule, ...]:
    found = nearby(table.policy, key)[:_MOST_NEAR]
    return tuple(
        NearRule(near.rule.id, near.rule.clause, near.lacks, _names(near.rule, near.lacks))
        for near in found
    )


def _names(rule: DecidingRule, lacks: Lacks) -> tuple[str, ...]:
    attribute = {"category": "data", "purpose": "purposes", "recipient": "recipients"}[lacks]
    names: tuple[str, ...] = getattr(rule, attribute)
    return names
