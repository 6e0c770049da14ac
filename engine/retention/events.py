"""Where the time of an event is found for the rows of a dataset, and what must be watched for it.

Pure. `record.*` is looked for in the row itself. Any other event comes from the nearest row on the path to
the person that declares it, else from what services told. Some times no store has, so the engine counts
them from a sighting: a state without a time, a column that moves, a record whose own time is missing or far
in the future, a row whose person is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.datamap.map import DataMap, Step
from engine.datamap.model import Dataset, TimeSource
from engine.retention.expressions import (
    EVERY_ROW,
    NO_ROW,
    Empty,
    Expression,
    Hop,
    Missing,
    Passed,
    Seen,
    Told,
    both,
    either,
    negated,
    value,
    via,
)

TOLERANCE = timedelta(hours=24)
"""A record may claim a time so far in the future (clocks differ); beyond it, its first sighting counts."""


class Sight(StrEnum):
    """Why a time is counted from a sighting."""

    STATE = "state"
    ODD = "odd record time"
    ORPHAN = "orphan"


@dataclass(frozen=True, slots=True)
class Watch:
    """The rows of `dataset` whose `event` is counted from when they were first seen so."""

    dataset: str
    event: str
    sight: Sight


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event is found along one path: the steps to the row, and whether it is declared there."""

    path: tuple[Step, ...]
    steps: tuple[Step, ...]
    dataset: str
    declared: bool


def is_record(event: str) -> bool:
    """Whether the event is one of the row itself."""
    return event.startswith("record.")


def is_sighted(time: TimeSource) -> bool:
    """Whether the store cannot tell the time: a state without one, or a column that moves."""
    return time.field is None or time.moves


def origins(datamap: DataMap, dataset: str, event: str) -> tuple[Origin, ...]:
    """Where the event is found, path by path; for `record.*` the row itself, or nowhere."""
    if is_record(event) or datamap.datasets[dataset].backup_of:
        declared = event in datamap.datasets[dataset].times
        return (Origin((), (), dataset, declared),) if declared else ()
    return tuple(_nearest(datamap, dataset, path, event) for path in datamap.paths(dataset))


def has_passed(datamap: DataMap, dataset: str, event: str, cutoff: datetime | None) -> Expression:
    """The rows of which the event happened at or before the cutoff."""
    if cutoff is None:
        return NO_ROW
    found = [_passed(datamap, event, origin, cutoff) for origin in origins(datamap, dataset, event)]
    if any(origin.steps or not origin.declared for origin in origins(datamap, dataset, event)):
        seen = Seen(dataset=dataset, event=event, cutoff=cutoff)
        found.append(both(orphaned(datamap, dataset), seen))
    return either(*found)


def orphaned(datamap: DataMap, dataset: str) -> Expression:
    """The rows that name somebody who is not there: a link leads nowhere and no other leads to a person."""
    broken, whole = [], []
    for path in datamap.paths(dataset):
        hops = tuple(Hop.of(step) for step in path)
        whole.append(via(hops, EVERY_ROW))
        for length, step in enumerate(path):
            named = via(hops[:length], names_somebody(datamap.datasets[step.dataset], step.field))
            broken.append(both(named, negated(via(hops[: length + 1], EVERY_ROW))))
    return both(either(*broken), negated(either(*whole)))


def names_somebody(spec: Dataset, field: str) -> Expression:
    """The rows whose link is neither NULL nor what an erased link is replaced by."""
    erased = () if (blank := erased_value(spec, field)) is None else (blank,)
    return both(negated(Empty(field=field)), negated(value(field, erased)))


def erased_value(spec: Dataset, field: str) -> str | None:
    """What replaces an erased field that must not be NULL."""
    use = spec.fields.get(field)
    return use.erase if use else None


def watches(datamap: DataMap, dataset: str, event: str) -> tuple[Watch, ...]:
    """What must be watched so that the event is known for every row of the dataset."""
    found: list[Watch] = []
    for origin in origins(datamap, dataset, event):
        if origin.declared:
            time = datamap.datasets[origin.dataset].times[event]
            if is_sighted(time):
                found.append(Watch(origin.dataset, event, Sight.STATE))
            elif is_record(event):
                found.append(Watch(dataset, event, Sight.ODD))
        if origin.path and (origin.steps or not origin.declared):
            found.append(Watch(dataset, event, Sight.ORPHAN))
    return tuple(found)


def sighting_condition(datamap: DataMap, watch: Watch, now: datetime) -> Expression:
    """The rows that a watch is about, now."""
    missing = Missing(dataset=watch.dataset, event=watch.event)
    if watch.sight is Sight.STATE:
        return negated(missing)
    if watch.sight is Sight.ODD:
        believable = Passed(dataset=watch.dataset, event=watch.event, cutoff=now + TOLERANCE)
        return either(missing, negated(believable))
    return orphaned(datamap, watch.dataset)


def _nearest(datamap: DataMap, dataset: str, path: tuple[Step, ...], event: str) -> Origin:
    if event in datamap.datasets[dataset].times:
        return Origin(path, (), dataset, declared=True)
    for length, step in enumerate(path, start=1):
        if event in datamap.datasets[step.target].times:
            return Origin(path, path[:length], step.target, declared=True)
    return Origin(path, path, path[-1].target if path else dataset, declared=False)


def _passed(datamap: DataMap, event: str, origin: Origin, cutoff: datetime) -> Expression:
    hops = tuple(Hop.of(step) for step in origin.steps)
    if not origin.declared:
        return via(hops, Told(dataset=origin.dataset, event=event, cutoff=cutoff))
    happened = _own(datamap.datasets[origin.dataset], origin.dataset, event, cutoff)
    if origin.path and not origin.steps:
        # The row's own event, but a row with a NULL link is nobody's: only `record.*` counts for it.
        own = datamap.datasets[origin.dataset]
        happened = both(names_somebody(own, origin.path[0].field), happened)
    return via(hops, happened)


def _own(spec: Dataset, dataset: str, event: str, cutoff: datetime) -> Expression:
    seen = Seen(dataset=dataset, event=event, cutoff=cutoff)
    if is_sighted(spec.times[event]):
        return both(negated(Missing(dataset=dataset, event=event)), seen)
    passed = Passed(dataset=dataset, event=event, cutoff=cutoff)
    return either(passed, seen) if is_record(event) else passed
