"""Guardians: verified in one of the policy's ways, recorded, ended; each with its ledger entry.

How somebody is verified (a card payment, a signed form) is the service's work; what is kept here is that it
was done, how and when, and from then on a child's consent can be given by that guardian, and by nobody else.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.audit import ledger
from engine.consent import guardians
from engine.consent.ages import is_ward
from engine.consent.guardians import Guardianship
from engine.consent.service import ANSWERS_THEMSELVES, ConsentService
from engine.errors import Conflict, InvalidInput, NotFound, UnknownName
from engine.ports import Clock
from engine.store.database import Database


class GuardianService:
    """Who may answer in whose place."""

    def __init__(self, database: Database, consent: ConsentService, clock: Clock) -> None:
        self._database = database
        self._consent = consent
        self._clock = clock

    def verify(
        self, subject_id: str, guardian: str, verified_by: str, *, source: str
    ) -> Guardianship:
        """Record that somebody was verified as a person's guardian.

        UnknownName for a way that the policy does not name; Conflict for who is old enough to need none.
        """
        policy, now = self._consent.chain()[-1], self._clock.now()
        ways = policy.consent.guardians.verified_by if policy.consent.guardians else ()
        if verified_by not in ways:
            raise UnknownName("way to verify a guardian", verified_by, ways)
        if guardian == subject_id:
            raise InvalidInput("nobody is their own guardian", "guardian")
        if is_ward(policy, self._consent.stored(subject_id).platform, now) is False:
            raise Conflict(ANSWERS_THEMSELVES)
        with self._database.begin() as conn:
            made = guardians.add(conn, subject_id, guardian, verified_by, source, now)
            told = {"guardianship": made.id, "verified by": verified_by, "source": source}
            ledger.append(conn, "guardian.verified", told, now=now, subject=subject_id)
        return made

    def end(self, subject_id: str, guardian: str, *, source: str) -> None:
        """Record that somebody is no longer a person's guardian; what they consented to is void."""
        now = self._clock.now()
        with self._database.begin() as conn:
            ended = guardians.end(conn, subject_id, guardian, now)
            if ended is None:
                raise NotFound("this is not a guardian of this person")
            told = {"guardianship": ended, "source": source}
            ledger.append(conn, "guardian.ended", told, now=now, subject=subject_id)
            self._consent.void(conn, subject_id, guardian, source=source)

    def of(self, subject_id: str) -> Sequence[Guardianship]:
        """The verified guardians of a person."""
        with self._database.read() as conn:
            return guardians.of(conn, subject_id)

    def wards(self, guardian: str) -> Sequence[str]:
        """The people in whose place this guardian may answer now."""
        with self._database.read() as conn:
            found = guardians.wards(conn, guardian)
        return [one for one in found if self._consent.may_answer(one, guardian)]

    def may_answer(self, subject_id: str, guardian: str) -> bool:
        """Whether this guardian may answer for this person now."""
        return self._consent.may_answer(subject_id, guardian)
