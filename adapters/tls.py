"""A real TLS handshake with an address: is the certificate good, which protocol is spoken?"""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from engine.promises.control import TlsFacts

TIMEOUT = 5.0


def probe(address: str, context: ssl.SSLContext | None = None) -> TlsFacts:
    """Shake hands with `https://host[:port]`. Never raises: what goes wrong is in the facts.

    `context` says which authorities are trusted; the machine's own if not given.
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        return TlsFacts(address, refused="it is not an https address")
    trusted = context or ssl.create_default_context()
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), TIMEOUT) as raw,
            trusted.wrap_socket(raw, server_hostname=parts.hostname) as secure,
        ):
            return TlsFacts(address, secure.version() or "", _expires(secure))
    except ssl.SSLCertVerificationError as problem:
        return TlsFacts(address, refused=problem.verify_message.lower().rstrip("."))
    except ssl.SSLError as problem:
        reason = (problem.reason or "the handshake failed").replace("_", " ").lower()
        return TlsFacts(address, refused=reason)
    except (OSError, ValueError) as problem:
        return TlsFacts(address, unreachable=_why(problem))


def _expires(secure: ssl.SSLSocket) -> datetime | None:
    certificate = secure.getpeercert() or {}
    ends = certificate.get("notAfter")
    return (
        datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
        if isinstance(ends, str)
        else None
    )


def _why(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return f"no answer within {TIMEOUT:.0f} seconds"
    return str(getattr(problem, "strerror", None) or "the address cannot be resolved").lower()
