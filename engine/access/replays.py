"""Idempotency keys: a call that a service repeats is carried out once and answered alike.

As in the IETF draft `draft-ietf-httpapi-idempotency-key-header`: the same key with another request is a
conflict, and so is a key whose first call is still being answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, select, update

from engine.access.keyed import keyed, same
from engine.audit.statements import insert_ignore
from engine.errors import Conflict
from engine.ports import Clock
from engine.store.database import Database
from engine.store.tables.replays import replays

KEPT_FOR = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(minutes=2)
"""A call that has no answer after this died with its process; its key may be used again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """A call under a key; `answer` is what was answered to it before, or None: carry it out now."""

    digest: str
    answer: Answer | None = None


class Replays:
    """Claims and kept answers, shared by every web worker."""

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret

    def claim(self, caller: str, key: str, asked: str) -> Claim:
        """Begin a call of a caller under a key; `asked` is all that was asked.

        Raises Conflict if the key stands for another call, or for this one while it is being answered.
        """
        digest = keyed(self._secret, "replay", caller, key)
        fingerprint = keyed(self._secret, "asked", asked)
        now = self._clock.now()
        with self._database.begin() as conn:
            if insert_ignore(conn, replays, digest=digest, asked=fingerprint, claimed_at=now):
                return Claim(digest)
            return self._again(conn, digest, fingerprint, now)

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Keep the answer to a claimed call."""
        with self._database.begin() as conn:
            conn.execute(
                update(replays)
                .where(replays.c.digest == claim.digest)
                .values(status=answer.status, body=answer.body)
            )

    def release(self, claim: Claim) -> None:
        """Let go of a call that was not carried out."""
        with self._database.begin() as conn:
            conn.execute(delete(replays).where(replays.c.digest == claim.digest))

    def sweep(self, conn: Connection) -> int:
        """Delete what is too old; returns how many."""
        old = replays.c.claimed_at <= self._clock.now() - KEPT_FOR
        return conn.execute(delete(replays).where(old)).rowcount

    def _again(self, conn: Connection, digest: str, asked: str, now: datetime) -> Claim:
        mine = replays.c.digest == digest
        row = conn.execute(select(replays).where(mine).with_for_update()).one()
        if _over(row, now):
            renewed = {"asked": asked, "claimed_at": now, "status": None, "body": None}
            conn.execute(update(replays).where(mine).values(renewed))
            return Claim(digest)
        if not same(row.asked, asked):
            raise Conflict("this idempotency key was used for another request; use a new one")
        if row.status is None:
            raise Conflict("the first request with this idempotency key is still being answered")
        return Claim(digest, Answer(row.status, bytes(row.body)))


def _over(row: Row[tuple[object, ...]], now: datetime) -> bool:
    age: timedelta = now - row.claimed_at
    return age >= (GIVEN_UP_AFTER if row.status is None else KEPT_FOR)
