"""What the engine needs from outside. The docstrings are the contract; `adapters/conformance.py` tests it.

A `Condition` says which rows are meant. The store that holds the data evaluates it: the engine never pulls
rows through Python in order to filter them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from engine.datamap.model import Dataset, TimeSource

Transformation = Literal["truncate ip", "hash", "year"]
"""How a value is made anonymous and still says something; doing it again changes nothing."""


@dataclass(frozen=True, slots=True)
class Always:
    """Every row of the dataset."""


@dataclass(frozen=True, slots=True)
class Before:
    """The event happened, and strictly before `limit` (aware). Missing, zero or NULL times are not before."""

    time: TimeSource
    limit: datetime


@dataclass(frozen=True, slots=True)
class TimeMissing:
    """The time is absent, NULL, zero or unreadable (a state that does not hold is also missing)."""

    time: TimeSource


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these values. Values may be text: the store compares by the column's own type.

    `fold` compares as text without regard to case (e-mail addresses).
    """

    field: str
    values: tuple[Any, ...]
    fold: bool = False


@dataclass(frozen=True, slots=True)
class IsNull:
    """The field is NULL or absent."""

    field: str


@dataclass(frozen=True, slots=True)
class Untreated:
    """The field holds a value that this change would turn into another."""

    field: str
    how: Transformation


@dataclass(frozen=True, slots=True)
class KeyIn:
    """The row's key is one of these (each a tuple in the order of `Dataset.key`)."""

    keys: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Link:
    """One step from a row to another dataset of the same store: own `field` equals `target_field` there.

    `fold` compares as text without regard to case (e-mail addresses).
    """

    field: str
    target: Dataset
    target_field: str
    fold: bool = False


@dataclass(frozen=True, slots=True)
class Reaches:
    """The row that the links lead to exists and satisfies `where` (links of one store only)."""

    links: tuple[Link, ...]
    where: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds; with no parts, every row."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds; with no parts, no row."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold (two-valued: a comparison with NULL does not hold, so its Not does)."""

    part: Condition


OfRow = Always | Before | TimeMissing | OneOf | IsNull | Untreated | KeyIn
"""What is told from the row alone."""

Condition = OfRow | Reaches | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True)
class Record:
    """One row: its key, and the fields asked for (by their names in the data map; JSON paths resolved)."""

    key: tuple[Any, ...]
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one field: set to `value`, or transformed (`truncate ip`, `hash`, `year`)."""

    how: Literal["set", "truncate ip", "hash", "year"]
    value: Any = None


@dataclass(frozen=True, slots=True)
class Edit:
    """Rows to delete (`changes` is None), or to change. Both are idempotent: an edited row matches no more,
    or editing it again changes nothing and is not counted."""

    where: Condition
    changes: Mapping[str, Change] | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """What one call of `apply` did: rows by edit; whether rows may remain; files that must close first."""

    rows: tuple[int, ...]
    more: bool
    waiting: tuple[str, ...] = ()
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """A column as the store has it; `type` in the store's own words, lowercase."""

    name: str
    type: str
    nullable: bool = True
    references: str | None = None


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table (or set of files) as the store has it; `rows` is an estimate or exact, None if unknown."""

    name: str
    columns: tuple[ColumnShape, ...]
    key: tuple[str, ...] = ()
    rows: int | None = None
    indexes: tuple[tuple[str, ...], ...] = field(default=())


class DataAdapter(Protocol):
    """One store of personal data. Methods raise `StoreUnavailable` when it does not answer.

    Names of tables and fields come from the data map and are checked against the real schema and quoted;
    values are always bound, never put into text.
    """

    store: str

    def shapes(self) -> tuple[TableShape, ...]:
        """Every table that exists, mapped or not, to find drift."""
        ...

    def distinct(self, dataset: Dataset, field: str, limit: int) -> tuple[str, ...]:
        """Up to `limit` distinct values of a field over the whole table (ignoring `rows`), as text."""
        ...

    def alike(self, dataset: Dataset, field: str) -> tuple[str, ...]:
        """The values of a field that several rows have, but perhaps for case: one for each of these rows."""
        ...

    def count(self, dataset: Dataset, where: Condition) -> int:
        """How many rows of the dataset satisfy the condition."""
        ...

    def extent(
        self, dataset: Dataset, where: Condition, time: TimeSource
    ) -> tuple[datetime | None, datetime | None]:
        """The oldest and the newest readable time among the rows that satisfy the condition."""
        ...

    def scan(
        self, dataset: Dataset, where: Condition, fields: Sequence[str], *, batch: int = 5000
    ) -> Iterator[Sequence[Record]]:
        """The rows in the order of their key, streamed in batches: memory stays flat at any size.

        A store of files keeps the order of writing instead, and a row without a key of its own is known by
        its file and the digest of its line, which lines that are equal in every byte share. Rows that come,
        go or change between two batches may or may not be seen; every other row is seen exactly once.
        """
        ...

    def time_of(self, time: TimeSource, record: Record) -> datetime | None:
        """The event's time (aware, UTC) in a scanned record that holds `time`'s fields; None if missing."""
        ...

    def apply(self, dataset: Dataset, edits: Sequence[Edit], *, limit: int) -> Applied:
        """Carry out one bounded batch, in one transaction of the store: at most about `limit` rows.

        Call again while `more`. A store of files rewrites each closed file once for all edits together; a
        file that is still written to waits, and `waits_until` says until when.
        """
        ...

    def grants(self, dataset: Dataset, role: str) -> tuple[str, ...]:
        """The least privileges that planning and purging this dataset need, as statements to run."""
        ...

    def finish(self) -> tuple[str, ...]:
        """After a purge: make deletions physical where the store can, so that no file still holds them.

        Returns what could not be done now, in plain words (a reader still holds the write-ahead log, say).
        """
        ...

    def close(self) -> None:
        """Release every connection and file."""
        ...


class Clock(Protocol):
    """Where the time comes from; injected so that tests can set it."""

    def now(self) -> datetime:
        """The present, aware, in UTC."""
        ...


class Addresses(Protocol):
    """How a person is reached."""

    def addresses(self, subject_id: str) -> Sequence[str]:
        """The person's e-mail addresses, the one to write to first; none if they have none or are gone."""
        ...


class Notifier(Protocol):
    """How a person is told something."""

    def send(self, to: str, subject: str, body: str) -> None:
        """Deliver a plain-text message; `Unavailable` if it cannot be handed over now."""
        ...
