"""Payment card numbers (PAN) in text: recognised by issuer prefix, length and check digit, and masked.

The three together (ISO/IEC 7812-1: issuer identification number, length, Luhn) leave few chance hits, and
none among UUIDs, hexadecimal ids, decimals and times of this century. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_SEPARATOR = r"[ \u00a0\u2009\u202f.\u2010-\u2013-]"
# Not inside a word, an identifier or a decimal number.
_BEFORE, _AFTER = r"(?<![\w.+-])", r"(?!\w|[.-]\w)"
_PLAIN = r"\d{13,19}"
# As printed on cards: fours; 4-6-5 (American Express); 4-6-4 (Diners Club).
_GROUPED = (
    rf"\d{{4}}(?P<sep>{_SEPARATOR})(?:\d{{4}}(?P=sep)\d{{4}}(?P=sep)\d{{4}}(?:(?P=sep)\d{{3}})?"
    rf"|\d{{6}}(?P=sep)\d{{4,5}})"
)
_CANDIDATE = re.compile(f"{_BEFORE}(?:{_GROUPED}|{_PLAIN}){_AFTER}")
_DIGIT = re.compile(r"\d")

_SIXTEEN_UP = range(16, 20)

# (brand, lowest prefix, highest prefix, lengths), from the schemes' published ranges.
_ISSUERS: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    ("visa", 4, 4, (13, 16, 19)),
    ("mastercard", 51, 55, (16,)),
    ("mastercard", 2221, 2720, (16,)),
    ("american express", 34, 34, (15,)),
    ("american express", 37, 37, (15,)),
    ("diners club", 300, 305, (14, 16)),
    ("diners club", 36, 36, (14,)),
    ("diners club", 38, 39, (14, 16)),
    ("discover", 6011, 6011, tuple(_SIXTEEN_UP)),
    ("discover", 644, 649, tuple(_SIXTEEN_UP)),
    ("discover", 65, 65, tuple(_SIXTEEN_UP)),
    ("jcb", 3528, 3589, tuple(_SIXTEEN_UP)),
    ("unionpay", 62, 62, tuple(_SIXTEEN_UP)),
    ("unionpay", 81, 81, tuple(_SIXTEEN_UP)),
    ("maestro", 5018, 5018, (16, 18, 19)),
    ("maestro", 5020, 5020, (16, 18, 19)),
    ("maestro", 5038, 5038, (16, 18, 19)),
    ("maestro", 6304, 6304, (16, 18, 19)),
    ("maestro", 6759, 6763, (16, 18, 19)),
    ("mir", 2200, 2204, tuple(_SIXTEEN_UP)),
    ("rupay", 60, 60, (16,)),
    ("rupay", 508, 508, (16,)),
    ("troy", 9792, 9792, (16,)),
)


@dataclass(frozen=True, slots=True)
class Card:
    """A card number in a text: where it stands (`text[start:end]`), its scheme, its last four digits."""

    start: int
    end: int
    brand: str
    last_four: str


def find(text: str) -> Iterator[Card]:
    """Every card number in a text, in order."""
    for candidate in _CANDIDATE.finditer(text):
        # Digits of any script count: a number in full-width digits is a card number too.
        digits = "".join(str(int(digit)) for digit in _DIGIT.findall(candidate[0]))
        brand = brand_of(digits)
        if brand is not None:
            yield Card(candidate.start(), candidate.end(), brand, digits[-4:])


def brand_of(digits: str) -> str | None:
    """The scheme whose prefix, length and check digit these ASCII digits have, or None."""
    if len(set(digits)) == 1 or not luhn(digits):
        return None
    for brand, low, high, lengths in _ISSUERS:
        if len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high:
            return brand
    return None


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1 annex B)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def masked(text: str) -> str:
    """The text with every card number reduced to its last four digits."""
    parts, end = [], 0
    for card in find(text):
        parts += [text[end : card.start], f"[card number ending {card.last_four}]"]
        end = card.end
    return "".join([*parts, text[end:]]) if parts else text


def masked_value(value: Any) -> Any:
    """A JSON-like value with every card number masked, in keys, texts and whole numbers alike."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        return {masked_value(key): masked_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and brand_of(str(abs(value))):
        return masked(str(abs(value)))
    return value


def paths_in(value: Any, path: str = "") -> Iterator[str]:
    """The paths in a JSON-like value (`a.b[0]`) at which a card number stands, as a value or a key."""
    if isinstance(value, dict):
        for key, item in value.items():
            if masked_value(key) != key:
                # The key is the card number itself, which no message may repeat.
                yield f"a key of `{path}`" if path else "a key"
            else:
                yield from paths_in(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from paths_in(item, f"{path}[{number}]")
    elif masked_value(value) != value:
        yield path
