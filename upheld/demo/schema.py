"""The tables of the demo platform, as untidy as those of real ones.

Times come as epoch seconds (`users`, `api_keys`, `logs`), as ISO 8601 text (`call_contents`) and as
timestamps (the rest). `logs` holds several kinds of rows, told apart by `type`, and copies the name
of the caller. `logs` and `payments` outlive the account they belong to, so no foreign key ties them
to it; `support_messages` leads to a person by the e-mail address alone.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

_Key = BigInteger().with_variant(Integer, "sqlite")
_Timestamp = DateTime(timezone=True)


class Status(IntEnum):
    """`users.status`."""

    ACTIVE = 1
    SUSPENDED = 2
    CANCELLED = 3


class LogType(IntEnum):
    """`logs.type`; management and system entries belong to nobody."""

    TOP_UP = 1
    CALL = 2
    MANAGEMENT = 3
    SYSTEM = 4
    FAILED_CALL = 5


users = Table(
    "users",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("email", String(254), nullable=False, unique=True),
    Column("username", String(64), nullable=False, unique=True),
    Column("password_hash", String(128), nullable=False),
    Column("display_name", String(64), nullable=False),
    Column("country", String(2), nullable=False),
    Column("status", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("cancelled_at", BigInteger, index=True),
    Column("balance_cents", BigInteger, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("key_hash", String(64), nullable=False, unique=True),
    Column("label", String(64), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_used_at", BigInteger),
)

logs = Table(
    "logs",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("user_id", _Key),
    Column("username", String(64), nullable=False),
    Column("type", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("model_name", String(64), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("status_code", Integer),
    Column("quota", BigInteger, nullable=False),
    Column("channel_id", Integer),
    Column("metadata", Text),
    Index("ix_logs_user_id_created_at", "user_id", "created_at"),
    Index("ix_logs_created_at_type", "created_at", "type"),
)

call_contents = Table(
    "call_contents",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("log_id", ForeignKey("logs.id"), nullable=False, unique=True),
    Column("request_body", Text, nullable=False),
    Column("response_body", Text, nullable=False),
    Column("created_at", Text, nullable=False, index=True),
)

payments = Table(
    "payments",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("user_id", _Key, nullable=False, index=True),
    Column("amount_cents", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("processor", String(32), nullable=False),
    Column("processor_token", String(64), nullable=False),
    Column("country", String(2), nullable=False),
    Column("paid_at", _Timestamp, nullable=False, index=True),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("ip", String(45), nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("created_at", _Timestamp, nullable=False, index=True),
    Column("last_seen_at", _Timestamp, nullable=False, index=True),
)

support_messages = Table(
    "support_messages",
    metadata,
    Column("id", _Key, primary_key=True),
    Column("from_email", String(254), nullable=False, index=True),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("received_at", _Timestamp, nullable=False, index=True),
)
