"""Who a person is: found by their e-mail address, and what their own row says of them.

A subject id is the value of the first identity of the person's dataset, as text. Where several datasets
hold persons, those of the first go by that value alone and the others by `dataset:value`, so that no two
people share an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.datamap.map import DataMap
from engine.datamap.model import Dataset, FactSource, TimeSource
from engine.errors import NotFound
from engine.ports import Always, DataAdapter, OneOf, Record

_OLDEST = 150
EMAIL = "email"
"""The name of an identity that is an e-mail address, and so compares without regard to case."""


@dataclass(frozen=True, slots=True)
class PlatformFacts:
    """What the platform says of a person; None where it does not say."""

    subject: str | None = None
    region: str | None = None
    account: str | None = None
    born: date | None = None
    created: datetime | None = None
    """When their row was created, where the map says so: who has the same id but another time is another."""
    age: int | None = None
    """In whole years, where the platform tells an age or a band of ages but no day of birth."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person's own row: the dataset, the subject id, every identity by its name (as text)."""

    dataset: str
    subject_id: str
    identities: Mapping[str, str]
    fields: Mapping[str, str]
    """The same by field, with the key: what other rows may lead to."""


class PlatformDirectory:
    """Reads the rows that are persons. Methods raise StoreUnavailable when their store does not answer."""

    def __init__(self, datamap: DataMap, adapters: Mapping[str, DataAdapter]) -> None:
        self._datamap = datamap
        self._adapters = adapters

    def find(self, email: str) -> str | None:
        """The subject id of the one person with this address; None if there is nobody, or more than one."""
        wanted = email.strip()
        if not wanted:
            return None
        found = set(self._by_email(wanted))
        return found.pop() if len(found) == 1 else None

    def facts(self, subject_id: str) -> PlatformFacts | None:
        """What the platform says of a person now; None if it has no such person."""
        if not self._knows_people:
            return None
        name, spec = self._dataset(subject_id)
        time = _creation(spec)
        stored = (source.field for source in spec.facts.values() if source.field)
        fields = (*stored, *(time.fields if time else ()))
        record = self._row(name, spec, subject_id, fields) if spec.identities else None
        if record is None:
            return None
        told = {fact: _told(source, record) for fact, source in spec.facts.items()}
        created = self._adapters[spec.store].time_of(time, record) if time else None
        return PlatformFacts(
            spec.person,
            told.get("region"),
            told.get("account"),
            _day(told.get("born")),
            created,
            _years(told.get("age")),
        )

    def person(self, subject_id: str) -> Person | None:
        """The person's own row as far as others lead to it; None if there is no such person."""
        if not self._knows_people:
            return None
        name, spec = self._dataset(subject_id)
        fields = tuple(dict.fromkeys((*spec.key, *spec.identities.values(), *self._targets(name))))
        record = self._row(name, spec, subject_id, fields) if spec.identities else None
        if record is None:
            return None
        values = {f: str(record.values[f]) for f in fields if record.values.get(f) is not None}
        identities = {kind: values[f] for kind, f in spec.identities.items() if f in values}
        return Person(name, subject_id, identities, values)

    def addresses(self, subject_id: str) -> list[str]:
        """The person's e-mail addresses."""
        person = self.person(subject_id)
        return [person.identities[EMAIL]] if person and EMAIL in person.identities else []

    def label(self, subject_id: str) -> str:
        """What the platform calls a person: their names but the number, or that where it has no other."""
        person = self.person(subject_id)
        names = [*person.identities.values()][1:] if person else []
        return ", ".join(names) or subject_id

    def place(self, subject_id: str) -> tuple[str, str]:
        """The dataset that a subject id is of, and the value of the identity in it.

        NotFound where the data map has no dataset of people.
        """
        if not self._knows_people:
            raise NotFound("the data map has no dataset with `person: …`: nobody can be found")
        names = [name for name, _ in self._datamap.people()]
        prefix, colon, value = subject_id.partition(":")
        return (prefix, value) if colon and prefix in names[1:] else (names[0], subject_id)

    @property
    def _knows_people(self) -> bool:
        return any(True for _ in self._datamap.people())

    def _by_email(self, email: str) -> Iterator[str]:
        for name, spec in self._datamap.people():
            field = spec.identities.get(EMAIL)
            if field is None:
                continue
            own = _subject_field(spec)
            where = OneOf(field, (email,), fold=True)
            for batch in self._adapters[spec.store].scan(spec, where, (own,), batch=10):
                yield from (
                    self._datamap.subject_id(name, str(record.values[own])) for record in batch
                )

    def _dataset(self, subject_id: str) -> tuple[str, Dataset]:
        name, _ = self.place(subject_id)
        return name, self._datamap.datasets[name]

    def _targets(self, name: str) -> Iterator[str]:
        """The fields of a dataset that the rows of others lead to."""
        for spec in self._datamap.datasets.values():
            for _, reference in spec.links:
                target, _, field = reference.partition(".")
                if target == name:
                    yield field

    def _row(
        self, name: str, spec: Dataset, subject_id: str, fields: tuple[str, ...]
    ) -> Record | None:
        _, value = self.place(subject_id)
        own = _subject_field(spec)
        wanted = tuple(dict.fromkeys((own, *fields)))
        batches = self._adapters[spec.store].scan(spec, OneOf(own, (value,)), wanted, batch=2)
        rows = [record for batch in batches for record in batch]
        # A store finds 42 by `042` and ` 42` too, but what was said and held is kept under `42` alone.
        return rows[0] if len(rows) == 1 and str(rows[0].values[own]) == value else None


def _subject_field(spec: Dataset) -> str:
    return next(iter(spec.identities.values()))


def _creation(spec: Dataset) -> TimeSource | None:
    """Where a row says when it was created, if it says so once and for all."""
    time = spec.times.get("record.created")
    return None if time is None or time.field is None or time.moves or time.when else time


def _told(source: FactSource, record: Record) -> str | None:
    if source.field is None:
        return source.always
    raw: Any = record.values.get(source.field)
    if raw is None:
        return None
    if isinstance(raw, datetime | date):
        return raw.isoformat()
    return str(raw) if source.means is None else source.means.get(str(raw))


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text[:10])
    except ValueError:
        return None


def _years(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and int(text) <= _OLDEST else None


def everybody(datamap: DataMap, adapters: Mapping[str, DataAdapter]) -> Iterator[list[str]]:
    """The subject ids of everybody whose account is not cancelled, in batches."""
    for name, spec in datamap.people():
        first = next(iter(spec.identities.values()), spec.key[0])
        account = spec.facts.get("account")
        state = account.field if account else None
        fields = [first, *([state] if state else [])]
        means = (account.means if account else None) or {}
        gone = {raw for raw, meaning in means.items() if meaning == "cancelled"}
        for batch in adapters[spec.store].scan(spec, Always(), fields):
            yield [
                datamap.subject_id(name, str(record.values[first]))
                for record in batch
                if state is None or str(record.values.get(state)) not in gone
            ]
