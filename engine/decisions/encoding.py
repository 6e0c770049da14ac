"""Facts as bits: two for each fact, "known to be so" and "known not to be so"; neither is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import count

from engine.decisions.facts import SubjectFacts, answer
from engine.policy.compiled.conditions import Case, Demand, Fact, Kind

_tables = count(1)
_TAG_BITS = 30
_TAG = (1 << _TAG_BITS) - 1


@dataclass(frozen=True, slots=True)
class Facts:
    """A person's facts, encoded for one table; another table does not understand them."""

    bits: int


class Encoding:
    """The bits of one table.

    The lowest bits hold the table's own number and are part of every mask, so facts that were encoded for
    another table are never taken for this one's.
    """

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.tag = next(_tables) & _TAG
        self.facts = tuple(sorted(set(facts)))
        self._so = {fact: 1 << (_TAG_BITS + 2 * i) for i, fact in enumerate(self.facts)}
        restrictions = [fact for fact in self.facts if fact.kind is Kind.RESTRICTION]
        self._restrictions = {fact: self._so[fact] for fact in restrictions}
        self._others = {f: so for f, so in self._so.items() if f not in self._restrictions}
        self._free = self._union(so << 1 for so in self._restrictions.values())

    def encode(self, about: SubjectFacts) -> Facts:
        """Every fact that matters in the table, answered once."""
        bits = self._answers(self._others, about, self.tag)
        if about.restricted is False and about.restricted_data == frozenset():
            # Of most people nothing is restricted: every category at once, not one by one.
            return Facts(bits | self._free)
        return Facts(self._answers(self._restrictions, about, bits))

    @staticmethod
    def _answers(facts: Mapping[Fact, int], about: SubjectFacts, bits: int) -> int:
        for fact, so in facts.items():
            known = answer(fact, about)
            if known is not None:
                bits |= so if known else so << 1
        return bits

    def understands(self, facts: Facts) -> bool:
        """Whether facts were encoded for this table."""
        return facts.bits & _TAG == self.tag

    def need(self, case: Case) -> int:
        """The bits that are all set when every demand of a case is known to be met."""
        return self._union(self._bit(demand.fact, demand.holds) for demand in case)

    def against(self, case: Case) -> int:
        """The bits of which one is set when a case is known not to hold."""
        return self._union(self._bit(demand.fact, not demand.holds) for demand in case)

    def mask(self, facts: Iterable[Fact]) -> int:
        """The bits that matter where these facts do."""
        return _TAG | self._union(3 * self._so[fact] for fact in facts)

    def is_known(self, bits: int, demand: Demand) -> bool:
        """Whether the answer to a demand's fact is known at all."""
        return bool(bits & (3 * self._so[demand.fact]))

    def unmet(self, bits: int, case: Case) -> list[Demand]:
        """The demands of a case that are not known to be met."""
        return [d for d in sorted(case) if not bits & self._bit(d.fact, d.holds)]

    def _bit(self, fact: Fact, holds: bool) -> int:
        return self._so[fact] if holds else self._so[fact] << 1

    @staticmethod
    def _union(bits: Iterable[int]) -> int:
        total = 0
        for bit in bits:
            total |= bit
        return total
