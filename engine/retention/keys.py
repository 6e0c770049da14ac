"""A row's key as one text, for the engine's own tables, and back."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


def key_text(key: tuple[Any, ...]) -> str:
    """The key as canonical JSON: `[17]`, `["a", 3]`."""
    if len(key) == 1 and type(key[0]) is int:
        return f"[{key[0]}]"  # nearly every key is one number, and every row's is asked for
    return json.dumps([_plain(part) for part in key], ensure_ascii=False, separators=(",", ":"))


def read_key(text: str) -> tuple[Any, ...]:
    """The key that `key_text` wrote. Parts that JSON has no type for stay text: stores compare them so."""
    return tuple(json.loads(text))


def _plain(part: Any) -> Any:
    if part is None or isinstance(part, bool | int | float | str):
        return part
    if isinstance(part, datetime | date):
        return part.isoformat()
    if isinstance(part, Decimal | UUID):
        return str(part)
    if isinstance(part, bytes | memoryview):
        return bytes(part).hex()
    return str(part)
