"""Rights requests: what was asked, every change of its state, what was done with the data, and the answer."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from engine.store.metadata import Json, UtcDateTime, metadata

rights_requests = Table(
    "rights_requests",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(255), nullable=False),
    Column("right", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    # What was asked for besides the right (a correction's new values); emptied when the request ends.
    Column("details", Json, nullable=False),
    Column("source", String(40), nullable=False),
    Column("language", String(20), nullable=False),
    Column("region", String(10)),
    Column("policy_version", String(20), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    # The attempt in `login_codes` whose code proves that the person asks themself.
    Column("code_id", String(43)),
    Column("verify_by", UtcDateTime),
    Column("verified_at", UtcDateTime),
    Column("cooling_until", UtcDateTime),
    # By when, as computed: by which law and which version of its data, in which time zone.
    Column("regime", String(20)),
    Column("zone", String(64), nullable=False),
    Column("set_by", String(10), nullable=False),
    Column("legal_due", UtcDateTime, nullable=False),
    Column("target_due", UtcDateTime, nullable=False),
    Column("acknowledge_by", UtcDateTime),
    Column("extension_notice_by", UtcDateTime),
    Column("provisional", Boolean, nullable=False),
    Column("deadline_data", String(20), nullable=False),
    Column("deadline_source", Text, nullable=False),
    Column("extended_at", UtcDateTime),
    # What the person reads as the reason or the answer.
    Column("answer", Text),
    Column("closed_at", UtcDateTime),
    # Not before: a file that is still written to, a store that does not answer.
    Column("retry_at", UtcDateTime),
    Column("retry_why", Text),
    # One worker at a time; a crashed one is followed by another when this has passed.
    Column("claimed_until", UtcDateTime),
    Index(None, "subject_id", "received_at"),
    Index(None, "status", "legal_due"),
)

rights_transitions = Table(
    "rights_transitions",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("rights_requests.id", ondelete="CASCADE"), nullable=False),
    Column("step", String(20), nullable=False),
    Column("before", String(20), nullable=False),
    Column("after", String(20), nullable=False),
    Column("actor", String(10), nullable=False),
    # The officer's name; empty where the person or Upheld itself acted.
    Column("officer", String(80)),
    Column("reason", Text),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "request_id", "serial"),
)
"""Append-only."""

rights_outcomes = Table(
    "rights_outcomes",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("rights_requests.id", ondelete="CASCADE"), nullable=False),
    Column("dataset", String(100), nullable=False),
    Column("category", String(200), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("exemption", Text),
    Column("statute", String(64)),
    Column("until", UtcDateTime),
    Index(None, "request_id", "serial"),
)
"""What became of the data, for each category in each dataset; holds no personal data."""

rights_intents = Table(
    "rights_intents",
    metadata,
    Column("request_id", ForeignKey("rights_requests.id", ondelete="CASCADE"), primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("digest", String(64), nullable=False),
    # Whose data, by which identities, and where to write when it is done: personal data, so the row is
    # deleted in the transaction that records the outcome.
    Column("body", Json, nullable=False),
    # The datasets in which everything is done and was looked at again.
    Column("done", Json, nullable=False),
)
"""Work on the platform that was begun and has no outcome yet."""

rights_packages = Table(
    "rights_packages",
    metadata,
    Column("request_id", ForeignKey("rights_requests.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("media_type", String(80), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(None, "expires_at"),
)

rights_package_chunks = Table(
    "rights_package_chunks",
    metadata,
    Column(
        "request_id",
        ForeignKey("rights_packages.request_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
