"""Events in plain words: what people read instead of `record.created`. Pure.

Each is a clause that fits after "after": "90 days after it was recorded".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.policy.durations import Anchor

KNOWN: Mapping[str, str] = MappingProxyType(
    {
        "record.created": "it was recorded",
        "record.updated": "it was last changed",
        "record.seen": "it was last used",
        "account.created": "the account was opened",
        "account.cancelled": "the account was cancelled",
        "backup.taken": "the backup was taken",
        "consent.withdrawn": "consent was withdrawn",
        "contract.ended": "the contract ended",
        "person.born": "the person was born",
    }
)


def event_words(event: str) -> str:
    """`it was recorded` for `record.created`; an event that is not known by its name in backticks."""
    return KNOWN.get(event, f"`{event}`")


def anchor_words(anchor: Anchor) -> str:
    """What counting starts from: an event, or the end of the month or year in which it lies."""
    words = event_words(anchor.event)
    if anchor.period_end is None:
        return words
    joint = "in which" if anchor.event in KNOWN else "of"
    return f"the end of the {anchor.period_end} {joint} {words}"


def keeping_words(keep: object, after: Anchor | None) -> str:
    """`90 days after it was recorded`; the length alone where nothing is counted from."""
    return f"{keep} after {anchor_words(after)}" if after else str(keep)
