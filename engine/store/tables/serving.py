"""Running: who leads among the replicas, and which scheduled slots were run."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, String, Table

from engine.store.metadata import UtcDateTime, metadata

# One row. The term grows with every election, so that a leader of the past is known to be one.
leadership = Table(
    "leadership",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("term", BigInteger, nullable=False),
    # The machine and process, for whoever looks for the leader's log.
    Column("owner", String(255), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

job_runs = Table(
    "job_runs",
    metadata,
    Column("job", String(60), primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    # running | done | failed
    Column("state", String(10), nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("finished_at", UtcDateTime),
    # The kind of error, never its message.
    Column("problem", String(80)),
)
