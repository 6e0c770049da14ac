"""Answers kept for a while, so that a call that is repeated under its idempotency key is answered alike."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from engine.store.metadata import UtcDateTime, metadata

replays = Table(
    "replays",
    metadata,
    # HMAC of who called and the key they chose.
    Column("digest", String(64), primary_key=True),
    # HMAC of what was asked, to tell a repetition from another call under the same key.
    Column("asked", String(64), nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    # Empty while the call is being answered.
    Column("status", Integer),
    Column("body", LargeBinary),
    Index(None, "claimed_at"),
)
