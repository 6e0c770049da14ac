"""Consent: the append-only records, and one row for each person with what follows from them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table

from engine.store.metadata import Json, UtcDateTime, metadata

consent_records = Table(
    "consent_records",
    metadata,
    Column("serial", Integer, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("subject_id", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("version", String(20), nullable=False),
    Column("language", String(20), nullable=False),
    Column("text_digest", String(64), nullable=False),
    Column("source", String(40), nullable=False),
    Column("guardian", String(200)),
    Index("ix_consent_records_subject_id", "subject_id", "serial"),
    Index("ix_consent_records_at", "at"),
)
"""What a person said, once said never changed. `kind` is agreement, choice or objection; `name` is the
version, the choice or the purpose; `guardian` is who said it in the person's place."""

guardians = Table(
    "guardians",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", String(200), nullable=False),
    Column("guardian", String(200), nullable=False),
    Column("verified_by", String(200), nullable=False),
    Column("source", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Index("ix_guardians_subject_id", "subject_id"),
    Index("ix_guardians_guardian", "guardian"),
)
"""Who was verified as the guardian of whom, how and when; both by their ids on the platform."""

subject_facts = Table(
    "subject_facts",
    metadata,
    Column("subject_id", String(200), primary_key=True),
    Column("subject", String(64)),
    Column("region", String(10)),
    Column("account", String(20)),
    Column("born", Date),
    Column("observed_at", UtcDateTime),
    Column("restricted", Boolean, nullable=False),
    Column("agreed", String(20)),
    Column("declined", String(20)),
    Column("choices", Json, nullable=False),
    Column("objections", Json, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    # When the person's own row was created: another time under the same id is another person.
    Column("created", UtcDateTime),
    # Since when the platform has had no such person.
    Column("gone_at", UtcDateTime),
    # Category: since when it is there for the law alone; null where that is unknown.
    Column("restricted_data", Json),
    Column("age", Integer),
    # The guardian who agreed in the person's place.
    Column("agreed_by", String(200)),
    # What the person's browser signalled when it was last heard; NULL if it never was.
    Column("signals", Json),
    Index("ix_subject_facts_account", "account"),
)
"""One row a person, so that a decision needs one read: what the platform says of them (seen at
`observed_at`), and what follows from their consent records (written in the same transaction as those)."""
