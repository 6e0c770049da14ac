"""Notices to people, one row each with how its delivery went: of significant changes, and of deletions."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table

from engine.store.metadata import UtcDateTime, metadata

notices = Table(
    "notices",
    metadata,
    Column("version", String(20), primary_key=True),
    Column("subject_id", String(200), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Index("ix_notices_state", "state"),
    Index("ix_notices_subject_id", "subject_id"),
    Index("ix_notices_at", "at"),
)

deletion_notices = Table(
    "deletion_notices",
    metadata,
    Column("rule", String(64), primary_key=True),
    Column("subject_id", String(200), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    # From then on the person counts as told.
    Column("told_at", UtcDateTime),
    Index("ix_deletion_notices_state", "state"),
    Index("ix_deletion_notices_subject_id", "subject_id"),
    Index("ix_deletion_notices_at", "at"),
)
"""That a person was told, or is to be, that their data goes by a rule of retention."""
