"""Figures in words for people: `89 d 4 h`, `1 row`, `14 Jun 2026 02:00 UTC`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta


def span(length: timedelta) -> str:
    """A length of time by its two largest units: `89 d 4 h`, `3 h 20 min`, `under a minute`."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days:,} d {hours} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else "under a minute"


def moment(at: datetime) -> str:
    """A moment in UTC."""
    return f"{at.astimezone(UTC):%-d %b %Y %H:%M} UTC"


def count(number: int, one: str, many: str = "") -> str:
    """`1 row`, `1,204 rows`; `many` where adding an `s` is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(names: Sequence[str], most: int = 3) -> str:
    """Names in backticks, the first few and how many more."""
    shown = ", ".join(f"`{name}`" for name in names[:most])
    more = len(names) - most
    return f"{shown} and {more:,} more" if more > 0 else shown
