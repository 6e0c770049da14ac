"""All situations that a person can be in, as far as some facts tell them apart; sets of them as integers.

A situation answers every fact, consistently: an account has one state, a person is in one place and has one
age. Situations are numbered; a set of them is an integer with a bit for each, so that comparing two
conditions over all situations is one operation, and exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import product
from math import prod

from engine.policy.compiled.conditions import Case, Cases, Demand, Fact, Kind
from engine.policy.diff.boxes import Box, cover, held_by
from engine.policy.diff.dimensions import dimensions
from engine.policy.diff.limits import limit

Situations = int
"""A set of situations."""


class Worlds:
    """The situations that a set of facts tells apart."""

    def __init__(self, facts: Iterable[Fact], subjects: Sequence[str]) -> None:
        self.dimensions = dimensions(facts, subjects)
        self._sizes = tuple(len(d.values) for d in self.dimensions)
        self.all: Situations = (1 << prod(self._sizes)) - 1
        self._facts: dict[Fact, Situations] = {}
        for index, dimension in enumerate(self.dimensions):
            for fact, values in dimension.holds.items():
                self._facts[fact] = self._facts.get(fact, 0) | self._where(index, values)

    @property
    def size(self) -> int:
        """How many situations there are."""
        return self.all.bit_length()

    def where(self, cases: Cases) -> Situations:
        """The situations in which a condition holds."""
        total = 0
        for case in cases:
            total |= self._in(case)
        return total

    def boxes(self, situations: Situations) -> tuple[Box, ...]:
        """The fewest boxes of situations that together are exactly these, in the order of `dimensions`."""
        return cover(situations, self._sizes)

    def held_by(self, box: Box) -> Situations:
        """The situations of a box."""
        return held_by(box, self._sizes)

    def case(self, box: Box) -> Cases:
        """A box as a condition; several cases where one dimension's values cannot be said in one."""
        limits = [
            limit(dimension, values)
            for dimension, values in zip(self.dimensions, box, strict=True)
            if values != dimension.whole
        ]
        return tuple(frozenset[Demand]().union(*cases) for cases in product(*limits))

    def values_in(self, situations: Situations) -> Iterator[int]:
        """For each dimension the values that occur in some of these situations."""
        for index, size in enumerate(self._sizes):
            yield sum(1 << v for v in range(size) if situations & self._where(index, 1 << v))

    def of_minors(self, situations: Situations) -> Situations:
        """Those of the situations in which only somebody young is: with the highest age it is not one."""
        ages = self._ages
        if ages is None:
            return 0
        oldest = self._sizes[ages] - 1
        grown = situations & self._where(ages, 1 << oldest)
        stride = prod(self._sizes[:ages])
        return sum(
            situations & self._where(ages, 1 << band) & ~(grown >> ((oldest - band) * stride))
            for band in range(oldest)
        )

    @cached_property
    def _ages(self) -> int | None:
        kinds = [dimension.kind for dimension in self.dimensions]
        return kinds.index(Kind.AGE_BELOW) if Kind.AGE_BELOW in kinds else None

    def _where(self, index: int, values: int) -> Situations:
        """The bits of some values: each `stride` long, repeated over all situations."""
        stride, size = prod(self._sizes[:index]), self._sizes[index]
        run = (1 << stride) - 1
        block = sum(run << (v * stride) for v in range(size) if values >> v & 1)
        return block * (self.all // ((1 << (stride * size)) - 1))

    def _in(self, case: Case) -> Situations:
        total = self.all
        for demand in case:
            table = self._facts[demand.fact]
            total &= table if demand.holds else self.all & ~table
        return total
