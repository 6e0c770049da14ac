"""Whose rows a guard is about, as far as the platform's own facts tell.

Pure. The facts of a person (account, region, age) lie in the person's row, in the platform's own spelling.
`Facts` holds the spellings that occur, so a guard becomes a list of values, and the store finds the rows.
A fact that is not known makes a guard neither true nor false: a ceiling then applies, and so does a floor.
What people chose, the consent records say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset
from engine.policy.durations import Anchor, Duration, Unit
from engine.policy.models import Guard
from engine.policy.regions import lies_in
from engine.retention.ceilings import Floor
from engine.retention.expressions import (
    EVERY_ROW,
    NO_ROW,
    Chose,
    Expression,
    Hop,
    Passed,
    both,
    either,
    negated,
    value,
    via,
)
from engine.retention.terms import Days, Term

Verdict = Callable[[str], bool | None]
"""Of one value of a fact: whether it satisfies the guard; None when that cannot be told."""


@dataclass(frozen=True)
class Facts:
    """The stored values of the fields that facts are read from, by (dataset, field)."""

    values: Mapping[tuple[str, str], tuple[str, ...]]
    now: datetime
    days: Days


@dataclass(frozen=True, slots=True)
class Known:
    """Which rows certainly satisfy something, and which certainly do not; the others are unknown."""

    true: Expression
    false: Expression


def may_apply(
    datamap: DataMap, dataset: str, facts: Facts, when: Guard | None, unless: Guard | None
) -> Expression:
    """The rows for which a rule with these guards applies: all for which it is not known not to."""
    excluded = NO_ROW if when is None else _guard(datamap, dataset, facts, when).false
    exempt = NO_ROW if unless is None else _guard(datamap, dataset, facts, unless).true
    return both(negated(excluded), negated(exempt))


def may_bind(datamap: DataMap, dataset: str, facts: Facts, floor: Floor) -> Expression:
    """The rows for which a statute may hold: all whose person is not known to be elsewhere."""
    if floor.regions is None:
        return EVERY_ROW
    return negated(_fact(datamap, dataset, facts, "region", _in_one_of(floor.regions)).false)


def _guard(datamap: DataMap, dataset: str, facts: Facts, guard: Guard) -> Known:
    parts = []
    if guard.subject is not None:
        parts.append(_subject(datamap, dataset, guard.subject))
    if guard.region is not None:
        parts.append(_fact(datamap, dataset, facts, "region", _in_one_of(guard.region)))
    if guard.account is not None:
        parts.append(_fact(datamap, dataset, facts, "account", _one_of(guard.account)))
    if guard.age_below is not None:
        parts.append(_age(datamap, dataset, facts, guard.age_below))
    if guard.choice is not None:
        parts.append(_choice(datamap, dataset, guard.choice))
    return Known(both(*(part.true for part in parts)), either(*(part.false for part in parts)))


def _in_one_of(places: tuple[str, ...]) -> Verdict:
    return lambda region: lies_in(region, places)


def _one_of(wanted: tuple[str, ...]) -> Verdict:
    return lambda found: found in wanted


def _subject(datamap: DataMap, dataset: str, wanted: tuple[str, ...]) -> Known:
    matching: list[Expression] = []
    others: list[Expression] = []
    for hops, person in people_of(datamap, dataset):
        kind = datamap.datasets[person].person
        (matching if kind in wanted else others).append(via(hops, EVERY_ROW))
    true = either(*matching)
    return Known(true, both(either(*others), negated(true)))


def _choice(datamap: DataMap, dataset: str, choices: tuple[str, ...]) -> Known:
    def said(on: bool) -> Expression:
        people = people_of(datamap, dataset)
        return either(*(via(h, Chose(dataset=p, choices=choices, on=on)) for h, p in people))

    return Known(said(True), both(said(False), negated(said(True))))


def _fact(datamap: DataMap, dataset: str, facts: Facts, name: str, verdict: Verdict) -> Known:
    true, false = [], []
    for hops, person in people_of(datamap, dataset):
        source = datamap.datasets[person].facts.get(name)  # type: ignore[call-overload]
        if source is None:
            continue
        if source.field is None:
            certain = verdict(source.always or "")
            true += [via(hops, EVERY_ROW)] if certain is True else []
            false += [via(hops, EVERY_ROW)] if certain is False else []
            continue
        means = source.means
        judged: dict[bool | None, list[str]] = {True: [], False: [], None: []}
        for raw in facts.values.get((person, source.field), ()):
            fact = raw if means is None else means.get(raw)
            judged[None if fact is None else verdict(fact)].append(raw)
        true.append(via(hops, value(source.field, judged[True])))
        false.append(via(hops, value(source.field, judged[False])))
    return Known(either(*true), both(either(*false), negated(either(*true))))


def _age(datamap: DataMap, dataset: str, facts: Facts, below: int) -> Known:
    def verdict(age: str) -> bool | None:
        return int(age) < below if age.isdigit() else None

    by_age = _fact(datamap, dataset, facts, "age", verdict)
    by_birth = _birth(datamap, dataset, facts, below)
    true = either(by_age.true, by_birth.true)
    return Known(true, both(either(by_age.false, by_birth.false), negated(true)))


def _birth(datamap: DataMap, dataset: str, facts: Facts, below: int) -> Known:
    """By a birth date that the map also declares as a time, so that the store can compare it."""
    limit = facts.days.cutoff(grown_up(below), facts.now)
    adult, child = [], []
    for hops, person in people_of(datamap, dataset):
        event = born_event(datamap.datasets[person])
        if event is None or limit is None:
            continue
        born = Passed(dataset=person, event=event, cutoff=limit)
        known = Passed(dataset=person, event=event, cutoff=facts.now)
        adult.append(via(hops, born))
        child.append(via(hops, both(known, negated(born))))
    return Known(either(*child), either(*adult))


def grown_up(below: int) -> Term:
    """Until somebody is no longer younger than so many years."""
    return Term(Duration(below, Unit.YEARS), Anchor("person.born"))


def born_event(spec: Dataset) -> str | None:
    """The event, if the map declares one, whose time is the fact `born`."""
    born = spec.facts.get("born")
    if born is None or born.field is None:
        return None
    return next((event for event, time in spec.times.items() if time.field == born.field), None)


def people_of(datamap: DataMap, dataset: str) -> tuple[tuple[tuple[Hop, ...], str], ...]:
    """Every way from a row to a person: the hops, and the dataset that they end in."""
    return tuple(
        (tuple(Hop.of(step) for step in path), path[-1].target if path else dataset)
        for path in datamap.paths(dataset)
    )


def fact_fields(datamap: DataMap) -> tuple[tuple[str, str], ...]:
    """(dataset, field) of every fact whose stored values planning must know."""
    return tuple(
        (name, source.field)
        for name, person in datamap.people()
        for fact, source in person.facts.items()
        if fact != "born" and source.field is not None
    )
