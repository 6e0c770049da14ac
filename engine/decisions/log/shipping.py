"""From the spools of this machine to the store: every complete line once, a ledger entry for each batch.

How much of a file is shipped is stored in the same transaction as its lines, so a shipper that dies between
two steps leaves nothing half-done. One shipper at a time works on a folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from engine.audit import ledger
from engine.audit.statements import insert_ignore
from engine.decisions.log.record import read
from engine.decisions.log.spool import ENDING
from engine.ports import Clock
from engine.promises.observations import record_asked
from engine.store.database import Database
from engine.store.tables.decisions import decision_log, decision_spools

BATCH = 1024 * 1024
"""Bytes of a spool that go to the store in one transaction."""

_LOCK = ".shipping"


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one look at the folder brought: records that the store took, and lines that nobody can read."""

    records: int = 0
    damaged: int = 0

    def __add__(self, other: Shipped) -> Shipped:
        return Shipped(self.records + other.records, self.damaged + other.damaged)


class Shipper:
    """Ships the spools of one folder."""

    def __init__(
        self, folder: Path, database: Database, clock: Clock, *, batch: int = BATCH
    ) -> None:
        self._folder = folder
        self._database = database
        self._clock = clock
        self._batch = batch

    def ship(self) -> Shipped:
        """Ship everything that is complete now; nothing if another shipper is at it."""
        total = Shipped()
        with self._alone() as mine:
            for path in self._spools() if mine else ():
                total += self._ship_file(path)
        return total

    def waiting(self) -> int:
        """Bytes in the folder; those of live files that are shipped already count too."""
        return sum(_size(path) for path in self._spools())

    def _spools(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{ENDING}"), key=lambda path: path.name)

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        if not self._folder.is_dir():
            yield False
            return
        handle = os.open(self._folder / _LOCK, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            yield _lock(handle)
        finally:
            os.close(handle)

    def _ship_file(self, path: Path) -> Shipped:
        handle = os.open(path, os.O_RDONLY)
        try:
            # Asked before reading: what is locked may grow behind the last read.
            over = _lock(handle)
            shipped = self._ship_lines(path.stem, handle, over)
            if over:
                self._finish(path)
            return shipped
        finally:
            os.close(handle)

    def _ship_lines(self, spool: str, handle: int, over: bool) -> Shipped:
        total = Shipped()
        place = self._reached(spool)
        while batch := _complete(os.pread(handle, self._batch, place), over):
            with self._database.begin() as conn:
                total += _take(conn, spool, place, batch, self._clock.now())
            place += len(batch)
        return total

    def _reached(self, spool: str) -> int:
        with self._database.read() as conn:
            query = select(decision_spools.c.shipped).where(decision_spools.c.spool == spool)
            return conn.execute(query).scalar() or 0

    def _finish(self, path: Path) -> None:
        """Its process is gone and the store has all of it. Deleted first: a name is never used again."""
        path.unlink()
        with self._database.begin() as conn:
            conn.execute(delete(decision_spools).where(decision_spools.c.spool == path.stem))


def _take(conn: Connection, spool: str, place: int, batch: bytes, now: datetime) -> Shipped:
    """Put a batch into the store, in the caller's transaction."""
    insert_ignore(conn, decision_spools, spool=spool, shipped=0)
    known = decision_spools.c.spool == spool
    reached = conn.execute(
        select(decision_spools.c.shipped).where(known).with_for_update()
    ).scalar_one()
    if reached != place:
        return Shipped()
    lines = batch.splitlines(keepends=True)
    told = [(at, found) for at, line in _placed(place, lines) if (found := read(line))]
    if told:
        conn.execute(insert(decision_log), [_row(spool, at, found) for at, found in told])
        _count(conn, (found for _, found in told), now)
    end = place + len(batch)
    conn.execute(update(decision_spools).where(known).values(shipped=end))
    entry = {
        "spool": spool,
        "from": place,
        "to": end,
        "decisions": len(told),
        "sha256": hashlib.sha256(batch).hexdigest(),
    }
    ledger.append(conn, "decisions.logged", entry, now=now)
    return Shipped(len(told), len(lines) - len(told))


def _placed(place: int, lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line with the byte of the spool at which it begins."""
    for line in lines:
        yield place, line
        place += len(line)


def _row(spool: str, place: int, told: Mapping[str, Any]) -> dict[str, Any]:
    at = datetime.fromtimestamp(told["at"] / 1000, UTC)
    return {**{name: told[name] for name in _SAME}, "spool": spool, "place": place, "at": at}


_SAME = (
    "request", "caller", "mode", "subject", "operation", "category", "purpose", "recipient", "effect",
    "rule", "lacks", "version", "digest",
)  # fmt: skip


def _count(conn: Connection, decisions: Iterable[Mapping[str, Any]], now: datetime) -> None:
    """Count the decisions whose rule wants a log: what was asked, of nobody in particular."""
    seen: Counter[tuple[str, ...]] = Counter()
    for told in decisions:
        if told["counted"]:
            seen.update(tuple(leaf[n] for n in _COUNTED) for leaf in told.get("leaves") or (told,))
    for names, times in seen.items():
        record_asked(conn, names, times, now=now)


_COUNTED = ("operation", "category", "purpose", "recipient", "effect", "rule", "lacks")


def _complete(data: bytes, over: bool) -> bytes:
    """The whole lines; the torn end of a file that nobody writes any more counts as one, too."""
    end = data.rfind(b"\n") + 1
    return data if over and not end else data[:end]


def _lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
