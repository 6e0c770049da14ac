"""How a value is anonymised. Each transformation leaves its own result alone: run twice, it changes nothing.

What cannot be transformed (no address, no date) gives None: no better than erased, never kept.
"""

from __future__ import annotations

import re
from hashlib import sha256
from ipaddress import IPv4Address, ip_address, ip_network

MARK = "hash:"
FULL = 64

_HASHED = re.compile(r"hash:[0-9a-f]{8,64}")
_YEAR = re.compile(r"([0-9]{4})(-.*)?", re.DOTALL)


def hashed(value: object, key: bytes, size: int | None = None) -> str | None:
    """A keyed digest, marked, at most `size` characters long (at least 13: the mark and 32 bits).

    Without the key nobody can find the value by trying all candidates, which for addresses would be easy.
    """
    if value is None:
        return None
    text = str(value)
    if _HASHED.fullmatch(text):
        return text
    inner = sha256(key + text.encode("utf-8", "surrogatepass")).digest()
    return MARK + sha256(key + inner).hexdigest()[: digits(size)]


def digits(size: int | None) -> int:
    """How many digits of a digest fit into a text of this size."""
    return FULL if size is None else max(8, min(FULL, size - len(MARK)))


def truncated_ip(value: object) -> str | None:
    """The address with its host part zero: /24 of version 4, /48 of version 6; None if it is no address."""
    try:
        address = ip_address(str(value).strip())
    except ValueError:
        return None
    prefix = 24 if isinstance(address, IPv4Address) else 48
    return str(ip_network((address.packed, prefix), strict=False).network_address)


def year(value: object) -> str | None:
    """The year of a date in a text; None if it has none."""
    found = _YEAR.fullmatch(str(value).strip())
    return found[1] if found else None
