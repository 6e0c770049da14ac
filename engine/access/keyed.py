"""Keyed digests: how a secret or an address is stored so that a copy of the table is of no use."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

TOKEN_BYTES = 32


def keyed(secret: bytes, purpose: str, *parts: str) -> str:
    """HMAC-SHA-256 of the parts in hex, distinct for each purpose and unambiguous in its parts."""
    message = json.dumps([purpose, *parts]).encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two digests are equal, compared in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def new_token() -> str:
    """256 random bits as 43 characters that are safe in an address and in a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)
