"""Pseudonyms: how the ledger speaks of a person without holding anything about them.

Each subject has a random salt. The ledger holds HMAC-SHA256(salt, subject id); deleting the salt
leaves a value that nobody can link to the person again, while every proof over the ledger still
verifies.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from engine.audit.canonical import is_unicode
from engine.errors import InvalidInput
from engine.store.tables.audit import subject_salts

_MAX_SUBJECT = 255


def pseudonym(salt: bytes, subject: str) -> str:
    """Return HMAC-SHA256(salt, subject id) in hex."""
    return hmac.new(salt, subject.encode(), hashlib.sha256).hexdigest()


def salt_of(conn: Connection, subject: str) -> bytes | None:
    """Return the subject's salt, or None when it never had one or was forgotten."""
    if not _is_storable(subject):
        return None
    query = select(subject_salts.c.salt).where(subject_salts.c.subject == subject)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


def find_pseudonym(conn: Connection, subject: str) -> str | None:
    """Return the subject's pseudonym if it has a salt."""
    salt = salt_of(conn, subject)
    return None if salt is None else pseudonym(salt, subject)


def ensure_pseudonym(conn: Connection, subject: str, now: datetime) -> str:
    """Return the subject's pseudonym, giving it a salt when it has none.

    The caller holds the lock on the ledger's head. Raises InvalidInput for an empty or overlong id.
    """
    if not _is_storable(subject):
        raise InvalidInput(f"a subject id is a text of 1 to {_MAX_SUBJECT} characters", "subject")
    salt = salt_of(conn, subject)
    if salt is None:
        salt = secrets.token_bytes(32)
        # No other writer can be ahead of this one: whoever appends holds the ledger's head.
        conn.execute(insert(subject_salts), {"subject": subject, "salt": salt, "created_at": now})
    return pseudonym(salt, subject)


def delete_salt(conn: Connection, subject: str) -> bool:
    """Delete the subject's salt; returns whether there was one."""
    if not _is_storable(subject):
        return False
    result = conn.execute(delete(subject_salts).where(subject_salts.c.subject == subject))
    return result.rowcount > 0


def _is_storable(subject: str) -> bool:
    return 0 < len(subject) <= _MAX_SUBJECT and "\0" not in subject and is_unicode(subject)
