"""Which rows and fields of a dataset are due, as expressions over frozen cutoffs.

Pure. Expiry never decreases as an event lies later, so "has expired" is "happened at or before a cutoff",
which the store can evaluate: a row is due if all terms of any ceiling have passed and no floor protects it.
Ceilings are judged at `by`, so that a scheduled purge is never late; floors at `now`, since a statutory
minimum may never be anticipated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.models.retention import Action
from engine.policy.policy import Policy
from engine.retention.binding import binding
from engine.retention.ceilings import (
    BACKUP,
    STRENGTH,
    Ceiling,
    Floor,
    ceilings_of,
    floors_of,
    overruled,
)
from engine.retention.events import has_passed
from engine.retention.expressions import (
    EVERY_ROW,
    NO_ROW,
    Agreed,
    Expression,
    Noticed,
    both,
    either,
    negated,
    via,
)
from engine.retention.guards import Facts, may_apply, may_bind, people_of
from engine.retention.terms import Days, Term, notice_term


@dataclass(frozen=True)
class Setting:
    """What due-ness depends on besides the dataset.

    `earlier` are older versions that still bind whoever has not agreed to a newer one: a longer keep does
    not apply to a person until they agreed.
    """

    policy: Policy
    datamap: DataMap
    facts: Facts
    now: datetime
    by: datetime
    earlier: tuple[Policy, ...] = field(default=())
    floors: bool = True
    notices: bool = True

    def without_notices(self) -> Setting:
        """The same, as if everybody had been told in time: to find whom to tell, and what waits for that."""
        return replace(self, notices=False)

    def without_floors(self) -> Setting:
        """The same, as if no statute kept anything: to count what the statutes keep."""
        return replace(self, floors=False)

    @property
    def days(self) -> Days:
        """How the policy in force counts days."""
        return Days.of(self.policy)


@dataclass(frozen=True, slots=True)
class Applying:
    """A ceiling, the policy that sets it, and the rows that it applies to."""

    ceiling: Ceiling
    policy: Policy
    rows: Expression


def leaves_of_row(policy: Policy, spec: Dataset) -> tuple[str, ...]:
    """The leaf categories of what a row is."""
    return policy.categories.leaves_under(spec.row) if spec.row else ()


def categories_in(setting: Setting, dataset: str) -> tuple[str, ...]:
    """Every leaf category in a dataset: of its row, and of its fields; of a backup, of all that it copies."""
    spec = setting.datamap.datasets[dataset]
    found = dict.fromkeys(leaves_of_row(setting.policy, spec))
    found |= dict.fromkeys(use.category for use in spec.fields.values() if use.category)
    for other in spec.backup_of or ():
        found |= dict.fromkeys(categories_in(setting, other))
    return tuple(found)


def applying(setting: Setting, dataset: str, leaf: str) -> tuple[Applying, ...]:
    """The ceilings of a category in a dataset: of the policy in force, and of what not all have left."""
    backup = bool(setting.datamap.datasets[dataset].backup_of)
    found = [
        Applying(ceiling, setting.policy, _guarded(setting, dataset, ceiling))
        for ceiling in ceilings_of(setting.policy, leaf)
    ]
    for old in binding(setting.earlier, setting.policy, leaf):
        bound = _still_bound(setting, dataset, old)
        found += [
            Applying(ceiling, old, both(bound, _guarded(setting, dataset, ceiling)))
            for ceiling in ceilings_of(old, leaf)
        ]
    return tuple(one for one in found if (BACKUP in one.ceiling.events()) == backup)


def field_due(setting: Setting, dataset: str, leaf: str, action: Action) -> Expression:
    """The rows in which data of this category is due for the action or for a stronger one."""
    return either(
        *(
            _ceiling_due(setting, dataset, leaf, one)
            for one in applying(setting, dataset, leaf)
            if STRENGTH[one.ceiling.then] >= STRENGTH[action]
        )
    )


def row_due(setting: Setting, dataset: str, action: Action) -> Expression:
    """The rows whose `row` category is due: the latest among its leaves. A backup: the earliest of all."""
    spec = setting.datamap.datasets[dataset]
    if spec.backup_of:
        leaves = categories_in(setting, dataset)
        return either(*(field_due(setting, dataset, leaf, action) for leaf in leaves))
    leaves = leaves_of_row(setting.policy, spec)
    if not leaves:
        return NO_ROW
    return both(*(field_due(setting, dataset, leaf, action) for leaf in leaves))


def row_protected(setting: Setting, dataset: str, rules: Iterable[Ceiling]) -> Expression:
    """The rows that a statute keeps, by the row's category or by that of one of its fields."""
    rules = tuple(rules)
    return either(
        *(
            protects(setting, dataset, floor)
            for leaf in categories_in(setting, dataset)
            for floor in floors_in(setting, dataset, leaf)
            if not _all_overrule(setting, rules, floor)
        )
    )


