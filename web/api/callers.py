"""Which service is calling: its API key, looked up in the database for every request.

Nothing about a key is kept between requests, so a key that is revoked stops at once on every replica.
"""

from __future__ import annotations

from datetime import timedelta

from engine.access.keys import ApiKey, ApiKeys
from engine.access.limits import Limit
from engine.errors import Unauthenticated
from web.services import Services

ANY = "any"
"""The scope of what every live key may do."""

FAILURES = Limit("API keys that failed", 60, timedelta(minutes=1))
WRITES = Limit("API writes", 6000, timedelta(minutes=1))
_SCHEME = "bearer "


def token(authorization: str) -> str:
    """The key in an `Authorization: Bearer` header, or an empty string."""
    if authorization[: len(_SCHEME)].lower() != _SCHEME:
        return ""
    return authorization[len(_SCHEME) :].strip()


def authenticate(services: Services, authorization: str, scope: str, address: str) -> ApiKey:
    """The calling key. Unauthenticated, Forbidden, or TooManyRequests after many failures."""
    keys = services.access.keys
    try:
        key = _recognise(keys, token(authorization), scope)
    except Unauthenticated:
        services.access.limits.check(FAILURES, address)
        raise
    services.access.allowances.take(key)
    return key


def _recognise(keys: ApiKeys, shown: str, scope: str) -> ApiKey:
    if scope != ANY:
        return keys.recognise(shown, scope)
    key = keys.find(shown)
    if key is None:
        raise Unauthenticated("the API key is missing, wrong, expired or revoked")
    return key
