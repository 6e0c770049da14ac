"""A record in, the same record out without what may not be used for this purpose, and why. Pure.

Fields are addressed as in the data map: a column, or `column.key.key` for a path into a JSON column. What
the map does not know is taken out: a column that nobody has categorised is not known to be harmless. Keys,
links and what tells kinds of rows apart stay, unless they have a category of their own: they say which record
it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from engine.datamap.model import Dataset
from engine.decisions.decision import Decision
from engine.decisions.facts import NOTHING_OF_RECORD, RecordFacts
from engine.policy.compiled.conditions import Kind

Decide = Callable[[str], Decision]
"""The decision about one leaf category, for the operation, purpose and recipient that were asked for."""

RESTRICTED = "this record is there for the law alone"
UNREAD = "this record cannot be read by its key, so it is not known whether it is there for the law alone"


@dataclass(frozen=True, slots=True)
class Removed:
    """A field that was taken out. `decision` is None where the data map does not know the field.

    `about_record` is what the record itself has to do with it, in words.
    """

    field: str
    category: str
    decision: Decision | None
    about_record: str = ""

    @property
    def reason(self) -> str:
        """Why, in words."""
        if self.decision is None:
            return "the data map does not say what this field holds, so it is not given out"
        return "; ".join(filter(None, (self.decision.reason, self.about_record)))


@dataclass(frozen=True, slots=True)
class Filtered:
    """What is left of a record, what was taken out, and the decisions that permitted the rest."""

    record: dict[str, Any]
    removed: tuple[Removed, ...]
    permitted: tuple[Decision, ...]


def filter_record(
    spec: Dataset,
    record: Mapping[str, Any],
    decide: Decide,
    known: RecordFacts = NOTHING_OF_RECORD,
) -> Filtered:
    """Take every field out that is not permitted; `known` is what was decided with, of the record itself."""
    kept = deepcopy(dict(record))
    removed: list[Removed] = []
    permitted: dict[str, Decision] = {}
    for field, category in _judged(spec, record):
        decision = None if category is None else decide(category)
        if decision is not None and decision.permitted:
            permitted[decision.asked.category] = decision
            continue
        removed.append(Removed(field, category or "", decision, _about_record(decision, known)))
        _take_out(kept, field.split("."))
    return Filtered(kept, tuple(removed), tuple(permitted.values()))


def _about_record(decision: Decision | None, known: RecordFacts) -> str:
    if decision is None or all(one.kind != Kind.RESTRICTION.value for one in decision.missing):
        return ""
    if decision.asked.category in known.restricted:
        return RESTRICTED
    return UNREAD if decision.asked.category in known.unknown else ""


def categories_in(spec: Dataset, record: Mapping[str, Any]) -> tuple[str, ...]:
    """The categories of the fields that a record has, each once, in the map's order."""
    found = (category for _, category in _judged(spec, record) if category)
    return tuple(dict.fromkeys(found))


def _judged(spec: Dataset, record: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Every field of the record that is personal or unknown, with its category; the deepest paths first."""
    handles, events = _handles(spec), _events(spec)
    for column in record:
        below = [path for path in spec.fields if path.startswith(f"{column}.")]
        yield from _below(spec, record, sorted(below, key=_depth, reverse=True))
        use = spec.fields.get(column)
        if use is not None:
            if use.category is not None:
                yield column, use.category
        elif column in handles:
            continue
        elif column in events and spec.row is not None:
            # What the map uses and does not categorise is of the row's own category.
            yield column, spec.row
        elif not below:
            yield column, None
        else:
            yield from _unmapped(column, record[column], set(below))


def _below(
    spec: Dataset, record: Mapping[str, Any], paths: Iterable[str]
) -> Iterator[tuple[str, str | None]]:
    for path in paths:
        category = spec.fields[path].category
        if category is not None and _has(record, path.split(".")):
            yield path, category


def _handles(spec: Dataset) -> set[str]:
    """Columns that say which record it is, and whose."""
    return {path.partition(".")[0] for path in (*spec.key, *spec.subject, *spec.rows)}


def _events(spec: Dataset) -> set[str]:
    """Columns that times, facts and identities are read from."""
    times = {field for source in spec.times.values() for field in source.fields}
    facts = {source.field for source in spec.facts.values() if source.field}
    return {path.partition(".")[0] for path in (*times, *facts, *spec.identities.values())}


def _unmapped(column: str, value: Any, known: set[str]) -> Iterator[tuple[str, None]]:
    """The parts of a JSON column that no path of the map leads to."""
    if not isinstance(value, Mapping):
        yield column, None
        return
    for key, item in value.items():
        path = f"{column}.{key}"
        if path in known:
            continue
        if any(one.startswith(f"{path}.") for one in known):
            yield from _unmapped(path, item, known)
        else:
            yield path, None


def _has(value: Any, path: list[str]) -> bool:
    if not path:
        return True
    return isinstance(value, Mapping) and path[0] in value and _has(value[path[0]], path[1:])


def _take_out(value: dict[str, Any], path: list[str]) -> None:
    for key in path[:-1]:
        inner = value.get(key)
        if not isinstance(inner, dict):
            return
        value = inner
    value.pop(path[-1], None)


def _depth(path: str) -> int:
    return path.count(".")
