"""Access: sessions, one-time codes, rate limits, officers, API keys. No secret is stored in clear."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, false

from engine.store.metadata import Json, UtcDateTime, metadata

web_sessions = Table(
    "web_sessions",
    metadata,
    # HMAC of the cookie's random token: a stolen copy of this table opens no session.
    Column("token_digest", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    # A subject's id for the portal, an officer's name for the console.
    Column("holder", String(255), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("proved_at", UtcDateTime),
    # The guardian who is here in the holder's place.
    Column("guardian", String(255)),
    Index(None, "kind", "holder"),
    Index(None, "seen_at"),
)

login_codes = Table(
    "login_codes",
    metadata,
    # A random name for this attempt; it tells nothing about whether the address is known.
    Column("id", String(43), primary_key=True),
    Column("purpose", String(10), nullable=False),
    # HMAC of the address, so that no address lies here in clear.
    Column("address_digest", String(64), nullable=False),
    # Empty where no person has the address: the attempt is kept all the same, and never succeeds.
    Column("holder", String(255)),
    Column("code_digest", String(64), nullable=False),
    Column("link_digest", String(64), nullable=False, unique=True),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("used_at", UtcDateTime),
    Index(None, "address_digest"),
    Index(None, "expires_at"),
)

rate_limits = Table(
    "rate_limits",
    metadata,
    # HMAC of what is limited (an address, a network address), so that nobody is named here.
    Column("key_digest", String(64), primary_key=True),
    # When the allowance will be whole again (GCRA's theoretical arrival time).
    Column("full_at", UtcDateTime, nullable=False),
    Index(None, "full_at"),
)

officers = Table(
    "officers",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("password_hash", String(255), nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("last_login_at", UtcDateTime),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", String(12), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("scopes", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    # A service that is new to Upheld hears a permit whatever is decided, and the log says what would be.
    Column("shadow", Boolean, nullable=False, server_default=false()),
    # How many calls a minute; NULL is as many as it likes.
    Column("per_minute", Integer),
    Index(None, "name"),
)
