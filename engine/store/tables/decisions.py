"""The decision log: what was decided for whom (masked), and how far each spool has been shipped."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table, Text

from engine.store.metadata import UtcDateTime, metadata

decision_log = Table(
    "decision_log",
    metadata,
    # Which spool it came from, and the byte at which its line begins there: a line is taken once.
    Column("spool", String(32), primary_key=True),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    # The correlation id that the caller sent or got, and the prefix of its API key.
    Column("request", String(64), nullable=False),
    Column("caller", String(12), nullable=False),
    Column("mode", String(8), nullable=False),
    # A keyed digest; NULL where no person was named, or after they were erased.
    Column("subject", String(64)),
    Column("operation", String(10), nullable=False),
    Column("category", String(200), nullable=False),
    Column("purpose", String(200), nullable=False),
    Column("recipient", String(200), nullable=False),
    Column("effect", String(8), nullable=False),
    Column("rule", String(64), nullable=False),
    Column("lacks", Text, nullable=False),
    Column("version", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Index(None, "at"),
    Index(None, "subject", "at"),
    Index(None, "caller", "mode", "at"),
)

decision_spools = Table(
    "decision_spools",
    metadata,
    Column("spool", String(32), primary_key=True),
    Column("shipped", BigInteger, nullable=False),
)
