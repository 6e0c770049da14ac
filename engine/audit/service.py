"""The ledger's proofs, checkpoints and verification, over the engine's database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, true

from engine.audit import merkle
from engine.audit.entries import unpack_hashes
from engine.audit.keys import Keyring
from engine.audit.ledger import read_edge
from engine.audit.merkle import Edge, Node
from engine.audit.note import Checkpoint, VerifierKey, sign_checkpoint, verify_note
from engine.audit.raw import as_bytes, as_size, as_time, raw
from engine.audit.verification import Auditor, StoredRow, Verification
from engine.errors import InvalidInput, LedgerBroken, NotFound
from engine.store.tables.audit import checkpoints, ledger_entries, ledger_head

_BATCH = 1000
_BELOW_EVERY_POSITION = -(2**63)
_RAW_ENTRIES = select(ledger_entries.c.position, *map(raw, list(ledger_entries.c)[1:]))


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the entry `index` with this leaf hash is in the tree of `size` with this root."""

    index: int
    size: int
    leaf_hash: bytes
    root: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """That the tree of `size2` extends the tree of `size1`."""

    size1: int
    size2: int
    root1: bytes
    root2: bytes
    path: tuple[bytes, ...]


def prove_inclusion(conn: Connection, index: int, size: int | None = None) -> InclusionProof:
    """Prove that an entry is in the ledger of `size` entries (now, when None).

    Raises NotFound when the ledger of that size has no such entry.
    """
    size = _known_size(conn, size)
    if not 0 <= index < size:
        raise NotFound(f"no entry {index} in the ledger of {size} entries")
    leaf = _read_nodes(conn, {Node(0, index)})[Node(0, index)]
    path = _prove(conn, merkle.inclusion_ranges(index, size))
    return InclusionProof(index, size, leaf, root_at(conn, size), path)


def prove_consistency(conn: Connection, size1: int, size2: int | None = None) -> ConsistencyProof:
    """Prove that the ledger of `size2` entries (now, when None) extends that of `size1`.

    Raises InvalidInput when `size1` is 0 (nothing can be proved of an empty ledger) or above
    `size2`.
    """
    size2 = _known_size(conn, size2)
    if not 0 < size1 <= size2:
        raise InvalidInput(f"the earlier size must be from 1 to {size2}, not {size1}", "size1")
    path = _prove(conn, merkle.consistency_ranges(size1, size2))
    return ConsistencyProof(size1, size2, root_at(conn, size1), root_at(conn, size2), path)


def root_at(conn: Connection, size: int) -> bytes:
    """Return the root that the ledger had at a size, from the stored tree."""
    return _prove(conn, ((0, size),))[0]


def checkpoint(conn: Connection, keyring: Keyring, origin: str, now: datetime) -> str:
    """Sign the ledger's head, store the note and return it; an unchanged head gives the same note.

    Raises LedgerBroken rather than sign a ledger that does not extend its last checkpoint.
    """
    last = last_checkpoint(conn)
    if last is not None:
        assert_not_shorter(conn, verify_note(last, keyring.verifiers(origin)))
    edge = read_edge(conn)
    if root_at(conn, edge.size) != edge.root:
        raise LedgerBroken("the ledger's head does not fit its tree: run `upheld audit verify`")
    note = sign_checkpoint(Checkpoint(origin, edge.size, edge.root), keyring.signing_key)
    if note != last:
        values = {"size": edge.size, "root": edge.root, "at": now, "note": note}
        conn.execute(insert(checkpoints), values)
    return note


def last_checkpoint(conn: Connection) -> str | None:
    """Return the newest stored note."""
    query = select(checkpoints.c.note).order_by(checkpoints.c.id.desc()).limit(1)
    return conn.execute(query).scalar_one_or_none()


def assert_not_shorter(conn: Connection, external: Checkpoint) -> None:
    """Raise LedgerBroken unless the ledger still holds what a checkpoint was signed over.

    Take the checkpoint from `note.verify_note`. This compares the stored tree in O(log n), fit for
    every start of the program; `verify` recomputes everything.
    """
    size = read_edge(conn).size
    if size < external.size:
        raise LedgerBroken(
            f"the ledger has {size} entries, but a checkpoint was signed over {external.size}: "
            "restore the newest backup of the database before serving"
        )
    if root_at(conn, external.size) != external.root:
        raise LedgerBroken(
            f"the first {external.size} entries are not those that the checkpoint was signed over: "
            "run `upheld audit verify`"
        )


