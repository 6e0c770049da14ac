"""Claims: which worker has a request in hand. Taken in one statement, renewed while the work goes on.

A claim is the time until which it holds. A worker that died renews nothing, so its requests are free again
soon; one that only takes long keeps them. Nobody gives back a claim that another holds by now.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Lock, Thread
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from engine.errors import UpheldError
from engine.ports import Clock
from engine.rights import store
from engine.rights.store import Request
from engine.store.database import Database

_BEATS = 3
"""How often a claim is renewed before it would be over."""


class Claims:
    """The requests that one worker has in hand."""

    def __init__(self, database: Database, clock: Clock, lease: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._lease = lease
        self._held: dict[str, datetime] = {}
        self._lock = Lock()

    @contextmanager
    def held(self, request_ids: Iterable[str]) -> Iterator[list[Request]]:
        """Those of the requests that nobody else has, kept until the block ends."""
        over = Event()
        beat = Thread(target=self._beat, args=(over,), name="claims", daemon=True)
        try:
            taken = [r for r in map(self._take, request_ids) if r is not None]
            beat.start()
            yield taken
        finally:
            over.set()
            if beat.ident is not None:
                beat.join()
            for request_id in list(self._held):
                self.release(request_id)

    def release(self, request_id: str, **values: Any) -> None:
        """Let others take the request, and note `values` with it; nothing if it was taken over already."""
        with self._lock:
            until = self._held.pop(request_id, None)
            if until is not None:
                with self._database.begin() as conn:
                    store.hand_over(conn, request_id, until, None, **values)

    def _take(self, request_id: str) -> Request | None:
        now = self._clock.now()
        until = now + self._lease
        with self._lock, self._database.begin() as conn:
            if not store.claim(conn, request_id, now, until):
                return None
            request = store.get(conn, request_id)
            self._held[request_id] = until
        return request

    def _beat(self, over: Event) -> None:
        while not over.wait(self._lease.total_seconds() / _BEATS):
            try:
                self._renew()
            except (UpheldError, SQLAlchemyError):
                continue  # the next beat may reach the database; if none does, the claim ends by itself

    def _renew(self) -> None:
        until = self._clock.now() + self._lease
        with self._lock, self._database.begin() as conn:
            for request_id, since in list(self._held.items()):
                if store.hand_over(conn, request_id, since, until):
                    self._held[request_id] = until
                else:
                    del self._held[request_id]
