"""How often a key may ask, where it has a limit: over all replicas together, without a write each time.

A process takes a share of the allowance from the database and spends it from memory; so the limit holds
whoever serves, and a process that dies takes at most its share with it.
"""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

from engine.access.keys import ApiKey
from engine.access.limits import Limit, Limits
from engine.errors import TooManyRequests

SHARES = 30
"""A minute's allowance is taken in about so many shares."""


class Allowances:
    """The allowances of keys, spent in this process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._left: dict[str, int] = {}

    def take(self, key: ApiKey) -> None:
        """Take one from the key's allowance, or raise TooManyRequests. A key without a limit has no end."""
        if key.per_minute is None:
            return
        with self._lock:
            left = self._left.get(key.prefix, 0)
            if not left:
                left = self._share(key.prefix, key.per_minute)
            self._left[key.prefix] = left - 1

    def _share(self, prefix: str, per_minute: int) -> int:
        share = max(1, per_minute // SHARES)
        limit = Limit("API key", per_minute, timedelta(minutes=1))
        verdict = self._limits.take(limit, prefix, share)
        if not verdict.allowed:
            raise TooManyRequests(
                f"this key may ask {per_minute} times a minute; wait a little and try again",
                verdict.retry_after,
            )
        return share
