"""The steps of a plan before anything is counted: which rows, which action, which fields, which rules.

Pure. Within a dataset the steps never touch a row twice in opposite ways: a field is erased on its own only
in rows that stay, and anonymised only where nothing stronger is due. Rows that others lead to go last.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset, FieldUse
from engine.policy.models.retention import Action
from engine.ports import Change
from engine.retention.ceilings import STRENGTH, Ceiling
from engine.retention.due import (
    Applying,
    Setting,
    applying,
    categories_in,
    field_due,
    leaves_of_row,
    row_due,
    row_protected,
)
from engine.retention.expressions import (
    NO_ROW,
    Empty,
    Expression,
    Untreated,
    both,
    either,
    negated,
    value,
)
from engine.retention.plan import Cutoff, Step, Verb

KEEP: Literal["keep"] = "keep"
"""The treatment of a field that tells nothing of anybody once the link to the person is cut."""


def steps_of(setting: Setting, dataset: str, kept: Expression = NO_ROW) -> tuple[Step, ...]:
    """The steps of one dataset, without counts: fields first, then rows.

    Holds keep the rows `kept` whole: in them a due field goes on its own, if no hold is on that field.
    """
    spec = setting.datamap.datasets[dataset]
    if spec.personal == "none":
        return ()
    found = (*_field_steps(setting, dataset, spec, kept), *_row_steps(setting, dataset, spec))
    return tuple(step for step in found if step.due != NO_ROW)


def in_order(datamap: DataMap, datasets: Iterable[str]) -> list[str]:
    """Datasets in the order in which they are purged: what leads to another goes before it."""

    def distance(name: str) -> int:
        return max((len(path) for path in datamap.paths(name)), default=0)

    return sorted(datasets, key=lambda name: -distance(name))


def changes_of(spec: Dataset, step: Step) -> dict[str, Change] | None:
    """What becomes of the fields of the rows; None: the rows are deleted."""
    if step.verb == "delete":
        return None
    if step.verb == "erase":
        return {name: Change("set", spec.fields[name].erase) for name in step.fields}
    return {name: _anonymised(spec.fields.get(name)) for name in step.fields}


def rows_going(setting: Setting, dataset: str) -> Expression:
    """The rows that are due for deletion and that no statute keeps."""
    due = row_due(setting, dataset, "delete")
    return both(due, negated(row_protected(setting, dataset, _row_ceilings(setting, dataset))))


def _row_steps(setting: Setting, dataset: str, spec: Dataset) -> Iterator[Step]:
    protected = negated(row_protected(setting, dataset, _row_ceilings(setting, dataset)))
    deleted = row_due(setting, dataset, "delete")
    anonymised = row_due(setting, dataset, "anonymise")
    restricted = row_due(setting, dataset, "restrict")
    leaves = (
        categories_in(setting, dataset) if spec.backup_of else leaves_of_row(setting.policy, spec)
    )
    yield _step(setting, dataset, "delete", leaves, both(deleted, protected))
    telling = (n for n, use in spec.fields.items() if use.category and use.anonymise != KEEP)
    fields = (*telling, *spec.subject)
    fields = tuple(dict.fromkeys(name for name in fields if name not in spec.key))
    if anonymised != deleted and fields:
        pending = unfinished({name: _anonymised(spec.fields.get(name)) for name in fields})
        due = both(anonymised, negated(deleted), protected, pending)
        yield _step(setting, dataset, "anonymise", leaves, due, fields)
    if restricted != anonymised:
        due = both(restricted, negated(anonymised))
        yield _step(setting, dataset, "restrict", leaves, due)


def _field_steps(setting: Setting, dataset: str, spec: Dataset, kept: Expression) -> Iterator[Step]:
    row_deleted = row_due(setting, dataset, "delete")
    row_anonymised = row_due(setting, dataset, "anonymise")
    going = both(rows_going(setting, dataset), negated(kept))
    for category, fields in _by_category(spec).items():
        erased = field_due(setting, dataset, category, "delete")
        if erased != row_deleted:
            pending = unfinished({n: Change("set", spec.fields[n].erase) for n in fields})
            due = both(erased, negated(going), pending)
            yield _step(setting, dataset, "erase", (category,), due, fields, category)
        anonymised = field_due(setting, dataset, category, "anonymise")
        telling = tuple(n for n in fields if spec.fields[n].anonymise != KEEP)
        if telling and anonymised not in (erased, row_anonymised):
            pending = unfinished({n: _anonymised(spec.fields[n]) for n in telling})
            due = both(anonymised, negated(erased), negated(going), pending)
            yield _step(setting, dataset, "anonymise", (category,), due, telling, category)


def unfinished(changes: Mapping[str, Change]) -> Expression:
    """The rows in which a change has not been made yet."""
    return either(*(_differs(name, change) for name, change in changes.items()))


def _differs(field: str, change: Change) -> Expression:
    if change.how != "set":
        return Untreated(field=field, how=change.how)
    filled = negated(Empty(field=field))
    return filled if change.value is None else both(filled, negated(value(field, (change.value,))))


def _anonymised(use: FieldUse | None) -> Change:
    """How a field is made anonymous; a link to the person, which may be no mapped field, is cut."""
    if use is None or use.anonymise == "null" or use.anonymise == KEEP:
        return Change("set", use.erase if use else None)
    return Change("set", "") if use.anonymise == "blank" else Change(use.anonymise)


def _by_category(spec: Dataset) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, use in spec.fields.items():
        if use.category and name not in spec.key:
            found[use.category] = (*found.get(use.category, ()), name)
    return {} if spec.backup_of else found


def _row_ceilings(setting: Setting, dataset: str) -> tuple[Ceiling, ...]:
    leaves = leaves_of_row(setting.policy, setting.datamap.datasets[dataset])
    found = (one.ceiling for leaf in leaves for one in applying(setting, dataset, leaf))
    return tuple(ceiling for ceiling in found if ceiling.then != "restrict")


def _step(
    setting: Setting,
    dataset: str,
    verb: Verb,
    leaves: Iterable[str],
    due: Expression,
    fields: tuple[str, ...] = (),
    category: str | None = None,
) -> Step:
    action: Action = "delete" if verb == "erase" else verb
    found = {
        one.ceiling.rule.id: one
        for leaf in leaves
        for one in applying(setting, dataset, leaf)
        if STRENGTH[one.ceiling.then] >= STRENGTH[action]
    }
    name = f"{dataset}.{verb}" + (f".{category}" if category else "")
    cutoffs = tuple(cutoff for one in found.values() for cutoff in _cutoffs(setting, one))
    return Step(
        id=name,
        dataset=dataset,
        verb=verb,
        fields=fields,
        cutoffs=cutoffs,
        due=due,
        category=category,
    )


def _cutoffs(setting: Setting, one: Applying) -> Iterator[Cutoff]:
    ceiling = one.ceiling
    law = [
        (floor.term, f"{floor.term} ({floor.statute})", setting.now) for floor in ceiling.law or ()
    ]
    own = [(term, str(term), setting.by) for term in ceiling.terms]
    for term, says, at in [*own, *law]:
        yield Cutoff(
            rule=ceiling.rule.id,
            clauses=ceiling.rule.clause,
            says=says,
            event=term.after.event,
            cutoff=setting.days.cutoff(term, at),
        )
