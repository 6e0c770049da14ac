"""The adapter itself: reading files line by line, and rewriting those that are closed."""

from __future__ import annotations

import secrets
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from adapters import moments
from adapters.jsonl.conditions import Compiler, Test, time_of
from adapters.jsonl.files import GRACE, LogFile, files_of
from adapters.jsonl.lines import Row, get, read_rows
from adapters.jsonl.rewrite import Stamp, as_line, changed, rewrite, stamp_of
from adapters.jsonl.shapes import read_shapes
from adapters.values import as_text
from engine.datamap.model import Dataset, TimeSource
from engine.errors import PolicyError, StoreUnavailable
from engine.policy.findings import Position, error
from engine.ports import Applied, Clock, Condition, Edit, Record, TableShape

Locate = Callable[..., Position]


@dataclass
class _Known:
    """Files in which these edits found nothing to do, so that the next batch need not read them."""

    dataset: Dataset
    edits: tuple[Edit, ...]
    clean: set[Stamp] = field(default_factory=set)


@dataclass
class _Tally:
    """What is done to the rows of a file."""

    rows: list[int]
    malformed: int = 0


class JsonlAdapter:
    """A `DataAdapter` for a folder of JSON lines. `patterns` are those of the data map, for `shapes`.

    Only closed files are rewritten: a line that a program writes is never lost. `hash_key` makes `anonymise:
    hash` repeatable from run to run; without it a key is drawn, and forgotten at the end. A date alone is a
    day of the `zone`.
    """

    def __init__(
        self, store: str, folder: str | Path, *, clock: Clock, patterns: Sequence[str] = (),
        grace: timedelta = GRACE, locate: Locate | None = None, hash_key: bytes | None = None,
        zone: moments.Zone = moments.utc,
    ) -> None:  # fmt: skip
        self.store = store
        self._folder = Path(folder)
        self._clock = clock
        self._patterns = tuple(dict.fromkeys(patterns))
        self.grace = grace
        self._locate = locate or (lambda *_: Position("datamap.yaml"))
        self._zone = zone
        self._hash_key = hash_key or secrets.token_bytes(32)
        self._known: _Known | None = None
        self._malformed: Counter[str] = Counter()

    def shapes(self) -> tuple[TableShape, ...]:
        """Every pattern of the data map, and every file that none of them takes, with the fields seen."""
        with self._reading():
            return read_shapes(self._folder, self._patterns)

    def distinct(self, dataset: Dataset, field: str, limit: int) -> tuple[str, ...]:
        """Up to `limit` distinct values of a field over all lines, as text."""
        found: dict[str, None] = {}
        for row in self._rows(dataset):
            value = get(row.data, field)
            if value is not None:
                found[as_text(value)] = None
            if len(found) == limit:
                break
        return tuple(found)

    def alike(self, dataset: Dataset, field: str) -> tuple[str, ...]:
        """The values of a field that several lines have, but perhaps for case: one for each line."""
        found: dict[str, list[str]] = {}
        for row in self._rows(dataset):
            value = get(row.data, field)
            if value is not None:
                found.setdefault(as_text(value).lower(), []).append(as_text(value))
        return tuple(value for values in found.values() if len(values) > 1 for value in values)

    def count(self, dataset: Dataset, where: Condition) -> int:
        """How many rows of the dataset satisfy the condition."""
        return sum(1 for _ in self._matching(dataset, where))

    def extent(
        self, dataset: Dataset, where: Condition, time: TimeSource
    ) -> tuple[datetime | None, datetime | None]:
        """The oldest and the newest readable time among the rows that satisfy the condition."""
        oldest: datetime | None = None
        newest: datetime | None = None
        for row in self._matching(dataset, where):
            at = time_of(time, row, self._zone)
            if at is not None:
                oldest = at if oldest is None or at < oldest else oldest
                newest = at if newest is None or at > newest else newest
        return oldest, newest

    def scan(
        self, dataset: Dataset, where: Condition, fields: Sequence[str], *, batch: int = 5000
    ) -> Iterator[Sequence[Record]]:
        """The rows in the order of file names and lines, in batches."""
        rows = (self._record(dataset, row, fields) for row in self._matching(dataset, where))
        while records := list(islice(rows, batch)):
            yield records

    def time_of(self, time: TimeSource, record: Record) -> datetime | None:
        """The event's time in a scanned record; None if missing."""
        return moments.time_of(time, record.values, self._zone)

    def apply(self, dataset: Dataset, edits: Sequence[Edit], *, limit: int) -> Applied:
        """Rewrite closed files, each once for all edits, until about `limit` rows are done."""
        known = self._recall(dataset, tuple(edits))
        compiler = Compiler(dataset, self._rows, self._zone)
        mine, tests = compiler.mine(), [compiler.holds(edit.where) for edit in edits]
        totals, waiting, more = [0] * len(edits), [], False
        now = self._clock.now()
        with self._reading():
            for file in self._files(dataset):
                if sum(totals) >= limit:
                    more = True
                    break
                done = self._treat(file, known, mine, tests, now)
                if done is None:
                    waiting.append(file)
                else:
                    totals = [a + b for a, b in zip(totals, done, strict=True)]
        if not more:
            self._known = None
        return Applied(tuple(totals), more, tuple(f.name for f in waiting), _until(waiting))

    def grants(self, dataset: Dataset, role: str) -> tuple[str, ...]:
        """None: who may change the files is decided by the file system."""
        return ()

    def finish(self) -> tuple[str, ...]:
        """Which lines were kept because they cannot be read."""
        told = [
            f"{count} {'line' if count == 1 else 'lines'} of `{name}` could not be read and stayed"
            for name, count in sorted(self._malformed.items())
        ]
        self._malformed.clear()
        return tuple(told)

    def close(self) -> None:
        """Nothing stays open between two calls."""

    def _treat(
        self, file: LogFile, known: _Known, mine: Test, tests: list[Test], now: datetime
    ) -> list[int] | None:
        """Rows done by edit; None if there is something to do and the file is not closed."""
        stamp, closed = stamp_of(file.path), file.closed(now)
        if stamp in known.clean:
            return [0] * len(tests)
        tally = _Tally([0] * len(tests))

        def treat(row: Row) -> bytes | None:
            return self._line(row, known.edits, mine, tests, tally)

        rows = read_rows(file.path, file.name, closed=closed)
        touched = any(treat(row) is not row.raw for row in rows)
        if touched and not closed:
            return None
        if touched:
            tally.rows, tally.malformed = [0] * len(tests), 0
            if not rewrite(file.path, file.name, treat):
                return None
        if closed and file.path.exists():
            known.clean.add(stamp_of(file.path))
        if tally.malformed:
            self._malformed[file.name] = tally.malformed
        return tally.rows

    def _line(
        self, row: Row, edits: Sequence[Edit], mine: Test, tests: list[Test], tally: _Tally
    ) -> bytes | None:
        """What becomes of a line; the very same bytes if nothing does."""
        if row.data is None:
            tally.malformed += bool(row.raw.strip())
            return row.raw
        if not mine(row):
            return row.raw
        raw, data = row.raw, row.data
        wanted = [test(row) for test in tests]  # before any of them changes it
        for number, edit in enumerate(edits):
            if not wanted[number]:
                continue
            if edit.changes is None:
                tally.rows[number] += 1
                return None
            new = changed(data, edit.changes, self._hash_key)
            tally.rows[number] += new is not data
            data = new
        return raw if data is row.data else as_line(data, raw)

    def _recall(self, dataset: Dataset, edits: tuple[Edit, ...]) -> _Known:
        known = self._known
        if known is None or known.dataset != dataset or known.edits != edits:
            known = self._known = _Known(dataset, edits)
        return known

    def _matching(self, dataset: Dataset, where: Condition) -> Iterator[Row]:
        compiler = Compiler(dataset, self._rows, self._zone)
        mine, holds = compiler.mine(), compiler.holds(where)
        return (row for row in self._rows(dataset) if mine(row) and holds(row))

    def _rows(self, dataset: Dataset) -> Iterator[Row]:
        now = self._clock.now()
        with self._reading():
            for file in self._files(dataset):
                yield from read_rows(file.path, file.name, closed=file.closed(now))

    def _files(self, dataset: Dataset) -> Iterator[LogFile]:
        if dataset.files is None:
            message = "files of JSON lines need `files: …`"
            finding = error("NO_FILES", message, self._locate(dataset, "table"))
            raise PolicyError(f"{finding.where}: {message}", [finding])
        if not self._folder.is_dir():
            raise StoreUnavailable(self.store, f"there is no folder `{self._folder}`")
        yield from files_of(self._folder, dataset.files, self.grace)

    def _record(self, dataset: Dataset, row: Row, fields: Sequence[str]) -> Record:
        key: tuple[Any, ...] = tuple(get(row.data, name) for name in dataset.key) or row.key
        return Record(key, {name: get(row.data, name) for name in fields})

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """An error of the file system names no row, but it may name a person in a path: only its kind."""
        try:
            yield
        except (OSError, EOFError, zlib.error) as problem:
            reason = getattr(problem, "strerror", None) or "a compressed file is damaged"
            raise StoreUnavailable(self.store, reason.lower()) from None


def _until(waiting: Sequence[LogFile]) -> datetime | None:
    return max((file.closes for file in waiting if file.closes), default=None)
