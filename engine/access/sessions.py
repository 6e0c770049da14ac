"""Sessions, kept in the database: a cookie holds only a random token, the table only its digest.

One mechanism serves the portal's users and the console's officers. A session ends when it was not used for
a while, when it is too old, or when it is ended; a login always begins a new one under a new token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from engine.access.keyed import keyed, new_token
from engine.audit import ledger
from engine.ports import Clock
from engine.store.database import Database
from engine.store.tables.access import web_sessions

SessionKind = Literal["portal", "console"]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts unused, and at most."""

    idle: timedelta
    absolute: timedelta


LIFETIMES: Mapping[str, Lifetime] = {
    "portal": Lifetime(timedelta(minutes=30), timedelta(hours=12)),
    "console": Lifetime(timedelta(minutes=30), timedelta(hours=10)),
}
PROOF_LASTS = timedelta(minutes=10)
_NOTICE = timedelta(minutes=1)
"""How exactly `seen_at` is kept: a page every second is not a write every second."""


@dataclass(frozen=True, slots=True)
class Session:
    """A live session; `holder` is a subject's id or an officer's name.

    `proved_at` is when the holder last entered a fresh code during the session (a step-up). `guardian` is who
    is really here, where a guardian answers in the holder's place.
    """

    digest: str
    kind: SessionKind
    holder: str
    started_at: datetime
    seen_at: datetime
    proved_at: datetime | None = None
    guardian: str | None = None

    @property
    def visitor(self) -> str:
        """Who is really here."""
        return self.guardian or self.holder

    def alive(self, now: datetime) -> bool:
        """Whether the session may still be used."""
        lifetime = LIFETIMES[self.kind]
        idle, age = now - self.seen_at, now - self.started_at
        return idle < lifetime.idle and age < lifetime.absolute

    def proved(self, now: datetime) -> bool:
        """Whether the holder proved again, just now, who they are."""
        return self.proved_at is not None and now - self.proved_at < PROOF_LASTS


class Sessions:
    """Begin, find and end sessions. `secret` keys the digests of the tokens."""

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret

    def start(
        self, conn: Connection, kind: SessionKind, holder: str, guardian: str | None = None
    ) -> str:
        """Begin a session in the caller's transaction and return its token, with the ledger entry."""
        now, token = self._clock.now(), new_token()
        row = {
            "token_digest": self._digest(token),
            "kind": kind,
            "holder": holder,
            "started_at": now,
            "seen_at": now,
            "guardian": guardian,
        }
        conn.execute(insert(web_sessions).values(row))
        facts = {"where": kind} | ({"officer": holder} if kind == "console" else {})
        facts |= {"by": "guardian"} if guardian else {}
        subject = holder if kind == "portal" else None
        ledger.append(conn, "session.started", facts, now=now, subject=subject)
        return token

    def find(self, token: str) -> Session | None:
        """The live session of a token, or None; notes that it was used."""
        now = self._clock.now()
        with self._database.read() as conn:
            session = _read(conn, self._digest(token))
        if session is None or not session.alive(now):
            return None
        if now - session.seen_at >= _NOTICE:
            self._set(session, seen_at=now)
        return session

    def prove(self, conn: Connection, session: Session) -> None:
        """Note in the caller's transaction that the holder has just entered a fresh code."""
        _update(conn, session, proved_at=self._clock.now())

    def end(self, session: Session) -> None:
        """End one session."""
        with self._database.begin() as conn:
            self.drop(conn, session)

    def drop(self, conn: Connection, session: Session) -> None:
        """End one session in the caller's transaction."""
        conn.execute(delete(web_sessions).where(web_sessions.c.token_digest == session.digest))

    def end_all(self, conn: Connection, kind: SessionKind, holder: str) -> None:
        """End every session of a holder, and as a guardian, in the caller's transaction."""
        here = or_(web_sessions.c.holder == holder, web_sessions.c.guardian == holder)
        of_holder = and_(web_sessions.c.kind == kind, here)
        conn.execute(delete(web_sessions).where(of_holder))

    def sweep(self, conn: Connection) -> int:
        """Delete the sessions that are over; returns how many."""
        now, table = self._clock.now(), web_sessions
        over = [
            and_(
                table.c.kind == kind,
                or_(table.c.seen_at <= now - life.idle, table.c.started_at <= now - life.absolute),
            )
            for kind, life in LIFETIMES.items()
        ]
        return conn.execute(delete(table).where(or_(*over))).rowcount

    def _digest(self, token: str) -> str:
        return keyed(self._secret, "session", token)

    def _set(self, session: Session, **values: datetime) -> None:
        with self._database.begin() as conn:
            _update(conn, session, **values)


def _update(conn: Connection, session: Session, **values: datetime) -> None:
    one = web_sessions.c.token_digest == session.digest
    conn.execute(update(web_sessions).where(one).values(**values))


def _read(conn: Connection, digest: str) -> Session | None:
    query = select(web_sessions).where(web_sessions.c.token_digest == digest)
    row = conn.execute(query).first()
    return None if row is None else Session(*row)
