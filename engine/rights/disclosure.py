"""What of a row is shown to the person it is about, and how each value is written. Pure.

Everything held is theirs to see, but for three things: what is about somebody else, what would let a thief
of the copy into the account, and card numbers, of which only the last four digits are shown.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.collection.pan import masked_value
from engine.datamap.model import Dataset
from engine.policy.policy import Policy
from engine.ports import Record

ANOTHER_PERSON = "[another person]"
WITHHELD = "[withheld: it protects your account]"
_SECRET = re.compile(
    r"(^|[_.-])(pass(word|wd|code)?|secret|token|otp|salt|(key_)?hash|digest)([_.-]|$)", re.I
)
_EXACT = 2**53


@dataclass(frozen=True)
class Shown:
    """The fields of a dataset that are shown, each with its category (None: it names the row)."""

    fields: Mapping[str, str | None]
    others: Mapping[str, tuple[str, ...]]
    """Link fields of rows that may name somebody else -> the values that name this person."""


def shown(policy: Policy, spec: Dataset, *, derived: bool) -> Mapping[str, str | None]:
    """Which fields are shown: those that hold personal data, and what names and dates the row.

    Without `derived` only what the person provided or was observed (GDPR 20); with it, everything (15).
    """
    times = (field for time in spec.times.values() for field in time.fields)
    naming = (*spec.key, *spec.identities.values(), *spec.subject, *times)
    found: dict[str, str | None] = dict.fromkeys(naming)
    for path, use in spec.fields.items():
        if use.category is None:
            found.pop(path, None)
        elif derived or not only_derived(policy, use.category):
            found[path] = use.category
        else:
            found.pop(path, None)
    return found


def only_derived(policy: Policy, category: str) -> bool:
    """Whether the policy says that a category is inferred, and never provided or observed."""
    sources = [s for rule in policy.collection if not rule.denies for s in rule.source or ()
               if category in policy.data_leaves(rule.data)]  # fmt: skip
    return bool(sources) and set(sources) == {"derived"}


def disclosed(what: Shown, record: Record) -> dict[str, Any]:
    """A row as it is shown: values that JSON can hold, secrets and other people left out."""
    return {field: _value(what, field, record.values.get(field)) for field in what.fields}


def is_secret(field: str) -> bool:
    """Whether a field, by its name, holds a password, a token or a digest of one."""
    return bool(_SECRET.search(field))


def _value(what: Shown, field: str, value: Any) -> Any:
    if value is None:
        return None
    if is_secret(field):
        return WITHHELD
    if field in what.others and not _names_me(value, what.others[field]):
        return ANOTHER_PERSON
    return masked_value(plain(value))


def _names_me(value: Any, mine: tuple[str, ...]) -> bool:
    return str(value).casefold() in {own.casefold() for own in mine}


def plain(value: Any) -> Any:
    """A stored value as JSON: exact numbers, times in ISO 8601, bytes in hexadecimal."""
    match value:
        case None | bool() | str():
            return _unicode(value)
        case int():
            return value if abs(value) < _EXACT else str(value)
        case float():
            return value if math.isfinite(value) else str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case dict():
            return {str(_unicode(str(k))): plain(v) for k, v in value.items()}
        case list() | tuple() | set():
            return [plain(item) for item in value]
        case Decimal():
            return str(value)
        case _:
            return _unicode(str(value))


def _unicode(value: Any) -> Any:
    """Half a surrogate pair, which no file can hold, becomes the replacement character."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


def cell(value: Any) -> str:
    """A value in a CSV cell; what a spreadsheet would run as a formula is made text by an apostrophe."""
    if value is None:
        return ""
    text = _json_text(value) if isinstance(value, dict | list | bool) else str(value)
    if text.lstrip(" ").startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text.replace("\x00", "")


def _json_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
