"""How often anybody may ask: an allowance that refills steadily, counted in the database.

The arithmetic is GCRA (the generic cell rate algorithm of ATM Forum TM 4.0, as a virtual schedule): one
time for each key, when its allowance will be whole again. Keys are stored as keyed digests.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from engine.access.keyed import keyed
from engine.audit.statements import insert_ignore
from engine.errors import TooManyRequests
from engine.ports import Clock
from engine.store.database import Database
from engine.store.tables.access import rate_limits


@dataclass(frozen=True, slots=True)
class Limit:
    """So many in so long a time, all at once if need be; `name` tells limits of the same key apart."""

    name: str
    times: int
    within: timedelta

    @property
    def each(self) -> timedelta:
        """How long one of them takes to come back."""
        return self.within / self.times


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more is allowed, when the allowance is whole again, and when to try again if not."""

    allowed: bool
    full_at: datetime
    retry_after: int = 0


def spend(full_at: datetime | None, limit: Limit, now: datetime, count: int = 1) -> Verdict:
    """Take some from an allowance that is whole at `full_at` (None: it is whole)."""
    start = max(full_at or now, now)
    after = start + limit.each * count
    if after - now <= limit.within:
        return Verdict(True, after)
    wait = (after - now - limit.within).total_seconds()
    return Verdict(False, start, max(1, math.ceil(wait)))


class Limits:
    """Allowances in the database, shared by every web worker."""

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret

    def take(self, limit: Limit, key: str, count: int = 1) -> Verdict:
        """Take some from the allowance of a key and say whether they were there."""
        digest, now = keyed(self._secret, "limit", limit.name, key), self._clock.now()
        table = rate_limits
        with self._database.begin() as conn:
            insert_ignore(conn, table, key_digest=digest, full_at=now)
            one = table.c.key_digest == digest
            full_at = conn.execute(select(table.c.full_at).where(one).with_for_update()).scalar()
            verdict = spend(full_at, limit, now, count)
            if verdict.allowed:
                conn.execute(update(table).where(one).values(full_at=verdict.full_at))
        return verdict

    def check(self, limit: Limit, key: str) -> None:
        """Take one, or raise TooManyRequests."""
        verdict = self.take(limit, key)
        if not verdict.allowed:
            raise TooManyRequests(
                "too many requests; wait a little and try again", verdict.retry_after
            )

    def sweep(self) -> int:
        """Delete the allowances that are whole again; returns how many."""
        with self._database.begin() as conn:
            whole = rate_limits.c.full_at <= self._clock.now()
            return conn.execute(delete(rate_limits).where(whole)).rowcount
