"""Writing a closed file anew without some of its rows, so that at every moment one whole file is there."""

from __future__ import annotations

import fcntl
import gzip
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from adapters import changes
from adapters.jsonl.files import TEMPORARY
from adapters.jsonl.lines import Row, get, put, read_rows
from engine.ports import Change

Treat = Callable[[Row], bytes | None]
"""What becomes of a line: its bytes, the same or others, or None when it goes."""

Stamp = tuple[str, int, int, int]
"""What tells that a file is still the one it was."""


def stamp_of(path: Path) -> Stamp:
    """The file's name, number, size and time of writing."""
    found = path.stat()
    return (str(path), found.st_ino, found.st_size, found.st_mtime_ns)


def rewrite(path: Path, name: str, treat: Treat) -> bool:
    """Write the file anew and put it in the old one's place; mode, owner and times stay.

    A file of which nothing is left is removed. False, and nothing done, if the file changed meanwhile.
    """
    with _alone(path.parent):
        return _rewrite(path, name, treat)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One rewriter a folder at a time, over all processes; the lock ends with its holder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _rewrite(path: Path, name: str, treat: Treat) -> bool:
    before = stamp_of(path)
    new = path.with_name(f".{path.name}{TEMPORARY}")
    new.unlink(missing_ok=True)
    try:
        written = _write(new, path, name, treat)
        if stamp_of(path) != before:
            return False
        if written:
            new.replace(path)
        else:
            path.unlink()
        _sync_folder(path.parent)
        return True
    finally:
        new.unlink(missing_ok=True)


def changed(data: Mapping[str, Any], edits: Mapping[str, Change], key: bytes) -> Mapping[str, Any]:
    """The object with its fields changed; the very same one if nothing changes."""
    for field, change in edits.items():
        old = get(data, field)
        if old is None and (change.how != "set" or "." in field):
            continue
        new = _value(change, old, key)
        if new != old or type(new) is not type(old):
            data = put(data, field, new)
    return data


def as_line(data: Mapping[str, Any], before: bytes) -> bytes:
    """An object as a line that ends as the one before it did."""
    ending = before[len(before.rstrip(b"\r\n")) :]
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "surrogatepass") + ending


def _value(change: Change, old: object, key: bytes) -> object:
    match change.how:
        case "hash":
            return changes.hashed(old, key)
        case "truncate ip":
            return changes.truncated_ip(old)
        case "year":
            return changes.year(old)
        case "set":
            return _as(change.value, old)


def _as(value: object, old: object) -> object:
    """A value from YAML is text; where a number stood, a number that it spells stays one."""
    if isinstance(old, int | float) and not isinstance(old, bool) and isinstance(value, str):
        try:
            return json.loads(value) if value.lstrip("-")[:1].isdigit() else value
        except ValueError:
            return value
    return value


def _write(new: Path, path: Path, name: str, treat: Treat) -> bool:
    found = path.stat()
    written = False
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(new, flags, 0o600), "wb") as file:
        with _compressing(file, path) as lines:
            for raw in _treated(path, name, treat):
                lines.write(raw)
                written = True
        file.flush()
        if (found.st_uid, found.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(file.fileno(), found.st_uid, found.st_gid)
        os.fchmod(file.fileno(), found.st_mode & 0o7777)
        os.utime(file.fileno(), ns=(found.st_atime_ns, found.st_mtime_ns))
        os.fsync(file.fileno())
    return written


def _treated(path: Path, name: str, treat: Treat) -> Iterator[bytes]:
    for row in read_rows(path, name, closed=True):
        kept = treat(row)
        if kept is not None:
            yield kept


@contextmanager
def _compressing(file: IO[bytes], path: Path) -> Iterator[IO[bytes]]:
    if path.suffix != ".gz":
        yield file
        return
    packed = gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0)
    with packed, io.BufferedWriter(packed) as buffered:
        yield buffered


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
