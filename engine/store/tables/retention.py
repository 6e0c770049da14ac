"""Retention's tables: remembered times, plans and approvals, runs, holds, verifications."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from engine.store.metadata import Json, UtcDateTime, metadata

# What services told of a person; the latest over all sources counts.
events = Table(
    "events",
    metadata,
    Column("subject", String(255), primary_key=True),
    Column("event", String(200), primary_key=True),
    Column("source", String(255), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime, nullable=False),
    Index(None, "event", "at"),
)

# Times that no store has: since when a row has been seen in a state, without a time, or without its person.
sightings = Table(
    "retention_sightings",
    metadata,
    Column("dataset", String(100), primary_key=True),
    Column("event", String(200), primary_key=True),
    Column("key", String(512), primary_key=True),
    Column("sight", String(32), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "dataset", "event", "at"),
)

# What happened to people whose own row is deleted, for as long as rows still name them.
departures = Table(
    "retention_departures",
    metadata,
    Column("dataset", String(100), primary_key=True),
    Column("field", String(300), primary_key=True),
    Column("value", String(255), primary_key=True),
    Column("event", String(200), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("departed_at", UtcDateTime, nullable=False),
)

# What an erasure had to leave of people, for as long as rows lead to them by this value.
restrictions = Table(
    "retention_restrictions",
    metadata,
    Column("subject", String(255), primary_key=True),
    Column("dataset", String(100), primary_key=True),
    Column("category", String(200), primary_key=True),
    Column("field", String(300), primary_key=True),
    Column("value", String(255), nullable=False),
    # When the person's own row was created, so that a later holder of the id is not taken for them.
    Column("created", UtcDateTime),
    Column("since", UtcDateTime, nullable=False),
)

plans = Table(
    "retention_plans",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("policy", String(64), nullable=False, index=True),
    Column("made_at", UtcDateTime, nullable=False, index=True),
    Column("body", Json, nullable=False),
)

approvals = Table(
    "retention_approvals",
    metadata,
    Column("plan", String(64), primary_key=True),
    Column("dataset", String(100), primary_key=True),
    Column("officer", String(255), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "dataset"),
)

runs = Table(
    "retention_runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("plan", String(64), nullable=False),
    Column("policy", String(64), nullable=False, index=True),
    # open | done | failed | interrupted
    Column("state", String(16), nullable=False, index=True),
    Column("scheduled", Boolean, nullable=False),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("finished_at", UtcDateTime),
)

run_steps = Table(
    "retention_run_steps",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("step", String(400), primary_key=True),
    Column("dataset", String(100), nullable=False),
    Column("planned", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    # open | done | waiting | refused | failed
    Column("state", String(16), nullable=False),
    Column("note", Text),
)

# What was not due when a run began, so that a row which is missing afterwards is noticed.
kept_rows = Table(
    "retention_kept_rows",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("dataset", String(100), primary_key=True),
    Column("rows", BigInteger, nullable=False),
    # 64 pairs of [count, sum of key hashes], or NULL where the dataset is too large for it
    Column("buckets", Json),
)

# One purge at a time for a dataset: whoever holds the row, until it expires.
leases = Table(
    "retention_leases",
    metadata,
    Column("dataset", String(100), primary_key=True),
    Column("run", String(32), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

holds = Table(
    "retention_holds",
    metadata,
    Column("id", String(32), primary_key=True),
    # The id of an entry of `holds:`, of a statute, or `restriction`.
    Column("reason", String(64), nullable=False),
    Column("subject", String(255), index=True),
    Column("dataset", String(100)),
    Column("category", String(200)),
    Column("note", Text, nullable=False),
    Column("placed_by", String(255), nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("review_at", UtcDateTime, nullable=False),
    Column("released_by", String(255)),
    Column("released_at", UtcDateTime),
)

verifications = Table(
    "retention_verifications",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("policy", String(64), nullable=False, index=True),
    Column("run", String(32)),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("upheld", Boolean, nullable=False),
    Column("body", Json, nullable=False),
)
