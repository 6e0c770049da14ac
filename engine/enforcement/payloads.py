"""A payload in: what of it may be stored. Card numbers are refused wherever they stand. Pure.

A field of the payload is a key of the object; each needs a category, from the caller or from a dataset of the
data map. What has none may not be stored: nothing is collected that nobody has named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.collection import pan
from engine.decisions.decision import Decision

Decide = Callable[[str], Decision]
"""The decision whether one category may be collected."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A field that may not be stored. `decision` is None where no rule was asked."""

    field: str
    category: str
    reason: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What may be stored of a payload, and what may not."""

    payload: dict[str, Any]
    refused: tuple[Refused, ...]


def check_payload(
    payload: Mapping[str, Any], categories: Mapping[str, str | None], decide: Decide
) -> Checked:
    """Sort a payload. `categories` is by field; None says that a field is not personal."""
    kept: dict[str, Any] = {}
    refused: list[Refused] = []
    for field, value in payload.items():
        found = _refusal(field, value, categories, decide)
        if found is None:
            kept[field] = value
        else:
            refused.append(found)
    return Checked(kept, tuple(refused))


def _refusal(
    field: str, value: Any, categories: Mapping[str, str | None], decide: Decide
) -> Refused | None:
    # The name of a field may be a card number itself, which no answer repeats.
    if pan.masked(field) != field:
        return Refused(pan.masked(field), "", "the name of the field is a payment card number")
    cards = list(pan.paths_in(value, field))
    if cards:
        where = ", ".join(f"`{path}`" for path in cards[:5])
        return Refused(
            field, categories.get(field) or "", f"it holds a payment card number, at {where}"
        )
    if field not in categories:
        return Refused(field, "", "no category is known for this field, so it is not collected")
    category = categories[field]
    if category is None:
        return None
    decision = decide(category)
    return None if decision.permitted else Refused(field, category, decision.reason, decision)
