"""What a table looks up: an entry for each question, which works an answer out the first time it is asked.

An entry's answer depends on nothing but the bits in its mask, so the table keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from engine.decisions import words
from engine.decisions.decision import Decision, Lacks, Missing
from engine.decisions.encoding import Encoding
from engine.decisions.nearest import Nearest
from engine.policy.compiled.cells import Cell, CellKey, DecidingRule, Placed
from engine.policy.compiled.conditions import Case, facts_in
from engine.policy.models import Obligation


class Entry(Protocol):
    """One question."""

    mask: int

    def decide(self, bits: int) -> Decision:
        """Work the answer out."""
        ...


@dataclass(frozen=True, slots=True)
class Written:
    """What every decision of a table says of its policy."""

    policy: str
    version: str
    digest: str

    def permit(
        self, key: CellKey, rule: DecidingRule, basis: str, obligations: Sequence[Obligation]
    ) -> Decision:
        """A permit by a rule."""
        on = f" on the basis of {basis}" if basis else ""
        head = words.ask(key, may=True)
        reason = f"{head}: {words.cited(rule.id, rule.clause)} permits it{on}"
        permit = self._decision(key, rule, reason)
        return replace(permit, effect="permit", basis=basis, obligations=tuple(obligations))

    def forbid(self, key: CellKey, rule: DecidingRule, unknown: Sequence[Missing]) -> Decision:
        """A deny by a rule; `unknown` are facts that could show it does not apply."""
        head = f"{words.ask(key, may=False)}: {words.cited(rule.id, rule.clause)} forbids it"
        if unknown:
            head += f", unless it is known that {' or '.join(item.words for item in unknown)}"
        return replace(self._decision(key, rule, head), missing=tuple(unknown))

    def default(
        self,
        key: CellKey,
        rule: DecidingRule | None,
        lacks: Lacks,
        missing: Sequence[Missing],
        why: str,
    ) -> Decision:
        """A deny because nothing permits it, with the nearest rule and what it lacks."""
        reason = f"{words.ask(key, may=False)}: {why}"
        told = self._decision(key, rule, reason)
        return replace(told, by_default=True, lacks=lacks, missing=tuple(missing))

    def _decision(self, key: CellKey, rule: DecidingRule | None, reason: str) -> Decision:
        return Decision(
            effect="deny",
            asked=key,
            rule=rule.id if rule else "",
            clauses=rule.clause if rule else (),
            basis="",
            obligations=(),
            by_default=False,
            lacks="",
            missing=(),
            leaf=key,
            leaves=(),
            policy=self.policy,
            version=self.version,
            digest=self.digest,
            reason=reason,
        )


class LeafEntry:
    """A leaf cell of use or sharing, or the collection rules of a leaf category."""

    def __init__(
        self, cell: Cell, nearest: Nearest | None, encoding: Encoding, written: Written
    ) -> None:
        self.cell = cell
        self._nearest = nearest
        self._encoding = encoding
        self._written = written
        everything = (*cell.denies, *cell.permits)
        self.mask = encoding.mask(f for placed in everything for f in facts_in(placed.cases))
        self._denies = [(p, [(encoding.against(c), c) for c in p.cases]) for p in cell.denies]
        self._permits = [(p, [(encoding.need(c), c) for c in p.cases]) for p in cell.permits]

    def decide(self, bits: int) -> Decision:
        """Deny first, then the most specific permit, else the nearest rule."""
        for placed, denying in self._denies:
            for against, case in denying:
                if not bits & against:
                    return self._written.forbid(
                        self.cell.key, placed.rule, self._doubts(bits, case)
                    )
        applicable = [
            placed
            for placed, cases in self._permits
            if any(bits & need == need for need, _ in cases)
        ]
        if not applicable:
            return self._by_default(bits)
        first = applicable[0]
        return self._written.permit(self.cell.key, first.rule, first.basis, duties(applicable))

    def _doubts(self, bits: int, case: Case) -> list[Missing]:
        """The unknown facts without which a deny would be certain: any contrary answer lifts it."""
        unknown = self._encoding.unmet(bits, case)
        return [words.missing(d._replace(holds=not d.holds), True) for d in unknown]

    def _by_default(self, bits: int) -> Decision:
        key = self.cell.key
        if found := self._lacking_facts(bits):
            placed, missing = found
            told = words.cited(placed.rule.id, placed.rule.clause)
            why = f"{told} would permit it only if {words.conditions(missing)}"
            return self._written.default(key, placed.rule, "facts", missing, why)
        if self._nearest:
            rule, lacks = self._nearest.rule, self._nearest.lacks
            why = (
                f"{words.cited(rule.id, rule.clause)} comes nearest, but does not name this {lacks}"
            )
            return self._written.default(key, rule, lacks, (), why)
        return self._written.default(key, None, "", (), "the policy does not mention it")

    def _lacking_facts(self, bits: int) -> tuple[Placed, list[Missing]] | None:
        """The permit that lacks the fewest facts, and which."""
        lacking = [
            (placed, self._encoding.unmet(bits, case))
            for placed, cases in self._permits
            for _, case in cases
        ]
        if not lacking:
            return None
        placed, demands = min(lacking, key=lambda item: len(item[1]))
        known = self._encoding.is_known
        return placed, [words.missing(demand, known(bits, demand)) for demand in demands]


class CollectEntry:
    """Collecting a leaf category: its collection rules, and some use or sharing of it permitted."""

    def __init__(self, collect: LeafEntry, uses: Sequence[LeafEntry], key: CellKey) -> None:
        self._collect = collect
        self._uses = uses
        self._key = key
        self.mask = collect.mask
        for use in uses:
            self.mask |= use.mask

    def decide(self, bits: int) -> Decision:
        """Minimisation: nothing is collected that may then not be used or shared for anything."""
        decision = replace(self._collect.decide(bits), asked=self._key, leaf=self._key)
        if not decision.permitted:
            return decision
        outcomes = [use.decide(bits) for use in self._uses]
        if any(outcome.permitted for outcome in outcomes):
            return decision
        return self._useless(decision, outcomes)

    def _useless(self, decision: Decision, outcomes: Sequence[Decision]) -> Decision:
        near = [outcome for outcome in outcomes if outcome.lacks == "facts"]
        closest = min(near, key=lambda outcome: len(outcome.missing), default=None)
        head = words.ask(self._key, may=False)
        why = "nothing that it could be used or shared for is permitted now"
        told = f"; {closest.reason}" if closest else ""
        return replace(
            decision,
            effect="deny",
            obligations=(),
            by_default=True,
            lacks="facts" if closest else "purpose",
            missing=closest.missing if closest else (),
            reason=f"{head}: {why}{told}",
        )


class GroupEntry:
    """A request that names a parent: permitted iff every leaf is."""

    def __init__(self, key: CellKey, leaves: Sequence[Entry]) -> None:
        self._key = key
        self._leaves = leaves
        self.mask = 0
        for leaf in leaves:
            self.mask |= leaf.mask

    def decide(self, bits: int) -> Decision:
        """The leaves' outcomes; a prohibition among them is named before a deny by default."""
        leaves = tuple(leaf.decide(bits) for leaf in self._leaves)
        denied = [leaf for leaf in leaves if not leaf.permitted]
        if not denied:
            return self._all(leaves)
        first = next((leaf for leaf in denied if not leaf.by_default), denied[0])
        reason = (
            f"{words.ask(self._key, may=False)}: {len(denied)} of {len(leaves)} parts may not; "
        )
        return replace(first, asked=self._key, leaves=leaves, reason=reason + first.reason)

    def _all(self, leaves: tuple[Decision, ...]) -> Decision:
        clauses = tuple(dict.fromkeys(clause for leaf in leaves for clause in leaf.clauses))
        obligations = tuple(dict.fromkeys(duty for leaf in leaves for duty in leaf.obligations))
        rules = dict.fromkeys(words.cited(leaf.rule, leaf.clauses) for leaf in leaves)
        verb = "permits" if len(rules) == 1 else "permit"
        reason = f"{words.ask(self._key, may=True)}: {' and '.join(rules)} {verb} every part of it"
        return replace(
            leaves[0],
            asked=self._key,
            clauses=clauses,
            obligations=obligations,
            leaves=leaves,
            reason=reason,
        )


def duties(applicable: Iterable[Placed]) -> list[Obligation]:
    """The union of the obligations, each once, in the order of the rules."""
    in_order = sorted(applicable, key=lambda placed: placed.order)
    return list(dict.fromkeys(duty for placed in in_order for duty in placed.rule.must))
