"""Officers: who may use the console. Passwords are hashed with argon2id and compared by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Row, insert, select, update

from engine.audit import ledger
from engine.errors import Conflict, InvalidInput, UnknownName
from engine.ports import Clock
from engine.store.database import Database
from engine.store.tables.access import officers, web_sessions

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1024
_NAME = re.compile(r"[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Officer:
    """One officer, without the password's hash."""

    name: str
    added_at: datetime
    disabled_at: datetime | None
    last_login_at: datetime | None


class Officers:
    """Add, list, disable and recognise officers; each change with its ledger entry."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hasher = PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        """Checked against when no such officer exists, so that both cases take the same work."""
        return self._hasher.hash("no officer has this password")

    def add(self, name: str, password: str) -> Officer:
        """Add an officer. InvalidInput for a bad name or password, Conflict if the name is taken."""
        check_name(name)
        check_password(password)
        now, hashed = self._clock.now(), self._hasher.hash(password)
        with self._database.begin() as conn:
            if conn.execute(select(officers.c.name).where(officers.c.name == name)).first():
                raise Conflict(f"an officer `{name}` exists already; choose another name")
            conn.execute(insert(officers).values(name=name, password_hash=hashed, added_at=now))
            ledger.append(conn, "officer.added", {"officer": name}, now=now)
        return Officer(name, now, None, None)

    def authenticate(self, name: str, password: str) -> Officer | None:
        """The officer, if name and password fit and the officer is not disabled. None otherwise."""
        nobody = self._nobody
        with self._database.read() as conn:
            row = conn.execute(select(officers).where(officers.c.name == name)).first()
        fits = self._fits(row.password_hash if row else nobody, password)
        if row is None or not fits or row.disabled_at is not None:
            return None
        return self._logged_in(row, password)

    def all(self) -> Sequence[Officer]:
        """Every officer by name, the disabled ones too."""
        with self._database.read() as conn:
            return [_officer(row) for row in conn.execute(select(officers).order_by("name"))]

    def set_password(self, name: str, password: str) -> None:
        """Give an officer another password and end their sessions."""
        check_password(password)
        self._change(name, "officer.password_changed", password_hash=self._hasher.hash(password))

    def disable(self, name: str) -> None:
        """Let an officer in no more, at once."""
        self._change(name, "officer.disabled", disabled_at=self._clock.now())

    def _change(self, name: str, kind: str, **values: Any) -> None:
        now, one = self._clock.now(), officers.c.name == name
        with self._database.begin() as conn:
            if conn.execute(update(officers).where(one).values(**values)).rowcount == 0:
                raise UnknownName("officer", name, conn.scalars(select(officers.c.name)).all())
            conn.execute(
                web_sessions.delete().where(
                    (web_sessions.c.kind == "console") & (web_sessions.c.holder == name)
                )
            )
            ledger.append(conn, kind, {"officer": name}, now=now)

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:LONGEST_PASSWORD])
        except (VerificationError, InvalidHashError):
            return False

    def _logged_in(self, row: Row[Any], password: str) -> Officer:
        values: dict[str, Any] = {"last_login_at": self._clock.now()}
        if self._hasher.check_needs_rehash(row.password_hash):
            values["password_hash"] = self._hasher.hash(password)
        with self._database.begin() as conn:
            conn.execute(update(officers).where(officers.c.name == row.name).values(**values))
        return _officer(row)


def check_name(name: str) -> None:
    """Raise InvalidInput unless a name is made of lower-case letters, digits, `.`, `_` and `-`."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"`{name}` is no name for an officer: use lower-case letters, digits, `.`, `_` and `-`",
            "name",
        )


def check_password(password: str) -> None:
    """Raise InvalidInput for a password that is too short or too long; says nothing of it."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters", "password"
        )


def _officer(row: Row[Any]) -> Officer:
    return Officer(row.name, row.added_at, row.disabled_at, row.last_login_at)
