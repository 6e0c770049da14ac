"""API keys: 256 random bits, found by their prefix, compared by a keyed digest, limited to scopes.

A key reads `upheld_<prefix>_<secret>`; it is shown once, when it is made. Random keys need no slow hash:
guessing 256 bits is hopeless, and the digest is keyed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, insert, select, update

from engine.access.keyed import keyed, new_token, same
from engine.audit import ledger
from engine.errors import Conflict, Forbidden, InvalidInput, Unauthenticated, UnknownName
from engine.ports import Clock
from engine.store.database import Database
from engine.store.tables.access import api_keys

Mode = Literal["enforce", "shadow"]
SCOPES = ("decide", "consent", "rights", "admin")
_KEY = re.compile(r"upheld_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
NOTICE = timedelta(minutes=1)
"""How exactly the time of last use is kept: a thousand calls a second are not a thousand writes."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret."""

    prefix: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    shadow: bool = False
    """Whether its service hears a permit whatever is decided; the decision log says what would be."""

    per_minute: int | None = None
    """How many calls a minute it may make; None is as many as it likes."""

    @property
    def mode(self) -> Mode:
        """Whether decisions are enforced for its service."""
        return "shadow" if self.shadow else "enforce"

    def live(self, now: datetime) -> bool:
        """Whether the key opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

    def allows(self, scope: str) -> bool:
        """Whether the key has this scope; `admin` has every one."""
        return scope in self.scopes or "admin" in self.scopes


class ApiKeys:
    """Create, list, rotate, revoke and recognise keys; each change with its ledger entry."""

    def __init__(self, database: Database, clock: Clock, secret: bytes) -> None:
        self._database = database
        self._clock = clock
        self._secret = secret

    def create(
        self,
        name: str,
        scopes: Collection[str],
        *,
        shadow: bool = False,
        per_minute: int | None = None,
        by: str = "",
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with the text to hand over, which is shown only now.

        `by` is the officer who asked for it, here and below; empty for whoever runs the installation.
        """
        _check(name, scopes)
        _check_limit(per_minute)
        wanted = ApiKey(
            "", name, frozenset(scopes), self._clock.now(), None, None, None, shadow, per_minute
        )
        with self._database.begin() as conn:
            return self._make(conn, wanted, "key.created", **_officer(by))

    def all(self) -> Sequence[ApiKey]:
        """Every key, the oldest first, revoked ones too."""
        with self._database.read() as conn:
            query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.prefix)
            return [_key(row) for row in conn.execute(query)]

    def rotate(
        self, prefix: str, *, grace: timedelta = timedelta(0), by: str = ""
    ) -> tuple[ApiKey, str]:
        """Replace a key by a new one of the same name and scopes; the old one ends after `grace`."""
        now = self._clock.now()
        with self._database.begin() as conn:
            old = _live(conn, prefix, now)
            _set(conn, prefix, expires_at=now + grace)
            told = {"replaces": prefix, **_officer(by)}
            return self._make(conn, old, "key.rotated", **told)

    def revoke(self, prefix: str, *, by: str = "") -> None:
        """End a key at once."""
        now = self._clock.now()
        with self._database.begin() as conn:
            key = _live(conn, prefix, now)
            _set(conn, prefix, revoked_at=now)
            told = {"key": prefix, "name": key.name, **_officer(by)}
            ledger.append(conn, "key.revoked", told, now=now)

    def enforce(self, prefix: str, on: bool, *, by: str = "") -> None:
        """Let what is decided count for the key's service, or only be logged (shadow mode)."""
        with self._database.begin() as conn:
            key = _live(conn, prefix, self._clock.now())
            _set(conn, prefix, shadow=not on)
            kind = "key.enforced" if on else "key.shadowed"
            told = {"key": prefix, "name": key.name, **_officer(by)}
            ledger.append(conn, kind, told, now=self._clock.now())

    def limit(self, prefix: str, per_minute: int | None, *, by: str = "") -> None:
        """Set how many calls a minute the key may make; None is as many as it likes."""
        _check_limit(per_minute)
        with self._database.begin() as conn:
            key = _live(conn, prefix, self._clock.now())
            _set(conn, prefix, per_minute=per_minute)
            told = {"key": prefix, "name": key.name, "per_minute": per_minute, **_officer(by)}
            ledger.append(conn, "key.limited", told, now=self._clock.now())

    def recognise(self, text: str, scope: str) -> ApiKey:
        """The key that a caller showed. Unauthenticated if it opens nothing, Forbidden by its scopes."""
        key = self.find(text)
        if key is None:
            raise Unauthenticated("the API key is missing, wrong, expired or revoked")
        if not key.allows(scope):
            raise Forbidden(f"the API key `{key.name}` has no scope `{scope}`")
        return key

    def find(self, text: str) -> ApiKey | None:
        """The live key with this text, or None; notes that it was used."""
        parts = self.parts(text)
        if parts is None:
            return None
        now = self._clock.now()
        with self._database.read() as conn:
            row = conn.execute(select(api_keys).where(api_keys.c.prefix == parts[0])).first()
        fits = self.fits(parts, row.digest if row else "")
        if row is None or not fits or not _key(row).live(now):
            return None
        key = _key(row)
        if key.last_used_at is None or now - key.last_used_at >= NOTICE:
            with self._database.begin() as conn:
                _set(conn, key.prefix, last_used_at=now)
        return key

    @staticmethod
    def parts(text: str) -> tuple[str, str] | None:
        """The prefix and the secret of a key, or None for a text that is none."""
        found = _KEY.fullmatch(text)
        return None if found is None else (found[1], found[2])

    def fits(self, parts: tuple[str, str], digest: str) -> bool:
        """Whether a key's parts have this digest, compared in constant time."""
        return same(self._digest(*parts), digest)

    def _make(
        self, conn: Connection, wanted: ApiKey, kind: str, **facts: str
    ) -> tuple[ApiKey, str]:
        """Make a key with the name, scopes, mode and limit of `wanted`."""
        now, prefix, secret = self._clock.now(), secrets.token_hex(6), new_token()
        ordered = sorted(wanted.scopes)
        row: dict[str, Any] = {
            "prefix": prefix,
            "name": wanted.name,
            "digest": self._digest(prefix, secret),
            "scopes": ordered,
            "created_at": now,
            "shadow": wanted.shadow,
            "per_minute": wanted.per_minute,
        }
        conn.execute(insert(api_keys).values(row))
        told = {"key": prefix, "name": wanted.name, "scopes": ordered, **facts}
        told |= {name: row[name] for name in ("shadow", "per_minute") if row[name]}
        ledger.append(conn, kind, told, now=now)
        made = replace(wanted, prefix=prefix, created_at=now, expires_at=None, last_used_at=None)
        return made, f"upheld_{prefix}_{secret}"

    def _digest(self, prefix: str, secret: str) -> str:
        return keyed(self._secret, "api key", prefix, secret)


