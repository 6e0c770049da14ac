"""Which rows are a person's: by every path of the data map, from identities that were read once.

The identities are frozen when work begins, so that the same rows are found after the person's own row is
gone. Paths that lead through another store are followed by looking the rows there up first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.datamap.directory import EMAIL, Person
from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset
from engine.ports import (
    AllOf,
    Always,
    AnyOf,
    Condition,
    DataAdapter,
    IsNull,
    Link,
    Not,
    OneOf,
    Reaches,
)

NOBODY = AnyOf(())


@dataclass(frozen=True)
class Selection:
    """The rows of one person in every dataset; `adapters` by the name of the store."""

    datamap: DataMap
    adapters: Mapping[str, DataAdapter]
    person: Person

    def adapter(self, dataset: str) -> DataAdapter:
        """The adapter of the store that a dataset lies in."""
        return self.adapters[self.datamap.datasets[dataset].store]

    def datasets(self) -> tuple[str, ...]:
        """The datasets that may hold rows of the person: the furthest from their own row first."""
        reach = {
            name: max(len(path) for path in paths)
            for name in self.datamap.datasets
            if (paths := self.paths(name))
        }
        return tuple(sorted(reach, key=lambda name: -reach[name]))

    def paths(self, name: str) -> tuple[tuple[Step, ...], ...]:
        """The ways from a dataset's rows to the person's own; the empty one in the person's dataset."""
        spec = self.datamap.datasets[name]
        if spec.personal == "none" or spec.backup_of:
            return ()
        if spec.person:
            return ((),) if name == self.person.dataset else ()
        return tuple(p for p in self.datamap.paths(name) if p[-1].target == self.person.dataset)

    def rows(self, name: str) -> Condition:
        """The rows that lead to the person by any path."""
        return _any(self.along(name, path) for path in self.paths(name))

    def shared(self, name: str) -> Condition:
        """Those of them that also lead to somebody else who is there."""
        ways = self.datamap.paths(name)
        if len(ways) < 2:
            return NOBODY
        others = tuple(AllOf((self._names(way), self._elsewhere(name, way))) for way in ways)
        return AllOf((self.rows(name), AnyOf(others)))

    def of_others(self, name: str, among: Condition) -> Condition:
        """Of some rows, those that lead to somebody else who is there: looked up link by link."""
        return _any(self._led(name, path, among) for path in self.datamap.paths(name))

    def links(self, name: str) -> Mapping[str, Condition]:
        """Own link field -> the rows that lead to the person by it."""
        found: dict[str, list[Condition]] = {}
        for path in self.paths(name):
            if path:
                found.setdefault(path[0].field, []).append(self.along(name, path))
        return {field: _any(conditions) for field, conditions in found.items()}

    def values_of(self, name: str, field: str) -> tuple[str, ...]:
        """The values by which rows lead to the person through a link of one step."""
        steps = [path[0] for path in self.paths(name) if len(path) == 1 and path[0].field == field]
        found = (self.person.fields.get(step.target_field) for step in steps)
        return tuple(value for value in found if value is not None)

    def _led(self, name: str, path: tuple[Step, ...], among: Condition) -> Condition:
        if not path:
            own = name == self.person.dataset
            return AllOf((among, Not(self.along(name, ())))) if own else among
        step, fold = path[0], self._folds(path[0])
        values = self._values(name, among, step.field)
        if not values:
            return NOBODY
        there = self._led(step.target, path[1:], OneOf(step.target_field, values, fold=fold))
        found = self._values(step.target, there, step.target_field)
        return OneOf(step.field, found, fold=fold) if found else NOBODY

    def _values(self, name: str, where: Condition, field: str) -> tuple[str, ...]:
        if where == NOBODY:
            return ()
        batches = self.adapter(name).scan(self.datamap.datasets[name], where, (field,))
        found = (record.values[field] for batch in batches for record in batch)
        return tuple(dict.fromkeys(str(value) for value in found if value is not None))

    def along(self, name: str, path: tuple[Step, ...]) -> Condition:
        """The rows that lead to the person by one path."""
        if not path:
            own = self.datamap.datasets[name].identities
            field = next(iter(own.values()))
            return OneOf(field, (self.person.fields[field],))
        last = path[-1]
        value = self.person.fields.get(last.target_field)
        if value is None:
            return NOBODY
        condition = self._named(last, value)
        for step in reversed(path[:-1]):
            condition = self._before(step, condition)
        return condition

    def _named(self, step: Step, value: str) -> Condition:
        """The rows that name the person. An address that others have too, but for case, names whose it is
        to the letter; where it is nobody's to the letter, or several people's, it names nobody."""
        if not self._folds(step):
            return OneOf(step.field, (value,))
        others = self._others(step.target, step.target_field, value)
        if value in others:
            return NOBODY
        return OneOf(step.field, (value,), fold=not others)

    def unclear(self, name: str) -> Condition:
        """The rows that hold an address of the person, but in a spelling that may as well mean another."""
        return _any(self._unclear(path[-1]) for path in self.paths(name) if len(path) == 1)

    def _unclear(self, step: Step) -> Condition:
        value = self.person.fields.get(step.target_field)
        if value is None or not self._folds(step):
            return NOBODY
        others = self._others(step.target, step.target_field, value)
        if not others:
            return NOBODY
        clear = {v for v in (value, *others) if (value, *others).count(v) == 1}
        here = OneOf(step.field, (value,), fold=True)
        return AllOf((here, Not(OneOf(step.field, tuple(sorted(clear)))))) if clear else here

    def _others(self, name: str, field: str, value: str) -> tuple[str, ...]:
        """How others, whose address is the same but perhaps for case, spell it."""
        spec = self.datamap.datasets[name]
        own = next(iter(spec.identities.values()))
        mine = OneOf(own, (self.person.fields.get(own, ""),))
        where = AllOf((OneOf(field, (value,), fold=True), Not(mine)))
        batches = self.adapter(name).scan(spec, where, (field,))
        return tuple(_text(record.values[field]) for batch in batches for record in batch)

    def _before(self, step: Step, there: Condition) -> Condition:
        target = self.datamap.datasets[step.target]
        if self.datamap.datasets[step.dataset].store == target.store:
            return Reaches((self._link(step),), there)
        values: dict[str, None] = {}
        for batch in self.adapter(step.target).scan(target, there, (step.target_field,)):
            values |= dict.fromkeys(_text(record.values[step.target_field]) for record in batch)
        return OneOf(step.field, tuple(values)) if values else NOBODY

    def _names(self, path: tuple[Step, ...]) -> Condition:
        """The rows whose first link on the path is filled, and does not lead to the person."""
        if path[-1].target != self.person.dataset:
            return Not(IsNull(path[0].field))
        mine = self.along(path[0].dataset, path)
        return AllOf((Not(IsNull(path[0].field)), Not(mine)))

    def _elsewhere(self, name: str, path: tuple[Step, ...]) -> Condition:
        """The rows that lead to some person by the path (across stores: taken for granted)."""
        stores = {self.datamap.datasets[step.target].store for step in path}
        if stores != {self.datamap.datasets[name].store}:
            return Always()
        return Reaches(tuple(self._link(step) for step in path), Always())

    def _link(self, step: Step) -> Link:
        target = self.datamap.datasets[step.target]
        return Link(step.field, target, step.target_field, fold=self._folds(step))

    def _folds(self, step: Step) -> bool:
        return folds(self.datamap.datasets[step.target], step.target_field)


def folds(spec: Dataset, field: str) -> bool:
    """Whether a field is the address of a person, and so compares without regard to case."""
    return spec.identities.get(EMAIL) == field


def _any(conditions: Any) -> Condition:
    parts = tuple(condition for condition in conditions if condition != NOBODY)
    return parts[0] if len(parts) == 1 else AnyOf(parts)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
