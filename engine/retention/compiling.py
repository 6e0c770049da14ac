"""From an expression to a condition that the store of a dataset can evaluate.

What the engine's own tables know is looked up here, at the moment of use, by the frozen cutoff. Where the
path to the person leads into another store, the rows there are found first, and the condition becomes a list
of values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any as Anything
from typing import Protocol

from engine import ports as conditions
from engine.datamap.directory import EMAIL
from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset, TimeSource
from engine.ports import (
    AllOf,
    AnyOf,
    Before,
    Condition,
    DataAdapter,
    IsNull,
    KeyIn,
    Link,
    Not,
    OneOf,
    Reaches,
    TimeMissing,
)
from engine.retention.calendar import NEVER
from engine.retention.expressions import (
    Agreed,
    All,
    Any,
    Chose,
    Empty,
    Expression,
    Hop,
    Missing,
    Negated,
    Noticed,
    Passed,
    Person,
    Seen,
    Told,
    Untreated,
    Value,
    Via,
)

_TICK = timedelta(microseconds=1)


class Memory(Protocol):
    """What the engine's own tables know of times that no store has."""

    def seen(self, dataset: str, event: str, cutoff: datetime) -> tuple[tuple[Anything, ...], ...]:
        """Keys of the rows whose sighting lies at or before the cutoff."""
        ...

    def told(self, event: str, cutoff: datetime) -> tuple[str, ...]:
        """The people of whom the event was told, and lies at or before the cutoff."""
        ...

    def agreed(self, version: str) -> tuple[str, ...]:
        """The people who agreed to a version newer than this one."""
        ...

    def chose(self, choices: Sequence[str], on: bool) -> tuple[str, ...]:
        """The people who have any of the choices on, or are known to have all of them off."""
        ...

    def noticed(self, rule: str, cutoff: datetime) -> tuple[str, ...]:
        """The people who were told at or before the cutoff that their data goes by this rule."""
        ...


@dataclass(frozen=True)
class Compiler:
    """Turns expressions into conditions; `adapters` by the name of the store."""

    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    memory: Memory

    def condition(self, dataset: str, expression: Expression) -> Condition:
        """The condition on rows of `dataset`."""
        match expression:
            case All():
                return _all_of(self.condition(dataset, part) for part in expression.parts)
            case Any():
                return _any_of(self.condition(dataset, part) for part in expression.parts)
            case Negated():
                return _not(self.condition(dataset, expression.part))
            case Via():
                return self._via(dataset, expression)
            case Value():
                return OneOf(expression.field, expression.values)
            case Empty():
                return IsNull(expression.field)
            case Untreated():
                return conditions.Untreated(expression.field, expression.how)
            case _:
                return self._time(expression)

    def _time(
        self, expression: Passed | Missing | Seen | Told | Person | Agreed | Chose | Noticed
    ) -> Condition:
        spec = self.datamap.datasets[expression.dataset]
        match expression:
            case Passed():
                return Before(spec.times[expression.event], just_after(expression.cutoff))
            case Missing():
                return _missing(spec.times[expression.event])
            case Seen():
                seen = self.memory.seen(expression.dataset, expression.event, expression.cutoff)
                return KeyIn(seen) if seen else _NO_ROW
            case Told():
                told = self.memory.told(expression.event, expression.cutoff)
                return self._people(expression.dataset, told)
            case Person():
                return self._people(expression.dataset, expression.subjects)
            case Agreed():
                return self._people(expression.dataset, self.memory.agreed(expression.version))
            case Chose():
                chose = self.memory.chose(expression.choices, expression.on)
                return self._people(expression.dataset, chose)
            case Noticed():
                noticed = self.memory.noticed(expression.rule, expression.cutoff)
                return self._people(expression.dataset, noticed)

    def _people(self, dataset: str, subjects: tuple[str, ...]) -> Condition:
        field = subject_field(self.datamap.datasets[dataset])
        values = own_values(self.datamap, dataset, subjects)
        return OneOf(field, values) if field and values else _NO_ROW

    def _via(self, dataset: str, via: Via) -> Condition:
        """The rows that lead to a matching one.

        An address that several people have but for case leads to whom it belongs to the letter, if to one. To
        be held it is enough that a row may be the person's, and to be no orphan that it is somebody's.
        """
        *before, last = via.hops
        there = self.condition(last.target, via.where)
        may_be = isinstance(via.where, Person) or there == _EVERY_ROW
        alike = () if may_be or there == _NO_ROW else self._alike(last)
        if not alike:
            return self._through(dataset, via.hops, there)
        holder = before[-1].target if before else dataset
        once = tuple(value for value, rows in Counter(alike).items() if rows == 1)
        clear = AllOf(
            (self._through(holder, (last,), there), Not(OneOf(last.field, alike, fold=True)))
        )
        exact = self._through(holder, (last,), there, exact=True)
        here = AnyOf((clear, AllOf((exact, OneOf(last.field, once)))) if once else (clear,))
        return self._through(dataset, tuple(before), here)

    def unclear(self, step: Step) -> Condition:
        """The rows whose address is several people's but for case, and not one's to the letter."""
        alike = self._alike(Hop.of(step))
        once = tuple(value for value, rows in Counter(alike).items() if rows == 1)
        if not alike:
            return _NO_ROW
        return AllOf((OneOf(step.field, alike, fold=True), Not(OneOf(step.field, once))))

    def _alike(self, hop: Hop) -> tuple[str, ...]:
        """The addresses of people that are the same but for case."""
        spec = self.datamap.datasets[hop.target]
        if not folds(spec, hop.target_field):
            return ()
        return self.adapters[spec.store].alike(spec, hop.target_field)

    def _through(
        self, dataset: str, hops: tuple[Hop, ...], there: Condition, *, exact: bool = False
    ) -> Condition:
        """The rows that lead by these hops to one that satisfies a condition; `exact`: to the letter."""
        if not hops:
            return there
        near = _while_in(self.datamap, self.datamap.datasets[dataset].store, hops)
        if near < len(hops):
            hop = hops[near]
            inner = self._through(hop.target, hops[near + 1 :], there, exact=exact)
            there = self._elsewhere(hop, inner, exact=exact)
            hops = hops[:near]
        if not hops or there == _NO_ROW:
            return there
        return Reaches(tuple(self._link(hop, exact=exact) for hop in hops), there)

    def _elsewhere(self, hop: Hop, there: Condition, *, exact: bool) -> Condition:
        """The values that lead to matching rows of another store."""
        spec = self.datamap.datasets[hop.target]
        batches = self.adapters[spec.store].scan(spec, there, (hop.target_field,))
        found = {str(r.values[hop.target_field]) for batch in batches for r in batch}
        if not found:
            return _NO_ROW
        fold = folds(spec, hop.target_field) and not exact
        return OneOf(hop.field, tuple(sorted(found)), fold=fold)

    def _link(self, hop: Hop, *, exact: bool) -> Link:
        spec = self.datamap.datasets[hop.target]
        fold = folds(spec, hop.target_field) and not exact
        return Link(hop.field, spec, hop.target_field, fold=fold)


