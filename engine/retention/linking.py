"""Following rows to their person, across stores: one look-up a step and batch, never a row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset, TimeSource
from engine.ports import DataAdapter, OneOf, Record
from engine.retention.compiling import folds
from engine.retention.events import erased_value


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a row's path led: the row itself, then each row that was reached.

    `named` is the value that the next step looked for when the path ended early; None if that was NULL.
    `several`: it may mean one of several rows, so it leads to none of them, and is no orphan either.
    """

    records: tuple[Record, ...]
    whole: bool
    named: str | None = None
    several: bool = False

    @property
    def orphan(self) -> bool:
        """Whether the path names a row that is not there."""
        return not self.whole and not self.several and self.named is not None


@dataclass(frozen=True)
class Linker:
    """Reads the rows that others lead to."""

    datamap: DataMap
    adapters: Mapping[str, DataAdapter]

    def adapter(self, dataset: str) -> DataAdapter:
        """The adapter of the store that a dataset lies in."""
        return self.adapters[self.datamap.datasets[dataset].store]

    def follow(self, path: Sequence[Step], records: Sequence[Record]) -> list[Trail]:
        """The trail of each record along a path. Rows reached hold every field of `fields_of`."""
        trails = [Trail((record,), whole=not path) for record in records]
        for number, step in enumerate(path):
            own, target = (self.datamap.datasets[name] for name in (step.dataset, step.target))
            link = _Link(step, own, folds(target, step.target_field), number, len(path))
            found = self._rows(link, {link.value(trail) for trail in trails if link.starts(trail)})
            trails = [link.taken(trail, found) if link.starts(trail) else trail for trail in trails]
        return trails

    def _rows(self, link: _Link, values: Iterable[str | None]) -> dict[str, list[Record]]:
        wanted = tuple(sorted(value for value in values if value is not None))
        if not wanted:
            return {}
        field, spec = link.step.target_field, self.datamap.datasets[link.step.target]
        fields = dict.fromkeys((*fields_of(spec), field))
        where = OneOf(field, wanted, fold=link.fold)
        rows = self.adapters[spec.store].scan(spec, where, tuple(fields))
        found: dict[str, list[Record]] = {}
        for record in (r for batch in rows for r in batch):
            found.setdefault(link.spelled(str(record.values[field])), []).append(record)
        return found

    def leads(self, dataset: str, reference: str, value: str) -> bool:
        """Whether rows of a dataset lead to a person by this value of theirs; `reference`: `users.id`."""
        if reference.partition(".")[0] == dataset:
            return self._has(dataset, reference.partition(".")[2], (value,))
        return any(
            self._leads_along(path, value)
            for path in self.datamap.paths(dataset)
            if path and f"{path[-1].target}.{path[-1].target_field}" == reference
        )

    def _leads_along(self, path: Sequence[Step], value: str) -> bool:
        values: tuple[str, ...] = (value,)
        for step, nearer in zip(reversed(path), reversed(path[:-1]), strict=False):
            where = self._where(step.dataset, step.field, values)
            wanted = nearer.target_field
            spec = self.datamap.datasets[step.dataset]
            batches = self.adapter(step.dataset).scan(spec, where, (wanted,))
            found = (record.values[wanted] for batch in batches for record in batch)
            values = tuple(dict.fromkeys(str(each) for each in found if each is not None))
        return self._has(path[0].dataset, path[0].field, values)

    def _has(self, dataset: str, field: str, values: tuple[str, ...]) -> bool:
        spec = self.datamap.datasets[dataset]
        where = self._where(dataset, field, values)
        return bool(values) and self.adapter(dataset).count(spec, where) > 0

    def _where(self, dataset: str, field: str, values: tuple[str, ...]) -> OneOf:
        return OneOf(field, values, fold=field_folds(self.datamap, dataset, field))

    def among(self, dataset: str, field: str, values: Iterable[str]) -> set[str]:
        """Those of the values that rows of a dataset have in a field."""
        spec, known = self.datamap.datasets[dataset], {value.lower(): value for value in values}
        # An e-mail address may be written otherwise here; whoever else is found does no harm.
        where = OneOf(field, tuple(known.values()), fold=field_folds(self.datamap, dataset, field))
        batches = self.adapter(dataset).scan(spec, where, (field,))
        found = {str(record.values[field]).lower() for batch in batches for record in batch}
        return {value for folded, value in known.items() if folded in found}


def field_folds(datamap: DataMap, dataset: str, field: str) -> bool:
    """Whether a field that leads to another dataset holds e-mail addresses."""
    targets = (to.partition(".") for own, to in datamap.datasets[dataset].links if own == field)
    return any(
        target in datamap.datasets and folds(datamap.datasets[target], target_field)
        for target, _, target_field in targets
    )


def fields_of(spec: Dataset) -> tuple[str, ...]:
    """Every field that retention may need of a row: keys, links, identities, facts and times."""
    found = dict.fromkeys((*spec.key, *spec.subject, *spec.identities.values()))
    found |= dict.fromkeys(fact.field for fact in spec.facts.values() if fact.field)
    for time in spec.times.values():
        found |= dict.fromkeys(fields_of_time(time))
    return tuple(found)


def fields_of_time(time: TimeSource) -> tuple[str, ...]:
    """The fields that a time is read from."""
    return (*((time.field,) if time.field else ()), *(time.when or ()))


def named(spec: Dataset, field: str, record: Record) -> str | None:
    """The value of a link; None where it is NULL or was erased."""
    value: Any = record.values.get(field)
    return None if value is None or str(value) == erased_value(spec, field) else str(value)


@dataclass(frozen=True, slots=True)
class _Link:
    """One step of a path, taken by many trails at once."""

    step: Step
    own: Dataset
    fold: bool
    number: int
    steps: int

    def starts(self, trail: Trail) -> bool:
        """Whether the trail has come as far as this step."""
        return len(trail.records) == self.number + 1

    def value(self, trail: Trail) -> str | None:
        return named(self.own, self.step.field, trail.records[-1])

    def spelled(self, value: str) -> str:
        return value.lower() if self.fold else value

    def taken(self, trail: Trail, found: Mapping[str, list[Record]]) -> Trail:
        value = self.value(trail)
        records = [] if value is None else found.get(self.spelled(value), [])
        if self.fold and len(records) > 1:
            # Several people have the address but for case: whose it is to the letter has it.
            exact = [r for r in records if str(r.values[self.step.target_field]) == value]
            if len(exact) != 1:
                return Trail(trail.records, whole=False, named=value, several=True)
            records = exact
        if not records:
            return Trail(trail.records, whole=False, named=value)
        return Trail((*trail.records, records[-1]), whole=self.number == self.steps - 1)
