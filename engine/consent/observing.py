"""What the platform says of a person, kept for a few minutes; and whether it still speaks of the same one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from engine.consent import holders, store
from engine.consent.records import Standing
from engine.consent.store import StoredFacts
from engine.datamap.directory import PlatformFacts
from engine.errors import Unavailable
from engine.ports import Clock
from engine.store.database import Database

FRESH = timedelta(minutes=5)
"""How long what the platform said of a person is used before it is asked again."""


class PlatformDirectory(Protocol):
    """What the platform knows of a person."""

    def facts(self, subject_id: str) -> PlatformFacts | None:
        """The person's facts as the platform has them now, or None if it has no such person."""
        ...


class Restrictions(Protocol):
    """Which of a person's data is there for the law alone, though the person is not restricted."""

    def coming(
        self, subject_id: str, agreed: str | None, until: datetime
    ) -> Mapping[str, datetime]:
        """Category -> since when, for what a retention rule restricts by `until`, by events of the person.

        `agreed` is the version that the person agreed to last. Raises StoreUnavailable.
        """
        ...

    def left(self, conn: Connection, subject_id: str, created: datetime | None) -> frozenset[str]:
        """The categories that an erasure had to leave, of the person whose row was created then."""
        ...


class Observer:
    """Asks the platform about people and keeps what it says."""

    def __init__(
        self,
        database: Database,
        directory: PlatformDirectory,
        restrictions: Restrictions,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._restrictions = restrictions
        self._clock = clock

    def stored(self, subject_id: str, conn: Connection | None = None) -> StoredFacts:
        """The person's facts: those stored, after asking the platform again if they are old or missing."""
        known = self._known(subject_id, conn)
        fresh = known is not None and self._is_fresh(known)
        return known if known is not None and fresh else self._ask(subject_id, known)

    def look(self, subject_id: str) -> bool:
        """Ask the platform now whose id this is; returns whether it has come to somebody else.

        Then nothing of the earlier holder is found under it any more.
        """
        known = self._known(subject_id, None)
        before = known.platform.created if known else None
        seen = self._seen(subject_id)
        same = seen is not None and known is not None and seen.created == before
        if seen is UNANSWERED or (same and known is not None and self._is_fresh(known)):
            return False
        return self._note(subject_id, seen)

    def _ask(self, subject_id: str, known: StoredFacts | None) -> StoredFacts:
        seen = self._seen(subject_id)
        self._note(subject_id, seen)
        found = self._known(subject_id, None)
        if seen is None or found is None:
            return self._of_nobody(subject_id, found)
        return found

    def _of_nobody(self, subject_id: str, known: StoredFacts | None) -> StoredFacts:
        """Of somebody who is not there nothing is known, but what of their data is left for the law."""
        created = known.platform.created if known else None
        with self._database.read() as conn:
            left = self._restrictions.left(conn, subject_id, created)
        data = dict(known.restricted_data or {}) if known else {}
        now = self._clock.now()
        data |= dict.fromkeys(left, now)
        return StoredFacts(subject_id, PlatformFacts(), None, False, Standing(), data)

    def _note(self, subject_id: str, seen: PlatformFacts | None) -> bool:
        """Keep what was seen, in one transaction with the end of an earlier holder."""
        now = self._clock.now()
        if seen is None:
            self._note_gone(subject_id, now)
            return False
        coming = None if seen is UNANSWERED else self._coming(subject_id, now)
        with self._database.begin() as conn:
            known = store.facts(conn, subject_id)
            if seen is UNANSWERED:
                created = known.platform.created if known else None
                store.observe(conn, subject_id, replace(seen, created=created), None, now)
                return False
            parted = _is_another(conn, subject_id, known, seen)
            if parted:
                holders.end(conn, subject_id, now)
            left = self._restrictions.left(conn, subject_id, seen.created)
            data = None if coming is None else {**coming, **dict.fromkeys(left, now)}
            store.observe(conn, subject_id, seen, data, now)
        return parted

    def _note_gone(self, subject_id: str, now: datetime) -> None:
        known = self._known(subject_id, None)
        if known is not None and not known.gone:
            with self._database.begin() as conn:
                store.gone(conn, subject_id, now)

    def _seen(self, subject_id: str) -> PlatformFacts | None:
        try:
            return self._directory.facts(subject_id)
        except Unavailable:
            # Unknown facts never help a permit: without the platform, decisions fail closed.
            return UNANSWERED

    def _coming(self, subject_id: str, now: datetime) -> Mapping[str, datetime] | None:
        known = self._known(subject_id, None)
        agreed = known.standing.agreed if known else None
        try:
            return self._restrictions.coming(subject_id, agreed, now + FRESH)
        except Unavailable:
            return None

    def _known(self, subject_id: str, conn: Connection | None) -> StoredFacts | None:
        if conn is not None:
            return store.facts(conn, subject_id)
        with self._database.read() as reader:
            return store.facts(reader, subject_id)

    def _is_fresh(self, known: StoredFacts) -> bool:
        return known.observed_at is not None and self._clock.now() - known.observed_at < FRESH


def _is_another(
    conn: Connection, subject_id: str, known: StoredFacts | None, seen: PlatformFacts
) -> bool:
    """Whether the row of this id is not the one that was there before: it was created at another time.

    Where the map does not say when rows are created, an id that was gone for a while is somebody else's. Of
    whom nothing is known any more was erased; who is there now is not the one who asked for it.
    """
    if known is None:
        return holders.has_past(conn, subject_id)
    before = known.platform.created
    if before is not None and seen.created is not None:
        return before != seen.created
    return known.gone


UNANSWERED = PlatformFacts()
"""What is known of somebody while the platform does not answer; compare by identity."""
