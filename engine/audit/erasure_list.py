"""The erasure list: who was erased, kept so that restoring a backup does not bring them back.

It holds keyed HMACs of identity values, in the database and in a second file elsewhere. The file is
written first, before the caller's transaction commits: a rolled-back erasure leaves a line too many
(and is tried again), a committed one can never be missing from the file.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from engine.audit.entries import stamp
from engine.audit.keyfiles import sync_folder
from engine.audit.statements import insert_ignore
from engine.errors import LedgerBroken, StoreUnavailable
from engine.store.tables.audit import erasure_list as table


@dataclass(frozen=True, slots=True)
class Identity:
    """A value that identifies a person, such as `email` or `user_id`."""

    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Suppressed:
    """One line of the list: a digest in hex, the kind of identity, which key made it, since when."""

    digest: str
    identity: str
    key_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    """What `merge` did: lines restored to the database, written to the file, and unreadable ones."""

    restored: int
    written: int
    unreadable: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ErasureList:
    """The list under its persistent key; `path` is the second place, None when none is configured."""

    key: bytes = field(repr=False)
    path: Path | None = None

    @property
    def key_id(self) -> str:
        """A value that names the key without telling anything about it."""
        return hmac.new(self.key, b"upheld erasure list key", hashlib.sha256).hexdigest()[:16]

    def digest(self, identity: Identity) -> str:
        """Return the keyed HMAC of an identity; e-mail addresses compare without case."""
        value = unicodedata.normalize("NFKC", identity.value).strip()
        folded = value.casefold() if identity.kind == "email" else value
        text = f"{identity.kind}\0{folded}".encode()
        return hmac.new(self.key, text, hashlib.sha256).hexdigest()

    def add(self, conn: Connection, identities: Sequence[Identity], now: datetime) -> None:
        """Record identities in the caller's transaction and, on disk, in the file.

        Raises StoreUnavailable when the file cannot be written: an erasure that a restore would
        undo must not be reported as done.
        """
        lines = [Suppressed(self.digest(i), i.kind, self.key_id, now) for i in identities]
        self._append(lines)
        for line in lines:
            _insert(conn, line)

    def contains(self, conn: Connection, identity: Identity) -> bool:
        """Was this identity erased? Raises LedgerBroken when the list was made with another key."""
        return bool(self.matching(conn, [identity]))

    def matching(self, conn: Connection, identities: Sequence[Identity]) -> tuple[Identity, ...]:
        """Return those of the identities that were erased; raises LedgerBroken as `contains` does."""
        self.check_key(conn)
        digests = {identity: self.digest(identity) for identity in identities}
        query = select(table.c.digest).where(table.c.digest.in_(set(digests.values())))
        found = set(conn.execute(query).scalars())
        return tuple(identity for identity, digest in digests.items() if digest in found)

    def check_key(self, conn: Connection) -> None:
        """Raise LedgerBroken when any line was made with another key, and so can match nobody."""
        query = select(table.c.at).where(table.c.key_id != self.key_id).limit(1)
        if conn.execute(query).first() is not None:
            raise LedgerBroken(_WRONG_KEY)

    def merge(self, conn: Connection) -> Merged:
        """Bring database and file to the same lines; run it at every start and after every restore.

        A line cut short by a crash was never committed and is passed over; its number is in
        `unreadable`. Raises LedgerBroken when the file was made with another key.
        """
        kept, unreadable = self._read()
        if any(line.key_id != self.key_id for line in kept):
            raise LedgerBroken(_WRONG_KEY)
        filed = {line.digest: line for line in kept}
        rows = conn.execute(select(table).order_by(table.c.at, table.c.digest)).all()
        stored = {row.digest: Suppressed(**row._mapping) for row in rows}
        restored = sum(_insert(conn, line) for key, line in filed.items() if key not in stored)
        missing = [line for key, line in stored.items() if key not in filed]
        self._append(missing)
        return Merged(restored, 0 if self.path is None else len(missing), unreadable)

    def _read(self) -> tuple[list[Suppressed], tuple[int, ...]]:
        if self.path is None or not self.path.exists():
            return [], ()
        lines: list[Suppressed] = []
        unreadable = []
        with self.path.open(encoding="utf-8", errors="replace") as file:
            for number, text in enumerate(file, start=1):
                line = _parse(text)
                if line is None:
                    unreadable.append(number)
                else:
                    lines.append(line)
        return lines, tuple(unreadable)

    def _append(self, lines: Sequence[Suppressed]) -> None:
        if self.path is None or not lines:
            return
        data = "".join(f"{_text(line)}\n" for line in lines).encode()
        try:
            _append_durably(self.path, data)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StoreUnavailable("erasure list", f"`{self.path}`: {reason}") from error


_WRONG_KEY = (
    "the erasure list was made with another key and would match nobody: "
    "put the original `erasure.key` back, or set `UPHELD_ERASURE_KEY` to it"
)


def _insert(conn: Connection, line: Suppressed) -> bool:
    return insert_ignore(
        conn, table, digest=line.digest, identity=line.identity, key_id=line.key_id, at=line.at
    )


def _text(line: Suppressed) -> str:
    fields = {"at": stamp(line.at), "digest": line.digest, "identity": line.identity}
    return json.dumps(fields | {"key": line.key_id}, sort_keys=True)


def _parse(text: str) -> Suppressed | None:
    try:
        fields: dict[str, Any] = json.loads(text)
        digest = bytes.fromhex(fields["digest"])
        at = datetime.fromisoformat(fields["at"])
        line = Suppressed(digest.hex(), str(fields["identity"]), str(fields["key"]), at)
    except (ValueError, KeyError, TypeError):
        return None
    return line if len(digest) == hashlib.sha256().digest_size and at.tzinfo else None


def _append_durably(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(handle).st_size
        # A line that a crash cut short must not swallow the one that follows.
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        _write_all(handle, b"\n" + data if torn else data)
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(path.parent)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
