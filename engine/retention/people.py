"""Whose a row is, for explanations and tests: given facts, as far as a person's row can tell them. Pure."""

from __future__ import annotations

from engine.datamap.map import DataMap
from engine.decisions.facts import SubjectFacts


def people_of(datamap: DataMap, dataset: str, about: SubjectFacts) -> tuple[SubjectFacts, ...]:
    """The people that a dataset's rows lead to, each with those of the facts that its row can tell."""
    ends = dict.fromkeys(path[-1].target if path else dataset for path in datamap.paths(dataset))
    return tuple(_as_stored(datamap, name, about) for name in ends)


def _as_stored(datamap: DataMap, dataset: str, about: SubjectFacts) -> SubjectFacts:
    spec = datamap.datasets[dataset]

    def told(name: str, value: str | None) -> str | None:
        source = spec.facts.get(name)  # type: ignore[call-overload]  # the names are those of the model
        if source is None or value is None:
            return None
        return value if source.means is None or value in source.means.values() else None

    age = told("age", None if about.age is None else str(about.age))
    return SubjectFacts(
        subject=spec.person,
        region=told("region", about.region),
        account=told("account", about.account),
        age=None if age is None else int(age),
    )
