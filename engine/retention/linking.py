"""Following rows to their person, across stores: one look-up a step and batch, never a row at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset, TimeSource
from engine.ports import DataAdapter, OneOf, Record
from engine.retention.compiling import folds


@dataclass(frozen=True, slots=True)
class Trail:
    """Where a row's path led: the row itself, then each row that was reached.

    `named` is the value that the next step looked for when the path ended early; None if that was NULL.
    """

    records: tuple[Record, ...]
    whole: bool
    named: str | None = None

    @property
    def orphan(self) -> bool:
        """Whether the path names a row that is not there."""
        return not self.whole and self.named is not None


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
            fold = folds(self.datamap.datasets[step.target], step.target_field)
            going = [t for t in trails if len(t.records) == number + 1]
            found = self._rows(step, {_value(t.records[-1], step.field) for t in going})
            last = number == len(path) - 1
            trails = [
                _stepped(t, step, found, last, fold) if len(t.records) == number + 1 else t
                for t in trails
            ]
        return trails

    def _rows(self, step: Step, values: Iterable[str | None]) -> dict[str, Record]:
        wanted = tuple(sorted(value for value in values if value is not None))
        if not wanted:
            return {}
        spec = self.datamap.datasets[step.target]
        fields = dict.fromkeys((*fields_of(spec), step.target_field))
        rows = self.adapters[spec.store].scan(spec, OneOf(step.target_field, wanted), tuple(fields))
        return {str(r.values[step.target_field]): r for batch in rows for r in batch}

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
    target, _, target_field = datamap.datasets[dataset].subject.get(field, "").partition(".")
    return target in datamap.datasets and folds(datamap.datasets[target], target_field)


def fields_of(spec: Dataset) -> tuple[str, ...]:
    """Every field that retention may need of a row: keys, links, identities, facts and times."""
    found = dict.fromkeys((*spec.key, *spec.subject, *spec.identities.values()))
    found |= dict.fromkeys(fact.field for fact in spec.facts.values())
    for time in spec.times.values():
        found |= dict.fromkeys(fields_of_time(time))
    return tuple(found)


def fields_of_time(time: TimeSource) -> tuple[str, ...]:
    """The fields that a time is read from."""
    return (*((time.field,) if time.field else ()), *(time.when or ()))


def _value(record: Record, field: str) -> str | None:
    value: Any = record.values.get(field)
    return None if value is None else str(value)


def _folded(value: Any, fold: bool) -> str:
    return str(value).lower() if fold else str(value)


def _stepped(
    trail: Trail, step: Step, found: Mapping[str, Record], last: bool, fold: bool
) -> Trail:
    value = _value(trail.records[-1], step.field)
    record = None if value is None else found.get(_folded(value, fold))
    if record is None:
        return Trail(trail.records, whole=False, named=value)
    return Trail((*trail.records, record), whole=last)
