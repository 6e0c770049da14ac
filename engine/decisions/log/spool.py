"""A process's own spool: each line is one append by write(2), so what was answered outlives the process.

A spool is a row of files, `<random>.spool`, each locked while its process writes to it. The lock tells the
shipper who is alive: the kernel releases it with the process, however that ends. With `durable` an append
returns only when the line is on the disk; appends that wait at the same time share one fsync.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
import time
from collections import deque
from pathlib import Path
from typing import Literal

from engine.errors import Unavailable

ENDING = ".spool"
SEGMENT = 4 * 1024 * 1024
"""Bytes after which the next file is begun, so that what is shipped can be deleted."""

_LOOK_AGAIN = 0.2
"""Seconds between two looks whether a full spool has room again."""


class SpoolFull(Unavailable):
    """The decision log cannot take more: nothing may be answered that would not be recorded."""


class Spool:
    """Appends lines. `limit` is in bytes that are not yet shipped; `when_full` says what happens then."""

    def __init__(
        self,
        folder: Path,
        *,
        limit: int,
        when_full: Literal["block", "drop"] = "block",
        durable: bool = False,
        segment: int = SEGMENT,
    ) -> None:
        self._folder = folder
        self._limit = limit
        self._drops = when_full == "drop"
        self._durable = durable
        self._segment = max(1, min(segment, limit // 2))
        self._lock = threading.Lock()
        self._syncing = threading.Lock()
        self._handle = -1
        self._path = folder
        self._size = 0
        self._written = self._synced = 0
        self._closed: deque[tuple[Path, int]] = deque()
        self._looked = 0.0
        self.dropped = 0
        """Lines that were not recorded because the spool was full and was told to drop."""

    @property
    def waiting(self) -> int:
        """Bytes of this process's spool that are not known to be shipped."""
        with self._lock:
            self._forget_shipped()
            return self._held()

    def append(self, lines: bytes, count: int = 1) -> bool:
        """Append lines with their ends, all or none; False if dropped. SpoolFull if it can be neither."""
        try:
            mine = self._append(lines)
        except SpoolFull:
            if not self._drops:
                raise
            with self._lock:
                self.dropped += count
            return False
        if self._durable:
            self._sync(mine)
        return True

    def close(self) -> None:
        """Let the shipper have what is left."""
        with self._lock:
            if self._handle >= 0:
                os.close(self._handle)
            self._handle = -1

    def _append(self, line: bytes) -> int:
        with self._lock:
            self._make_room(len(line))
            if self._handle < 0 or self._size + len(line) > self._segment:
                self._next_file()
            self._write(line)
            return self._written

    def _make_room(self, needed: int) -> None:
        if not self._is_full(needed):
            return
        now = time.monotonic()
        if now - self._looked >= _LOOK_AGAIN:
            self._looked = now
            self._forget_shipped()
        if self._is_full(needed):
            raise SpoolFull("the decision log is full, so nothing is decided until it is shipped")

    def _is_full(self, needed: int) -> bool:
        return self._held() + needed > self._limit

    def _held(self) -> int:
        return self._size + sum(size for _, size in self._closed)

    def _forget_shipped(self) -> None:
        """The shipper deletes a closed file when the store has all of it."""
        while self._closed and not self._closed[0][0].exists():
            self._closed.popleft()

    def _next_file(self) -> None:
        try:
            handle, path = create(self._folder)
        except OSError as error:
            raise SpoolFull(f"the decision log cannot be written: {error.strerror}") from error
        if self._handle >= 0:
            if self._durable:
                os.fsync(self._handle)
                self._synced = self._written
            os.close(self._handle)
            self._closed.append((self._path, self._size))
        self._handle, self._path, self._size = handle, path, 0

    def _write(self, line: bytes) -> None:
        try:
            done = os.write(self._handle, line)
        except OSError as error:
            raise SpoolFull(f"the decision log cannot be written: {error.strerror}") from error
        if done < len(line):
            # Nobody was answered by the torn line, and the shipper takes none without its end.
            os.ftruncate(self._handle, self._size)
            raise SpoolFull("the decision log cannot be written: the disk is full")
        self._size += done
        self._written += done

    def _sync(self, mine: int) -> None:
        with self._syncing:
            with self._lock:
                if self._synced >= mine:
                    return
                # A copy of the handle: another thread may begin the next file meanwhile.
                handle, reached = os.dup(self._handle), self._written
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
            with self._lock:
                self._synced = max(self._synced, reached)


def create(folder: Path) -> tuple[int, Path]:
    """A new, locked file of a spool. It gets its name only when it is locked: no shipper sees it before."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(16)}{ENDING}"
    draft = path.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.rename(path)
    except BaseException:
        os.close(handle)
        raise
    return handle, path
