"""Promises: what was found when each clause was last checked, how that changed, what was seen being done."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from engine.store.metadata import Json, UtcDateTime, metadata

promises = Table(
    "promises",
    metadata,
    Column("version", String(20), primary_key=True),
    Column("clause", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("state", String(24), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("figures", Json, nullable=False),
    Column("evidence", Json, nullable=False),
    Column("checked_at", UtcDateTime, nullable=False),
)

promise_changes = Table(
    "promise_changes",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=True),
    Column("version", String(20), nullable=False),
    Column("clause", String(32), nullable=False),
    Column("state", String(24), nullable=False),
    Column("sentence", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "version", "clause", "serial"),
)
"""Append-only: a row whenever the state of a clause changes."""

observations = Table(
    "promise_observations",
    metadata,
    # collect, use, share, or cookie; what and with whom, by the words of the policy or as it was reported.
    Column("operation", String(10), primary_key=True),
    Column("category", String(200), primary_key=True),
    Column("purpose", String(200), primary_key=True),
    Column("recipient", String(200), primary_key=True),
    # What Upheld decided then: the rule that decided (or the nearest), and what was missing.
    Column("effect", String(8), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("lacks", String(300), primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)
"""Counts only, of nobody in particular: no personal data."""
