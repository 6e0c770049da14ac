"""Times in a text of PostgreSQL, spelled as most spell them: there the order of letters is that of time.

`2026-05-01T12:00:00Z`, with a space for the `T`, and with `+00:00`, `+00`, ` UTC` or nothing for the `Z`. A
regular expression takes 4 µs a row there and a guarded cast 2; looking the parts up in short lists takes 0.5.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import sqlalchemy as sa

from adapters import moments
from adapters.sql.flavour import Expression, Test

_SIXTY = [f"{number:02d}" for number in range(60)]
_SPELLED: tuple[tuple[int, int | None, list[str]], ...] = (
    (1, 5, [f"{year}-" for year in range(1900, 2200)]),
    (6, 5, [(date(2023, 1, 1) + timedelta(days=n)).isoformat()[5:] for n in range(365)]),
    (11, 3, [mark + hour for mark in "T " for hour in _SIXTY[:24]]),
    (14, 3, [f":{minute}" for minute in _SIXTY]),
    (17, None, [f":{s}{zone}" for s in _SIXTY for zone in ("Z", "", "+00:00", "+00", " UTC")]),
)
"""Where each part begins, its length, and what it may be: every such text is a time (29 February is not)."""

_PARTS = [
    (start, size, "'{" + ",".join(f'"{one}"' for one in known) + "}'::text[]")
    for start, size, known in _SPELLED
]
"""The same as arrays in SQL: constants of ours, not parameters; only in those the server searches by hash."""


def is_usual(text: Expression) -> Test:
    """Whether the text is spelled so; NULL for NULL."""
    return sa.and_(*(_among(_part(text, start, size), known) for start, size, known in _PARTS))


def usual_before(text: Expression, limit: datetime) -> Test:
    """Whether a text that is spelled so is before the limit."""
    day, clock = moments.by_letters(limit)
    letters = sa.collate(text, "C")
    earlier = sa.collate(sa.func.substr(text, 12), "C") < clock
    on_it = sa.and_(letters < (day + timedelta(days=1)).isoformat(), earlier)
    return sa.or_(letters < day.isoformat(), on_it)


def _part(text: Expression, start: int, size: int | None) -> Expression:
    return sa.func.substr(text, start) if size is None else sa.func.substr(text, start, size)


def _among(part: Expression, known: str) -> Test:
    array: Expression = sa.literal_column(known)
    return part.op("=", is_comparison=True)(sa.func.any(array))
