"""Everything about who is asking, in one place for whoever wires it."""

from __future__ import annotations

from engine.access.allowances import Allowances
from engine.access.codes import Codes
from engine.access.keys import ApiKeys
from engine.access.limits import Limits
from engine.access.officers import Officers
from engine.access.replays import Replays
from engine.access.sessions import Sessions
from engine.ports import Clock
from engine.store.database import Database


class Access:
    """Sessions, codes, limits, officers, API keys and kept answers over one database.

    `secret` is at least 32 bytes.
    """

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self.sessions = Sessions(database, clock, secret)
        self.codes = Codes(clock, secret)
        self.limits = Limits(database, clock, secret)
        self.officers = Officers(database, clock)
        self.keys = ApiKeys(database, clock, secret)
        self.allowances = Allowances(self.limits)
        self.replays = Replays(database, clock, secret)

    def sweep(self) -> int:
        """Delete what is over: sessions, codes, kept answers, allowances; returns how many rows."""
        with self._database.begin() as conn:
            parts = (self.sessions, self.codes, self.replays)
            gone = sum(part.sweep(conn) for part in parts)
        return gone + self.limits.sweep()
