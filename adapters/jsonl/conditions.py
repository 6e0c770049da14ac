"""From a condition to a test of one row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters import moments
from adapters.jsonl.lines import Row, get
from adapters.jsonl.rewrite import changed
from adapters.values import as_text
from engine.datamap.model import Dataset, TimeSource
from engine.ports import (
    AllOf,
    Always,
    AnyOf,
    Before,
    Change,
    Condition,
    IsNull,
    KeyIn,
    Link,
    Not,
    OfRow,
    OneOf,
    Reaches,
    TimeMissing,
    Untreated,
)

Test = Callable[[Row], bool]
Read = Callable[[Dataset], Iterator[Row]]

_WORDS = {True: ("true", "t", "yes", "y", "on", "1"), False: ("false", "f", "no", "n", "off", "0")}


class Compiler:
    """Makes tests for the rows of one dataset; `read` gives the rows of another of the same store.

    `zone`: in which a date alone is a day.
    """

    def __init__(self, dataset: Dataset, read: Read, zone: moments.Zone) -> None:
        self._dataset = dataset
        self._read = read
        self._zone = zone

    def mine(self) -> Test:
        """Whether a line is a row of the dataset."""
        tests = [one_of(field, values) for field, values in self._dataset.rows.items()]
        return lambda row: row.data is not None and all(test(row) for test in tests)

    def holds(self, condition: Condition) -> Test:
        """The test that a condition means."""
        match condition:
            case AllOf(parts):
                tests = [self.holds(part) for part in parts]
                return lambda row: all(test(row) for test in tests)
            case AnyOf(parts):
                tests = [self.holds(part) for part in parts]
                return lambda row: any(test(row) for test in tests)
            case Not(part):
                test = self.holds(part)
                return lambda row: not test(row)
            case Reaches(links, where):
                return self._reaches(links, where)
            case _:
                return self._of_row(condition)

    def _of_row(self, condition: OfRow) -> Test:
        match condition:
            case Always():
                return lambda _row: True
            case Before(time, limit):
                return lambda row: (at := time_of(time, row, self._zone)) is not None and at < limit
            case TimeMissing(time):
                return lambda row: time_of(time, row, self._zone) is None
            case OneOf(field, values, fold):
                return one_of(field, values, fold)
            case IsNull(field):
                return lambda row: get(row.data, field) is None
            case Untreated(field, how):
                change = {field: Change(how)}
                # Whatever the key of a hash, what is hashed already stays and everything else changes.
                return lambda row: changed(row.data or {}, change, b"") != (row.data or {})
            case KeyIn(keys):
                return self._key_in(keys)

    def _key_in(self, keys: Sequence[tuple[Any, ...]]) -> Test:
        wanted = {tuple(as_text(part) for part in key) for key in keys}
        fields = self._dataset.key
        if not fields:
            return lambda row: row.key in wanted
        return lambda row: tuple(as_text(get(row.data, field)) for field in fields) in wanted

    def _reaches(self, links: Sequence[Link], where: Condition) -> Test:
        """The values of the rows that satisfy `where` are gathered first: they must fit into memory."""
        if not links:
            return self.holds(where)
        first = links[0]
        target = Compiler(first.target, self._read, self._zone)
        mine, there = target.mine(), target.holds(Reaches(tuple(links[1:]), where))
        rows = (row for row in self._read(first.target) if mine(row) and there(row))
        values = {get(row.data, first.target_field) for row in rows} - {None}
        return one_of(first.field, values, first.fold)


def time_of(time: TimeSource, row: Row, zone: moments.Zone) -> Any:
    """The event's time in a row; None if missing."""
    return moments.time_of(time, {field: get(row.data, field) for field in time.fields}, zone)


def one_of(field: str, values: Iterable[Any], fold: bool = False) -> Test:
    """Whether a field has one of the values: numbers compare as numbers, whatever their spelling."""
    texts = {as_text(value) for value in values}
    if fold:
        lowered = {text.lower() for text in texts}
        return lambda row: (
            (got := get(row.data, field)) is not None and (as_text(got).lower() in lowered)
        )
    numbers = {_number(text) for text in texts} - {None}
    booleans = {meant for meant, words in _WORDS.items() for text in texts if text in words}

    def test(row: Row) -> bool:
        got = get(row.data, field)
        if isinstance(got, bool):
            return got in booleans
        if isinstance(got, int | float):
            return _number(str(got)) in numbers
        return isinstance(got, str) and got in texts

    return test


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None