def _officer(name: str) -> dict[str, str]:
    return {"officer": name} if name else {}


def _check(name: str, scopes: Collection[str]) -> None:
    if not 0 < len(name.strip()) <= 80 or not name.isprintable():
        raise InvalidInput("a key needs a name of 1 to 80 characters, such as `billing`", "name")
    for scope in scopes:
        if scope not in SCOPES:
            raise UnknownName("scope", scope, SCOPES)
    if not scopes:
        raise InvalidInput(f"a key needs at least one scope of {', '.join(SCOPES)}", "scopes")


def _check_limit(per_minute: int | None) -> None:
    if per_minute is not None and not 1 <= per_minute <= 10_000_000:
        raise InvalidInput("a limit is from 1 to 10000000 calls a minute", "per_minute")


def _live(conn: Connection, prefix: str, now: datetime) -> ApiKey:
    row = conn.execute(
        select(api_keys).where(api_keys.c.prefix == prefix).with_for_update()
    ).first()
    if row is None:
        raise UnknownName("API key", prefix, conn.scalars(select(api_keys.c.prefix)).all())
    if not _key(row).live(now):
        raise Conflict(f"the API key `{prefix}` has ended already")
    return _key(row)


def _set(conn: Connection, prefix: str, **values: Any) -> None:
    conn.execute(update(api_keys).where(api_keys.c.prefix == prefix).values(**values))


def _key(row: Row[Any]) -> ApiKey:
    return key_of(row._asdict())


def key_of(row: Mapping[str, Any]) -> ApiKey:
    """A key from its row; when it was last used may be left out."""
    return ApiKey(
        row["prefix"],
        row["name"],
        frozenset(row["scopes"]),
        row["created_at"],
        row["expires_at"],
        row.get("last_used_at"),
        row["revoked_at"],
        row["shadow"],
        row["per_minute"],
    )


KEY_COLUMNS = tuple(column for column in api_keys.c if column.name != "last_used_at")
"""What the hot path reads of a key: all that a key is recognised by, without what changes all the time."""

DIGEST = KEY_COLUMNS.index(api_keys.c.digest)
