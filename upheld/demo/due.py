"""How much of a demo platform is how old: an estimate to know it by, not Upheld's own plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from upheld.demo.moments import DAY
from upheld.demo.schema import LogType, api_keys, call_contents, logs, metadata, users, web_sessions
from upheld.demo.traffic import iso

CALL_DAYS, CONTENT_DAYS, ACCOUNT_DAYS, SESSION_DAYS = 90, 30, 30, 30
ACCESS_LOG_DAYS = 214  # seven months, give or take a day


def row_counts(conn: Connection) -> dict[str, int]:
    """Rows by table."""
    return {table.name: _count(conn, table) for table in metadata.sorted_tables}


def due_counts(conn: Connection, now: int) -> dict[str, int]:
    """Rows by table that are past the usual terms; tables without such rows are left out."""
    gone = select(users.c.id).where(users.c.cancelled_at <= now - ACCOUNT_DAYS * DAY)
    calls = logs.c.type.in_([LogType.CALL, LogType.FAILED_CALL])
    session_limit = datetime.fromtimestamp(now - SESSION_DAYS * DAY, UTC)
    return {
        "users": _count(conn, users, users.c.id.in_(gone)),
        "api_keys": _count(conn, api_keys, api_keys.c.user_id.in_(gone)),
        "logs": _count(conn, logs, calls & (logs.c.created_at <= now - CALL_DAYS * DAY)),
        "call_contents": _count(
            conn, call_contents, call_contents.c.created_at <= iso(now - CONTENT_DAYS * DAY)
        ),
        "web_sessions": _count(conn, web_sessions, web_sessions.c.created_at <= session_limit),
    }


def _count(conn: Connection, table: Table, where: ColumnElement[bool] | None = None) -> int:
    query: Any = select(func.count()).select_from(table)
    return int(conn.scalar(query if where is None else query.where(where)) or 0)


def access_log_counts(folder: Path, now: int) -> Mapping[str, int]:
    """Lines in the access logs: `all`, and those `due` (by the day that names their file)."""
    last_due = iso(now - ACCESS_LOG_DAYS * DAY)[:10]
    lines = {"all": 0, "due": 0}
    for path in folder.glob("access-*.jsonl"):
        with path.open("rb") as file:
            count = sum(1 for _ in file)
        lines["all"] += count
        lines["due"] += count if path.stem.removeprefix("access-") < last_due else 0
    return lines
