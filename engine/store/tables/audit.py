"""The ledger's tables: entries with the tree over them, subject salts, checkpoints, the erasure list."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from engine.store.metadata import UtcDateTime, metadata

# On SQLite only an INTEGER key is the row id itself, which keeps the entries in order on disk.
_Position = BigInteger().with_variant(Integer, "sqlite")

ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("position", _Position, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(64), nullable=False),
    # The subject's pseudonym, repeated from the body so that it can be searched.
    Column("subject", String(64)),
    # The canonical JSON, byte for byte as it was hashed.
    Column("body", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    # The hashes of the perfect subtrees that this entry completes, smallest first, 32 bytes each:
    # the whole tree in one column, so that an append writes one row and a proof reads O(log n) of
    # them.
    Column("subtrees", LargeBinary, nullable=False),
    Index(None, "kind", "position"),
    Index(None, "subject", "position"),
)

ledger_head = Table(
    "ledger_head",
    metadata,
    # One row only; writers lock it, which is what makes the numbering gapless.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    # The hashes of the maximal perfect subtrees, largest first, 32 bytes each.
    Column("peaks", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

subject_salts = Table(
    "subject_salts",
    metadata,
    Column("subject", String(255), primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("note", Text, nullable=False),
)

erasure_list = Table(
    "erasure_list",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("identity", String(64), nullable=False),
    # Which key made the digest: a list read with another key would silently match nobody.
    Column("key_id", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
