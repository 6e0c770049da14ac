"""What the platform's stores hold at all: mapped fields, columns that nothing maps, values in a sample."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from engine.collection import pan
from engine.datamap.drift import compare
from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.models import CollectionRule
from engine.policy.policy import Policy
from engine.policy.source import read_file
from engine.ports import Always, Before, Condition, DataAdapter, Not, Record, TableShape
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
    _seen: dict[str, dict[str, TableShape]] = field(default_factory=dict, repr=False, compare=False)

    def facts(self, rule: CollectionRule) -> CollectionFacts:
        """What concerns one collection rule. Raises StoreUnavailable."""
        leaves = self.policy.data_leaves(rule.data)
        fields = tuple(
            f"{dataset}.{name}" for leaf in leaves for dataset, name in self.datamap.holding(leaf)
        )
        if not rule.denies:
            concerned = {name.partition(".")[0] for name in fields}
            return CollectionFacts(fields, tuple(self.unmapped(concerned)))
        kinds = [kind for leaf in leaves for kind in kinds_of(self.policy, leaf)]
        if not kinds:
            return CollectionFacts(fields)
        sightings, sampled = self.sample({kind: _RECOGNISERS[kind] for kind in kinds})
        return CollectionFacts(fields, sightings=sightings, sampled=sampled)

    def unmapped(self, datasets: set[str]) -> Iterator[str]:
        """The columns of these datasets' tables of which the data map says nothing."""
        for store in sorted({self.datamap.datasets[name].store for name in datasets}):
            for found in compare(self.datamap, store, self._shapes(store)):
                if found.code == "UNMAPPED_COLUMN" and found.about["data"] in datasets:
                    table = self.datamap.datasets[found.about["data"]].table
                    yield f"{table}.{found.about['field']}"

    def sample(self, wanted: Mapping[str, Recogniser]) -> tuple[tuple[Sighting, ...], int]:
        """Look for values of some kinds in a sample of every table, mapped or not, in all its columns.

        Returns what was found, and in how many rows it was looked for.
        """
        found: Counter[tuple[str, str]] = Counter()
        looked = 0
        for name, spec, columns in self._places():
            rows = {record.key: record for record in self._rows(spec, columns)}
            looked += len(rows)
            for record in rows.values():
                for column, value in record.values.items():
                    found.update(
                        (f"{name}.{column}", k) for k, is_one in wanted.items() if is_one(value)
                    )
        sightings = (Sighting(where, kind, rows) for (where, kind), rows in sorted(found.items()))
        return tuple(sightings), looked

    def _places(self) -> Iterator[tuple[str, Dataset, list[str]]]:
        """Every dataset, and every table in none, with its name and columns."""
        mapped = set()
        for name, spec in self.datamap.datasets.items():
            if spec.backup_of:
                continue
            mapped.add((spec.store, spec.table))
            shape = self._shapes(spec.store).get(spec.table or "")
            columns = [column.name for column in shape.columns] if shape else _roots(spec)
            key = spec.key or (_key_of(shape) if shape else ())
            yield name, spec.model_copy(update={"key": key}), columns
        for store in self.datamap.stores:
            for shape in self._shapes(store).values():
                if (store, shape.name) not in mapped and not self._ignored(store, shape.name):
                    spec = Dataset(store=store, table=shape.name, key=_key_of(shape))
                    yield shape.name, spec, [column.name for column in shape.columns]

    def _ignored(self, store: str, table: str) -> bool:
        return any(fnmatchcase(table, pattern) for pattern in self.datamap.ignored.get(store, ()))

    def _shapes(self, store: str) -> dict[str, TableShape]:
        """The tables of a store of tables, read once; files are known by the fields that are mapped."""
        if store not in self._seen:
            used = [spec for spec in self.datamap.datasets.values() if spec.store == store]
            files = any(spec.files for spec in used)
            shapes = () if files else self.adapters[store].shapes()
            self._seen[store] = {shape.name: shape for shape in shapes}
        return self._seen[store]

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


def _roots(spec: Dataset) -> list[str]:
    return list(dict.fromkeys(path.partition(".")[0] for path in spec.fields))


def _key_of(shape: TableShape) -> tuple[str, ...]:
    return shape.key or tuple(column.name for column in shape.columns[:1])
