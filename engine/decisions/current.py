"""The table of the version in force, compiled once for each state of the published versions."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from engine.decisions.table import Table, compile_table
from engine.policy.diff import stamps
from engine.policy.versions import Versions
from engine.ports import Clock


class CurrentTable:
    """Call it for the table of the version in force; None if no version is."""

    def __init__(self, versions: Callable[[], Versions], clock: Clock) -> None:
        self._versions = versions
        self._clock = clock
        self._lock = Lock()
        self._state: tuple[str, ...] = ()
        self._table: Table | None = None

    def __call__(self) -> Table | None:
        """Compile the version in force, with what it and those before it introduced."""
        versions = self._versions()
        policy = versions.in_force(self._clock.now())
        if policy is None:
            return None
        chain = versions.up_to(policy)
        state = tuple(version.digest for version in chain)
        with self._lock:
            if state != self._state or self._table is None:
                self._table = compile_table(policy, stamps(chain))
                self._state = state
            return self._table
