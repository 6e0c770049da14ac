"""The ledger: append an entry in the caller's transaction, and read entries back.

Call `append` as late in a transaction as possible: from then to its commit, other writers of the
ledger wait. That wait is what keeps the numbering gapless and the order the same as the order of
commits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine.audit import subjects
from engine.audit.canonical import plain_facts
from engine.audit.entries import Entry, Head, check_kind, make_body, pack_edge, unpack_hashes
from engine.audit.merkle import Edge, leaf_hash
from engine.audit.raw import as_bytes, as_size, raw
from engine.audit.statements import insert_ignore
from engine.errors import LedgerBroken
from engine.store.tables.audit import ledger_entries, ledger_head

_HEAD_ID = 1
_HEAD = select(raw(ledger_head.c.size), raw(ledger_head.c.peaks)).where(
    ledger_head.c.id == _HEAD_ID
)
_LOCKED_HEAD = _HEAD.with_for_update()
_UPDATE_HEAD = update(ledger_head).where(ledger_head.c.id == _HEAD_ID)
_INSERT_ENTRY = insert(ledger_entries)


def append(
    conn: Connection,
    kind: str,
    facts: Mapping[str, Any],
    *,
    now: datetime,
    subject: str | None = None,
) -> Entry:
    """Append one entry in the caller's transaction and return it.

    `facts` is plain JSON without personal data; `subject` is the id of the person that the entry is
    about, of which only a pseudonym is written. Raises InvalidInput for facts that are no plain
    JSON or hold something like an e-mail address, LedgerBroken when the stored tree and entries
    disagree.
    """
    check_kind(kind)
    plain = plain_facts(facts)
    # The head is locked before the salt, here and in `forget_subject`, so that two writers cannot
    # each hold what the other waits for.
    edge = _lock_edge(conn)
    alias = None if subject is None else subjects.ensure_pseudonym(conn, subject, now)
    body = make_body(edge.size, kind, plain, now, alias)
    entry = Entry(edge.size, now.astimezone(UTC), kind, alias, body, leaf_hash(body))
    grown, completed = edge.append(entry.leaf_hash)
    _write(conn, entry, grown, b"".join(completed))
    return entry


def forget_subject(conn: Connection, subject: str) -> bool:
    """Delete the subject's salt, so that no entry can be linked to them; returns whether it existed."""
    _lock_edge(conn)
    return subjects.delete_salt(conn, subject)


def head(conn: Connection) -> Head:
    """Return the ledger's size and root now."""
    edge = read_edge(conn)
    return Head(edge.size, edge.root)


def entries(
    conn: Connection,
    start: int = 0,
    limit: int = 100,
    kind: str | None = None,
    subject: str | None = None,
) -> tuple[Entry, ...]:
    """Return up to `limit` entries from index `start` on, of one kind and about one subject if given.

    `subject` is the subject's id; of a forgotten subject nothing is found.
    """
    query = select(ledger_entries).where(ledger_entries.c.position >= start)
    if kind is not None:
        query = query.where(ledger_entries.c.kind == kind)
    if subject is not None:
        alias = subjects.find_pseudonym(conn, subject)
        if alias is None:
            return ()
        query = query.where(ledger_entries.c.subject == alias)
    rows = conn.execute(query.order_by(ledger_entries.c.position).limit(limit))
    return tuple(_entry(row) for row in rows)


def latest(
    conn: Connection, limit: int = 100, kind: str | None = None, *, before: int | None = None
) -> tuple[Entry, ...]:
    """Return up to `limit` entries, newest first, below an index and of one kind if given."""
    query = select(ledger_entries).order_by(ledger_entries.c.position.desc()).limit(limit)
    if kind is not None:
        query = query.where(ledger_entries.c.kind == kind)
    if before is not None:
        query = query.where(ledger_entries.c.position < before)
    return tuple(_entry(row) for row in conn.execute(query))


def kinds(conn: Connection) -> tuple[str, ...]:
    """Return the kinds of entries that occur, in their order."""
    query = select(ledger_entries.c.kind).distinct().order_by(ledger_entries.c.kind)
    return tuple(conn.execute(query).scalars())


def read_edge(conn: Connection) -> Edge:
    """Return the right edge of the stored tree."""
    row = conn.execute(_HEAD).first()
    return Edge() if row is None else _edge(row[0], row[1])


def _lock_edge(conn: Connection) -> Edge:
    row = conn.execute(_LOCKED_HEAD).first()
    if row is None:
        insert_ignore(conn, ledger_head, id=_HEAD_ID, size=0, peaks=b"")
        row = conn.execute(_LOCKED_HEAD).one()
    return _edge(row[0], row[1])


def _edge(size: object, peaks: object) -> Edge:
    edge = Edge(as_size(size), unpack_hashes(as_bytes(peaks)))
    if len(edge.peaks) != edge.size.bit_count():
        raise LedgerBroken("the ledger's head is damaged: run `upheld audit verify`")
    return edge


def _write(conn: Connection, entry: Entry, edge: Edge, subtrees: bytes) -> None:
    values = {
        "position": entry.index,
        "at": entry.at,
        "kind": entry.kind,
        "subject": entry.subject,
        "body": entry.body,
        "leaf_hash": entry.leaf_hash,
        "subtrees": subtrees,
    }
    try:
        conn.execute(_INSERT_ENTRY, values)
    except IntegrityError as error:
        raise LedgerBroken(
            f"entry {entry.index} exists already although the ledger's head has not reached it: "
            "run `upheld audit verify`"
        ) from error
    conn.execute(_UPDATE_HEAD, {"size": edge.size, "peaks": pack_edge(edge)})


def _entry(row: Row[Any]) -> Entry:
    return Entry(row.position, row.at, row.kind, row.subject, bytes(row.body), bytes(row.leaf_hash))
