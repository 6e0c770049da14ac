"""What the platform's stores hold at all: mapped fields, columns that nothing maps, values in a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from engine.collection import pan
from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.models import CollectionRule
from engine.policy.policy import Policy
from engine.policy.source import read_file
from engine.ports import Always, Before, Condition, DataAdapter, Not, Record
from engine.promises.collection import CollectionFacts, Sighting

SAMPLE = 1000
"""How many rows are looked at from the beginning of a dataset, and as many of its newest."""

Recogniser = Callable[[Any], bool]

_RECOGNISERS: dict[str, Recogniser] = {
    "payment card number": lambda value: any(True for _ in pan.paths_in(value)),
}


@dataclass(frozen=True)
class HeldData:
    """Looks at schemas and samples. Values are only counted; none is kept or shown."""

    policy: Policy
    datamap: DataMap
    adapters: Mapping[str, DataAdapter]

    def facts(self, rule: CollectionRule) -> CollectionFacts:
        """What concerns one collection rule. Raises StoreUnavailable."""
        leaves = self.policy.data_leaves(rule.data)
        fields = tuple(
            f"{dataset}.{field}" for leaf in leaves for dataset, field in self.datamap.holding(leaf)
        )
        if not rule.denies:
            concerned = {field.partition(".")[0] for field in fields}
            return CollectionFacts(fields, tuple(self.unmapped(concerned)))
        kinds = [kind for leaf in leaves for kind in kinds_of(self.policy, leaf)]
        if not kinds:
            return CollectionFacts(fields)
        sightings, sampled = self.sample({kind: _RECOGNISERS[kind] for kind in kinds})
        return CollectionFacts(fields, sightings=sightings, sampled=sampled)

    def unmapped(self, datasets: set[str]) -> Iterator[str]:
        """The columns of these datasets' tables that no dataset of the table says anything about."""
        for name in sorted(datasets):
            spec = self.datamap.datasets[name]
            used = set[str]().union(
                *(_columns_used(o) for o in self.datamap.datasets.values() if _same_place(o, spec))
            )
            for column in self._columns(spec):
                if column not in used:
                    yield f"{spec.table}.{column}"

    def sample(self, wanted: Mapping[str, Recogniser]) -> tuple[tuple[Sighting, ...], int]:
        """Look for values of some kinds in a sample of every dataset, in all columns; and how many rows."""
        found: Counter[tuple[str, str]] = Counter()
        looked = 0
        for name, spec in self.datamap.datasets.items():
            if spec.backup_of:
                continue
            fields = self._columns(spec) or [f.partition(".")[0] for f in spec.fields]
            for record in self._rows(spec, list(dict.fromkeys(fields))):
                looked += 1
                for field, value in record.values.items():
                    found.update(
                        (f"{name}.{field}", k) for k, is_one in wanted.items() if is_one(value)
                    )
        sightings = (Sighting(field, kind, rows) for (field, kind), rows in sorted(found.items()))
        return tuple(sightings), looked

    def _rows(self, spec: Dataset, fields: Sequence[str]) -> Iterator[Record]:
        """The first rows, and the newest where the data map says when a row was created."""
        adapter = self.adapters[spec.store]
        yield from self._some(adapter, spec, Always(), fields)
        time = spec.times.get("record.created")
        if time is None or time.field is None:
            return
        newest = adapter.extent(spec, Always(), time)[1]
        if newest is not None:
            recent = Not(Before(time, newest - timedelta(days=1)))
            yield from self._some(adapter, spec, recent, fields)

    def _some(
        self, adapter: DataAdapter, spec: Dataset, where: Condition, fields: Sequence[str]
    ) -> Iterator[Record]:
        yield from next(iter(adapter.scan(spec, where, fields, batch=SAMPLE)), ())

    def _columns(self, spec: Dataset) -> list[str]:
        shapes = {shape.name: shape for shape in self.adapters[spec.store].shapes()}
        shape = shapes.get(spec.table or "")
        return [column.name for column in shape.columns] if shape else []


def kinds_of(policy: Policy, leaf: str) -> list[str]:
    """The kinds of values that a category stands for, of those that can be recognised."""
    dpv = str(policy.categories.inherited(leaf, "dpv") or "")
    last = leaf.rpartition(".")[2].replace("-", "_")
    return [
        kind for kind, told in _value_kinds().items() if dpv in told["dpv"] or last in told["names"]
    ]


@cache
def _value_kinds() -> dict[str, dict[str, list[str]]]:
    file = Path(__file__).with_name("value_kinds.yaml")
    loaded: Any = read_file(file, file.name).value
    return dict(loaded)


def _same_place(one: Dataset, other: Dataset) -> bool:
    return (one.store, one.table) == (other.store, other.table)


def _columns_used(spec: Dataset) -> set[str]:
    paths = [*spec.key, *spec.rows, *spec.subject, *spec.identities.values(), *spec.fields]
    paths += [fact.field for fact in spec.facts.values()]
    paths += [field for time in spec.times.values() for field in time.fields]
    return set(paths) | {path.partition(".")[0] for path in paths}
