"""Services report what they did; each report is decided on and counted."""

from __future__ import annotations

from engine.decisions.decision import Decision, Request
from engine.decisions.service import DecisionService
from engine.ports import Clock
from engine.promises import observations
from engine.store.database import Database


class Reports:
    """Takes reports. What is counted names nobody; a service that does what was denied breaks a promise."""

    def __init__(self, database: Database, decisions: DecisionService, clock: Clock) -> None:
        self._database = database
        self._decisions = decisions
        self._clock = clock

    def done(
        self, request: Request, subject_id: str | None, *, by_api_key: bool = False
    ) -> Decision:
        """Count something that a service did, with what is decided about it now; returns that decision.

        Unavailable if no policy is published: what cannot be judged is not counted as fine.
        """
        decision = self._decisions.decide(request, subject_id, by_api_key=by_api_key)
        with self._database.begin() as conn:
            observations.record_done(conn, decision, now=self._clock.now())
        return decision

    def cookie(self, name: str) -> None:
        """Count a cookie that was seen being set."""
        with self._database.begin() as conn:
            observations.record_cookie(conn, name, now=self._clock.now())