def verify(
    conn: Connection, notes: Sequence[str], public_keys: Sequence[VerifierKey]
) -> Verification:
    """Recompute the whole ledger from its entries and compare it with every checkpoint.

    `notes` are checkpoints saved elsewhere; those stored in the database are compared too. Reads in
    batches, so memory stays flat. Never raises for damage: it is what the result tells.
    """
    query = select(raw(checkpoints.c.note)).order_by(checkpoints.c.id)
    stored = [str(note) for note in conn.execute(query).scalars()]
    signed, complaints = _believed(dict.fromkeys((*notes, *stored)), public_keys)
    # Read after the checkpoints and before the rows: entries appended meanwhile are not damage.
    edge, last = _extent(conn)
    auditor = Auditor(edge, {item.size for item in signed})
    for complaint in complaints:
        auditor.forged(complaint)
    for row in _rows(conn, last):
        auditor.see(row)
    auditor.finish()
    auditor.compare(signed)
    return Verification(auditor.edge.size, auditor.edge.root, len(signed), auditor.findings)


def _believed(
    notes: Collection[str], keys: Sequence[VerifierKey]
) -> tuple[list[Checkpoint], list[str]]:
    """Sort notes into what was truly signed and what is wrong with the others."""
    signed, complaints = [], []
    for note in notes:
        try:
            signed.append(verify_note(note, keys))
        except (InvalidInput, LedgerBroken) as error:
            complaints.append(str(error))
    return signed, complaints


def _extent(conn: Connection) -> tuple[Edge, int]:
    """The stored edge and the highest stored position, in one statement: as they were together."""
    head = select(raw(ledger_head.c.size), raw(ledger_head.c.peaks)).subquery("head")
    last = select(func.max(ledger_entries.c.position).label("last")).subquery("last")
    row = conn.execute(select(last, head).outerjoin_from(last, head, true())).one()
    edge = Edge(as_size(row[1]), unpack_hashes(as_bytes(row[2])))
    return edge, -1 if row[0] is None else row[0]


def _rows(conn: Connection, last: int) -> Iterator[StoredRow]:
    place, after = ledger_entries.c.position, _BELOW_EVERY_POSITION
    while True:
        query = _RAW_ENTRIES.where(place > after, place <= last).order_by(place).limit(_BATCH)
        rows = conn.execute(query).all()
        for index, at, kind, subject, body, leaf, subtrees in rows:
            hashes = as_bytes(leaf), as_bytes(subtrees)
            yield StoredRow(index, as_time(at), kind, subject, as_bytes(body), *hashes)
        if len(rows) < _BATCH:
            return
        after = rows[-1][0]


def _known_size(conn: Connection, size: int | None) -> int:
    now = read_edge(conn).size
    if size is None:
        return now
    if not 0 <= size <= now:
        raise NotFound(f"the ledger has {now} entries, not {size}")
    return size


def _prove(conn: Connection, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
    return merkle.prove(ranges, lambda nodes: _read_nodes(conn, nodes))


def _read_nodes(conn: Connection, nodes: Collection[Node]) -> Mapping[Node, bytes]:
    """Read stored subtrees: each is kept with the entry that completes it."""
    homes = {node: ((node.position + 1) << node.level) - 1 for node in nodes}
    table = ledger_entries
    query = select(table.c.position, raw(table.c.leaf_hash), raw(table.c.subtrees))
    rows = conn.execute(query.where(table.c.position.in_(set(homes.values()))))
    kept = {row[0]: (as_bytes(row[1]), *unpack_hashes(as_bytes(row[2]))) for row in rows}
    try:
        return {node: kept[home][node.level] for node, home in homes.items()}
    except (KeyError, IndexError) as error:
        raise LedgerBroken(
            "entries of the ledger are missing: run `upheld audit verify`"
        ) from error
