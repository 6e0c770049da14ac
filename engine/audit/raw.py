"""Values read as the driver gives them, for readers that must survive a damaged database.

SQLite stores any type in any column; the usual conversions would raise on what a tamperer left there. Here
such a value becomes one that matches nothing, so that it is reported rather than raised.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, TypeCoerce, type_coerce
from sqlalchemy.types import NullType


def raw(column: Column[Any]) -> TypeCoerce[Any]:
    """Select a column without conversion."""
    return type_coerce(column, NullType())


def as_bytes(value: object) -> bytes:
    """Return bytes, or none of them for a value of another type."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def as_size(value: object) -> int:
    """Return a count, or 0 for a value of another type."""
    return value if isinstance(value, int) else 0


def as_time(value: object) -> datetime | None:
    """Return an aware time, or None for what is none; SQLite holds the naive UTC text."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None
    if not isinstance(time, datetime):
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time
