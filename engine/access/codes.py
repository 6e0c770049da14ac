"""One-time codes by e-mail: to log in, and to prove again who one is before an export or a deletion.

An attempt is kept for every address that is asked for, known or not, so that the two cannot be told apart;
that of an unknown address never succeeds. Six digits are enough because an attempt allows few guesses and
codes are rate limited for each address; the link holds 256 random bits.

A code is written in one form wherever somebody reads it, `123 456`. When it is entered only its digits
count, whatever stands between and around them: spaces, hyphens, the words of the mail it was copied from.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine.access.keyed import keyed, new_token, same
from engine.access.limits import Limit
from engine.ports import Clock
from engine.store.tables.access import login_codes

CODE_LASTS = timedelta(minutes=15)
MAX_ATTEMPTS = 5
CODES_FOR_ADDRESS = Limit("codes for an address", 5, timedelta(hours=1))
"""By the address in one case, or by `holder ID`: with few guesses a code, this is what bounds guessing."""
_DIGITS = 6

Purpose = Literal["login", "step-up"]


@dataclass(frozen=True, slots=True)
class Issued:
    """A new attempt: its name, the code as people read it, `123 456`, and the link's token.

    Both are in clear here and nowhere else.
    """

    id: str
    code: str
    link: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt as it is stored."""

    id: str
    purpose: Purpose
    holder: str | None
    code_digest: str
    expires_at: datetime
    attempts: int
    used_at: datetime | None

    def usable(self, now: datetime) -> bool:
        """Whether a right code would still be taken."""
        return self.used_at is None and now < self.expires_at and self.attempts < MAX_ATTEMPTS


class Codes:
    """Issue and redeem codes; every method works in the caller's transaction."""

    def __init__(self, clock: Clock, secret: bytes) -> None:
        self._clock = clock
        self._secret = secret

    def issue(self, conn: Connection, purpose: Purpose, address: str, holder: str | None) -> Issued:
        """Begin an attempt for an address; codes sent to it before for the same purpose end."""
        issued = Issued(new_token(), _new_code(), new_token())
        address_digest = keyed(self._secret, "address", address.strip().casefold())
        self._end_earlier(conn, purpose, address_digest)
        now = self._clock.now()
        row = {
            "id": issued.id,
            "purpose": purpose,
            "address_digest": address_digest,
            "holder": holder,
            "code_digest": self._code_digest(issued.id, issued.code),
            "link_digest": self._link_digest(issued.link),
            "issued_at": now,
            "expires_at": now + CODE_LASTS,
            "attempts": 0,
        }
        conn.execute(insert(login_codes).values(row))
        return issued

    def redeem_code(
        self, conn: Connection, purpose: Purpose, attempt_id: str, code: str
    ) -> str | None:
        """The holder, if this is the attempt's code; a wrong guess is counted. None otherwise."""
        attempt = _locked(conn, login_codes.c.id == attempt_id)
        now = self._clock.now()
        right = same(self._code_digest(attempt_id, code), attempt.code_digest if attempt else "")
        if attempt is None or attempt.purpose != purpose or not attempt.usable(now):
            return None
        if not right or attempt.holder is None:
            _set(conn, attempt, attempts=attempt.attempts + 1)
            return None
        _set(conn, attempt, used_at=now)
        return attempt.holder

    def redeem_link(self, conn: Connection, purpose: Purpose, token: str) -> str | None:
        """The holder, if this is the token of a link that was sent and not used yet. None otherwise."""
        attempt = _locked(conn, login_codes.c.link_digest == self._link_digest(token))
        now = self._clock.now()
        if attempt is None or attempt.purpose != purpose or not attempt.usable(now):
            return None
        _set(conn, attempt, used_at=now)
        return attempt.holder

    def sweep(self, conn: Connection) -> int:
        """Delete the attempts that are over; returns how many."""
        over = login_codes.c.expires_at <= self._clock.now()
        return conn.execute(delete(login_codes).where(over)).rowcount

    def _end_earlier(self, conn: Connection, purpose: Purpose, address_digest: str) -> None:
        earlier = (
            (login_codes.c.address_digest == address_digest)
            & (login_codes.c.purpose == purpose)
            & login_codes.c.used_at.is_(None)
        )
        conn.execute(update(login_codes).where(earlier).values(used_at=self._clock.now()))

    def _code_digest(self, attempt_id: str, code: str) -> str:
        return keyed(self._secret, "code", attempt_id, _digits(code))

    def _link_digest(self, token: str) -> str:
        return keyed(self._secret, "link", token)


def _new_code() -> str:
    digits = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    return f"{digits[: _DIGITS // 2]} {digits[_DIGITS // 2 :]}"


def _digits(entered: str) -> str:
    """The digits of any script as 0 to 9: Chinese and Arabic keyboards write others."""
    return "".join(str(unicodedata.decimal(one)) for one in entered if one.isdecimal())


def _locked(conn: Connection, which: Any) -> Attempt | None:
    row = conn.execute(select(login_codes).where(which).with_for_update()).first()
    return None if row is None else _attempt(row)


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        row.id,
        row.purpose,
        row.holder,
        row.code_digest,
        row.expires_at,
        row.attempts,
        row.used_at,
    )


def _set(conn: Connection, attempt: Attempt, **values: Any) -> None:
    conn.execute(update(login_codes).where(login_codes.c.id == attempt.id).values(**values))
