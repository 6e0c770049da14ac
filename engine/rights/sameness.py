"""Whether an id is still the same person's: a platform may give it to somebody else while a deletion waits.

A request keeps keyed digests of what tells its person from others, never the values: every identity
besides the id itself, and when their row was created. One that is still there is enough, since people
change their address; whoever was given the id later shares none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.audit.erasure_list import Identity
from engine.datamap.directory import Person
from engine.ports import OneOf
from engine.retention.keeping import CREATED
from engine.rights.parts import Parts

_MARKS = "marks"


def kept(parts: Parts, person: Person, received_at: datetime) -> dict[str, Any]:
    """What a request keeps in its details, to know its person again."""
    return {_MARKS: sorted(_marks(parts, person, received_at))}


def is_same(
    parts: Parts, details: Mapping[str, Any], person: Person, received_at: datetime
) -> bool:
    """Whether this is the person whose request, received then, has these details.

    Where the platform knows nobody but by the id, the id is all there is to go by.
    """
    return share(details, kept(parts, person, received_at))


def share(details: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether the details of two requests are of one person."""
    mine, theirs = set(details.get(_MARKS, ())), set(others.get(_MARKS, ()))
    return not mine.isdisjoint(theirs) or not (mine or theirs)


def _marks(parts: Parts, person: Person, received_at: datetime) -> Iterator[str]:
    _, *others = parts.datamap.datasets[person.dataset].identities
    for kind in others:
        if person.identities.get(kind):
            yield _digest(parts, kind, person.identities[kind])
    created = _created(parts, person)
    # A row that came after the request may be anybody's.
    if created is not None and created < received_at:
        yield _digest(parts, CREATED, f"{person.subject_id}\0{created.isoformat()}")


def _digest(parts: Parts, kind: str, value: str) -> str:
    return parts.erasures.digest(Identity(kind, value))


def _created(parts: Parts, person: Person) -> datetime | None:
    spec = parts.datamap.datasets[person.dataset]
    time, own = spec.times.get(CREATED), next(iter(spec.identities.values()))
    if time is None or time.moves:
        return None
    where = OneOf(own, (person.fields[own],))
    return parts.adapters[spec.store].extent(spec, where, time)[0]
