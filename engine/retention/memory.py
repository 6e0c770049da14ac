"""What the engine's own tables know of times, as conditions need it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.retention import notice, sightings, told
from engine.store.database import Database

Agreed = Callable[[Connection, str], frozenset[str]]
"""The ids of the people who agreed to a version of the policy newer than this one."""


def nobody_agreed(_conn: Connection, _version: str) -> frozenset[str]:
    """For where no older version binds anybody."""
    return frozenset()


Chose = Callable[[Connection, Sequence[str], bool], frozenset[str]]
"""The ids of the people who have any of some choices on, or who are known to have all of them off (False).

Only what they said counts, and whether it is still valid: who said nothing is in neither.
"""


def nobody_chose(_conn: Connection, _choices: Sequence[str], _on: bool) -> frozenset[str]:
    """For where nothing is known of choices."""
    return frozenset()


@dataclass(frozen=True)
class StoredMemory:
    """Reads the engine's own tables at the moment of asking."""

    database: Database
    who_agreed: Agreed = nobody_agreed
    who_chose: Chose = nobody_chose

    def seen(self, dataset: str, event: str, cutoff: datetime) -> tuple[tuple[Any, ...], ...]:
        """Keys of the rows whose sighting lies at or before the cutoff."""
        with self.database.read() as conn:
            return sightings.seen_before(conn, dataset, event, cutoff)

    def told(self, event: str, cutoff: datetime) -> tuple[str, ...]:
        """The people of whom the event was told, and lies at or before the cutoff."""
        with self.database.read() as conn:
            return told.told_before(conn, event, cutoff)

    def agreed(self, version: str) -> tuple[str, ...]:
        """The people who agreed to a version newer than this one."""
        with self.database.read() as conn:
            return tuple(sorted(self.who_agreed(conn, version)))

    def chose(self, choices: Sequence[str], on: bool) -> tuple[str, ...]:
        """The people who have any of the choices on, or are known to have all of them off."""
        with self.database.read() as conn:
            return tuple(sorted(self.who_chose(conn, choices, on)))

    def noticed(self, rule: str, cutoff: datetime) -> tuple[str, ...]:
        """The people who were told at or before the cutoff that their data goes by this rule."""
        with self.database.read() as conn:
            return tuple(sorted(notice.noticed_before(conn, rule, cutoff)))
