"""Notices of significant changes: one row a person and version, with how its delivery went."""

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
