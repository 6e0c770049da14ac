"""The data map, resolved: datasets by name, the path from a row to its person, the fields by category."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.datamap.model import Dataset, StoreSpec
from engine.policy.findings import Position
from engine.policy.source import Document
from engine.policy.vocabulary import covers


@dataclass(frozen=True, slots=True)
class Step:
    """One step towards the person: own `field` equals `target_field` of the dataset `target`."""

    dataset: str
    field: str
    target: str
    target_field: str


@dataclass(frozen=True)
class DataMap:
    """Where personal data lies. `document` has the place of every node."""

    stores: Mapping[str, StoreSpec]
    datasets: Mapping[str, Dataset]
    ignored: Mapping[str, tuple[str, ...]]
    document: Document

    def people(self, kind: str | None = None) -> Iterator[tuple[str, Dataset]]:
        """The datasets whose rows are persons, of one type or of any."""
        for name, dataset in self.datasets.items():
            if dataset.person and kind in (None, dataset.person):
                yield name, dataset

    def subject_id(self, dataset: str, value: str) -> str:
        """The id of the person whose row has this value as its first identity.

        People of the first dataset go by the value alone, those of others by `dataset:value`.
        """
        first = next((name for name, _ in self.people()), dataset)
        return value if dataset == first else f"{dataset}:{value}"

    def paths(self, name: str) -> tuple[tuple[Step, ...], ...]:
        """Every way from a dataset's rows to a person: one empty path if its rows are persons."""
        return tuple(self._walk(name, ()))

    def _walk(self, name: str, taken: tuple[Step, ...]) -> Iterator[tuple[Step, ...]]:
        dataset = self.datasets[name]
        if dataset.person:
            yield taken
            return
        visited = {step.dataset for step in taken}
        if name in visited:
            return
        for field, reference in dataset.links:
            target, _, target_field = reference.partition(".")
            if target in self.datasets:
                yield from self._walk(target, (*taken, Step(name, field, target, target_field)))

    def place(self, dataset: Dataset, *path: str) -> Position:
        """Where the data map says this of a dataset: for a message about it."""
        for name, other in self.datasets.items():
            if other is dataset:
                return self.document.at("datasets", name, *path)
        return Position(self.document.file)

    def holding(self, category: str) -> Iterator[tuple[str, str]]:
        """(dataset, field) of every field of this category or of one below it."""
        for name, dataset in self.datasets.items():
            for field, use in dataset.fields.items():
                if use.category and covers(category, use.category):
                    yield name, field
