"""What an entry of the ledger is: a frozen value, its canonical body, and how a row becomes one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from engine.audit.canonical import MAX_BODY, canonical
from engine.audit.merkle import HASH_SIZE, Edge
from engine.errors import InvalidInput

_KIND = re.compile(r"[a-z][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `body` is the canonical JSON that was hashed, `subject` a pseudonym or None."""

    index: int
    at: datetime
    kind: str
    subject: str | None
    body: bytes
    leaf_hash: bytes

    @property
    def facts(self) -> dict[str, Any]:
        """The facts as they were recorded."""
        facts: dict[str, Any] = json.loads(self.body)["facts"]
        return facts


@dataclass(frozen=True, slots=True)
class Head:
    """The ledger's size and 32-byte root."""

    size: int
    root: bytes


def make_body(
    index: int, kind: str, facts: Mapping[str, Any], at: datetime, subject: str | None
) -> bytes:
    """Return the canonical JSON of an entry; raises InvalidInput when it is too large."""
    fields = {"at": stamp(at), "facts": facts, "index": index, "kind": kind}
    body = canonical(fields if subject is None else fields | {"subject": subject})
    if len(body) > MAX_BODY:
        raise InvalidInput(f"a ledger entry has at most {MAX_BODY} bytes, not {len(body)}", "facts")
    return body


def check_kind(kind: str) -> None:
    """Raise InvalidInput unless a kind reads like `purge.batch`."""
    if not _KIND.fullmatch(kind):
        raise InvalidInput(
            f"`{kind}` is no kind of ledger entry: use lower-case words like `purge.batch`", "kind"
        )


def stamp(at: datetime) -> str:
    """Return RFC 3339 in UTC with microseconds; raises ValueError for a naive time."""
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}: the ledger takes aware times only")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def pack_edge(edge: Edge) -> bytes:
    """Return the peaks end to end, as the head row keeps them."""
    return b"".join(edge.peaks)


def unpack_hashes(packed: bytes) -> tuple[bytes, ...]:
    """Cut hashes that were stored end to end."""
    return tuple(packed[i : i + HASH_SIZE] for i in range(0, len(packed), HASH_SIZE))