def floors_in(setting: Setting, dataset: str, leaf: str) -> tuple[Floor, ...]:
    """The statutes that may keep this category here; a backup only obeys those that name it."""
    if not setting.floors:
        return ()
    backup = bool(setting.datamap.datasets[dataset].backup_of)
    return tuple(
        floor
        for floor in floors_of(setting.policy, leaf)
        if (floor.term.after.event == BACKUP) == backup
    )


def protects(setting: Setting, dataset: str, floor: Floor) -> Expression:
    """The rows that a statute may bind, and for which its term has not passed at `now`."""
    passed = _term_passed(setting, dataset, floor.term, setting.now)
    return both(may_bind(setting.datamap, dataset, setting.facts, floor), negated(passed))


def _ceiling_due(setting: Setting, dataset: str, leaf: str, one: Applying) -> Expression:
    terms = [_term_passed(setting, dataset, term, setting.by) for term in one.ceiling.terms]
    floors = [
        negated(protects(setting, dataset, floor))
        for floor in floors_in(setting, dataset, leaf)
        if one.ceiling.then != "restrict"  # what must be kept may well be restricted
        and not overruled(setting.policy, one.ceiling.rule, floor, setting.now.date())
    ]
    told = told_in_time(setting, dataset, one.ceiling)
    return both(one.rows, *terms, *_law(setting, dataset, one.ceiling), *floors, told)


def told_in_time(setting: Setting, dataset: str, ceiling: Ceiling) -> Expression:
    """The rows all of whose people were told long enough ago; where there is nobody to tell, none waits."""
    rule = ceiling.rule
    if rule.notice is None or not setting.notices:
        return EVERY_ROW
    cutoff = setting.days.cutoff(notice_term(rule.notice), setting.by)
    untold = [
        via(
            hops,
            negated(Noticed(dataset=person, rule=rule.id, cutoff=cutoff)) if cutoff else EVERY_ROW,
        )
        for hops, person in people_of(setting.datamap, dataset)
    ]
    return negated(either(*untold))


def _law(setting: Setting, dataset: str, ceiling: Ceiling) -> list[Expression]:
    """The latest applicable statute has passed; where none applies, nothing is due."""
    if ceiling.law is None:
        return []
    binds = [may_bind(setting.datamap, dataset, setting.facts, floor) for floor in ceiling.law]
    passed = [_term_passed(setting, dataset, floor.term, setting.now) for floor in ceiling.law]
    each = [either(negated(b), p) for b, p in zip(binds, passed, strict=True)]
    return [either(*binds), *each]


def _term_passed(setting: Setting, dataset: str, term: Term, at: datetime) -> Expression:
    cutoff = setting.days.cutoff(term, at)
    return has_passed(setting.datamap, dataset, term.after.event, cutoff)


def _guarded(setting: Setting, dataset: str, ceiling: Ceiling) -> Expression:
    rule = ceiling.rule
    return may_apply(setting.datamap, dataset, setting.facts, rule.when, rule.unless)


def _still_bound(setting: Setting, dataset: str, old: Policy) -> Expression:
    """The rows of people who have not agreed to anything newer; a row of nobody is bound by nothing old."""
    return either(
        *(
            via(hops, negated(Agreed(dataset=person, version=old.version)))
            for hops, person in people_of(setting.datamap, dataset)
        )
    )


def _all_overrule(setting: Setting, rules: tuple[Ceiling, ...], floor: Floor) -> bool:
    today = setting.now.date()
    return bool(rules) and all(overruled(setting.policy, c.rule, floor, today) for c in rules)