_EVERY_ROW = AllOf(())
_NO_ROW = AnyOf(())


def _all_of(parts: Iterable[Condition]) -> Condition:
    """Every part holds: without those that always do, for a store looks at each of them in every row."""
    kept = tuple(part for part in parts if part != _EVERY_ROW)
    if any(part == _NO_ROW for part in kept):
        return _NO_ROW
    return kept[0] if len(kept) == 1 else AllOf(kept)


def _any_of(parts: Iterable[Condition]) -> Condition:
    """At least one part holds, without those that never do."""
    kept = tuple(part for part in parts if part != _NO_ROW)
    if any(part == _EVERY_ROW for part in kept):
        return _EVERY_ROW
    return kept[0] if len(kept) == 1 else AnyOf(kept)


def _not(part: Condition) -> Condition:
    if part == _NO_ROW:
        return _EVERY_ROW
    return _NO_ROW if part == _EVERY_ROW else Not(part)


def folds(spec: Dataset, field: str) -> bool:
    """Whether values of the field compare without regard to case: it is an e-mail address."""
    return spec.identities.get(EMAIL) == field


def own_values(datamap: DataMap, dataset: str, subjects: Iterable[str]) -> tuple[str, ...]:
    """The values that people with these ids have in one dataset of persons."""
    names = [name for name, _ in datamap.people()]
    found = []
    for subject in subjects:
        prefix, colon, value = subject.partition(":")
        home, own = (prefix, value) if colon and prefix in names[1:] else (names[0], subject)
        if home == dataset:
            found.append(own)
    return tuple(found)


def subject_field(spec: Dataset) -> str | None:
    """The field that holds a person's id: the first identity, else a key of one field."""
    if spec.identities:
        return next(iter(spec.identities.values()))
    return spec.key[0] if len(spec.key) == 1 else None


def _missing(time: TimeSource) -> Condition:
    """A state without a time is missing where it does not hold."""
    if time.field is not None:
        return TimeMissing(time)
    return Not(AllOf(tuple(OneOf(field, values) for field, values in (time.when or {}).items())))


def just_after(cutoff: datetime) -> datetime:
    """The limit that turns "at or before" into "strictly before"."""
    return cutoff + _TICK if cutoff < NEVER else cutoff


def _while_in(datamap: DataMap, store: str, hops: tuple[Hop, ...]) -> int:
    for length, hop in enumerate(hops):
        if datamap.datasets[hop.target].store != store:
            return length
    return len(hops)
