"""Values from YAML are text; what lies in a store has a type. How the two are compared."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_interface
from typing import Any, Literal

Kind = Literal[
    "integer", "number", "boolean", "text", "time", "date", "json", "uuid", "ip", "other"
]
"""What a column holds, whatever its store calls it."""

_TRUE = frozenset({"true", "t", "yes", "y", "on", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "off", "0"})
_WIDEST = 2**63


class NoSuchValue(ValueError):
    """The value cannot occur in a column of this kind, so nothing equals it."""


def as_text(value: Any) -> str:
    """A scalar as text, as YAML and JSON write it: `true`, `5`, `2026-05-01T12:00:00+00:00`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def same(stored: Any, wanted: Any) -> bool:
    """Whether a value out of a store is the one that is meant; NULL is never."""
    if stored is None or wanted is None:
        return False
    if isinstance(stored, bool):
        return as_text(wanted).lower() in (_TRUE if stored else _FALSE)
    if isinstance(stored, int | float | Decimal) and not isinstance(wanted, bool):
        try:
            return bool(stored == Decimal(as_text(wanted).strip()))
        except InvalidOperation:
            return False
    return as_text(stored) == as_text(wanted)


def coerce_all(values: Iterable[Any], kind: Kind) -> list[Any]:
    """Each value as a column of this kind would hold it; those that it cannot hold are left out."""
    found = []
    for value in values:
        try:
            found.append(coerce(value, kind))
        except NoSuchValue:
            continue
    return found


def coerce(value: Any, kind: Kind) -> Any:
    """The value as a column of this kind would hold it. NoSuchValue if it cannot."""
    text = _storable(as_text(value))
    try:
        return _AS[kind](text) if kind in _AS else text
    except (ValueError, ArithmeticError) as problem:
        raise NoSuchValue(kind) from problem


def _storable(text: str) -> str:
    """No database keeps a NUL in a text, and half of a surrogate pair is no text at all."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NoSuchValue("text")
    return text


def _integer(text: str) -> int:
    number = Decimal(text.strip())
    if number != number.to_integral_value() or not -_WIDEST <= number < _WIDEST:
        raise ValueError("not a whole number of 64 bits")
    return int(number)


def _number(text: str) -> Decimal:
    number = Decimal(text.strip())
    if not number.is_finite():
        raise ValueError("not finite")
    return number


def _boolean(text: str) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("neither true nor false")
    return word in _TRUE


def _ip(text: str) -> str:
    return str(ip_interface(text.strip()))


_AS: dict[Kind, Any] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "time": datetime.fromisoformat,
    "date": date.fromisoformat,
    "uuid": uuid.UUID,
    "ip": _ip,
}
