"""From an expression to a condition that the store of a dataset can evaluate.

What the engine's own tables know is looked up here, at the moment of use, by the frozen cutoff. Where the
path to the person leads into another store, the rows there are found first, and the condition becomes a list
of values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any as Anything
from typing import Protocol

from engine import ports as conditions
from engine.datamap.directory import EMAIL
from engine.datamap.map import DataMap
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
                return self._via(dataset, expression.hops, expression.where)
            case Value():
                return OneOf(expression.field, expression.values)
            case Empty():
                return IsNull(expression.field)
            case Untreated():
                return conditions.Untreated(expression.field, expression.how)
            case _:
                return self._time(expression)

    def _time(
        self, expression: Passed | Missing | Seen | Told | Person | Agreed | Chose
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

    def _people(self, dataset: str, subjects: tuple[str, ...]) -> Condition:
        field = subject_field(self.datamap.datasets[dataset])
        values = own_values(self.datamap, dataset, subjects)
        return OneOf(field, values) if field and values else _NO_ROW

    def _via(self, dataset: str, hops: tuple[Hop, ...], where: Expression) -> Condition:
        store = self.datamap.datasets[dataset].store
        near = _while_in(self.datamap, store, hops)
        if near == len(hops):
            return self._reaches(hops, self.condition(hops[-1].target, where))
        return self._reaches(hops[:near], self._elsewhere(hops[near], hops[near + 1 :], where))

    def _reaches(self, hops: tuple[Hop, ...], where: Condition) -> Condition:
        return where if not hops or where == _NO_ROW else Reaches(self._links(hops), where)

    def _elsewhere(self, hop: Hop, rest: tuple[Hop, ...], where: Expression) -> Condition:
        """The values that lead to matching rows of another store."""
        spec = self.datamap.datasets[hop.target]
        wanted = self.condition(hop.target, Via(hops=rest, where=where) if rest else where)
        batches = self.adapters[spec.store].scan(spec, wanted, (hop.target_field,))
        found = {str(r.values[hop.target_field]) for batch in batches for r in batch}
        if not found:
            return _NO_ROW
        return OneOf(hop.field, tuple(sorted(found)), fold=folds(spec, hop.target_field))

    def _links(self, hops: tuple[Hop, ...]) -> tuple[Link, ...]:
        targets = [(hop, self.datamap.datasets[hop.target]) for hop in hops]
        return tuple(
            Link(hop.field, spec, hop.target_field, fold=folds(spec, hop.target_field))
            for hop, spec in targets
        )


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
