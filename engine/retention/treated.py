"""Whether a stored value looks as its treatment leaves it; judged apart from the code that treats.

Pure. Purging asks the store which values would still change. Verification asks here what the value looks
like, so that a treatment that does nothing, or the wrong thing, is found.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from ipaddress import ip_interface
from typing import Any

from engine.datamap.model import FieldUse

_DIGEST = re.compile(r"hash:[0-9a-f]{8,64}", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}", re.ASCII)
_HOST_BITS = {4: 8, 6: 80}
"""The last bits of an address, by its version, that tell a machine from its network."""


def is_anonymous(value: Any, use: FieldUse) -> bool:
    """Whether nothing is left in the field, or only what `anonymise` leaves of it."""
    if value is None or value == "":
        return True
    match use.anonymise:
        case "hash":
            return _DIGEST.fullmatch(str(value)) is not None
        case "truncate ip":
            return _is_network(str(value))
        case "year":
            return _is_year(value)
        case "keep":
            return True
        case "blank":
            return False
        case "null":
            return is_erased(value, use)


def is_erased(value: Any, use: FieldUse) -> bool:
    """Whether the field holds nothing, or what the data map puts in its place."""
    return value is None or str(value) == (use.erase or "")


def _is_network(text: str) -> bool:
    try:
        address = ip_interface(text.strip()).ip
    except ValueError:
        return False
    return not int(address) & ((1 << _HOST_BITS[address.version]) - 1)


def _is_year(value: Any) -> bool:
    """A column of dates keeps the first moment of the year."""
    if isinstance(value, datetime):
        utc = value.astimezone(UTC) if value.tzinfo else value
        return utc.replace(tzinfo=None) == datetime(utc.year, 1, 1)  # noqa: DTZ001 - only compared
    if isinstance(value, date):
        return (value.month, value.day) == (1, 1)
    return _YEAR.fullmatch(str(value).strip()) is not None
