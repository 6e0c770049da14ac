"""To whom a person's data was given, as services recorded it in the ledger (GDPR 15(1)(c))."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.audit import ledger
from engine.audit.entries import Entry
from engine.policy.policy import Policy
from engine.policy.vocabulary import Tree
from engine.promises.disclosures import KIND

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Given:
    """One disclosure: `entry` is its number in the ledger; the names are those of the policy at that time."""

    entry: int
    at: datetime
    recipient: str
    purpose: str
    categories: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """It as plain values, for JSON."""
        return {
            "at": self.at.isoformat(),
            "recipient": self.recipient,
            "purpose": self.purpose,
            "categories": list(self.categories),
            "ledger_entry": self.entry,
        }


def given_of(conn: Connection, subject_id: str) -> tuple[Given, ...]:
    """Every disclosure of a person, the oldest first; none of somebody who was erased since."""
    return tuple(_read(conn, subject_id))


def _read(conn: Connection, subject_id: str) -> Iterator[Given]:
    start = 0
    while found := ledger.entries(conn, start, _BATCH, KIND, subject_id):
        yield from map(_given, found)
        start = found[-1].index + 1


def _given(entry: Entry) -> Given:
    facts = entry.facts
    categories = tuple(sorted(facts["categories"]))
    return Given(entry.index, entry.at, facts["recipient"], facts["purpose"], categories)


def sentences(given: Iterable[Given], policy: Policy) -> list[str]:
    """Who received what, for what and when: one line for all that is alike, in the policy's words."""
    alike: dict[tuple[str, str, tuple[str, ...]], list[datetime]] = {}
    for one in given:
        alike.setdefault((one.recipient, one.purpose, one.categories), []).append(one.at)
    return [_sentence(policy, *what, times) for what, times in alike.items()]


def _sentence(
    policy: Policy, recipient: str, purpose: str, categories: tuple[str, ...], times: list[datetime]
) -> str:
    who = policy.recipients.inherited(recipient, "name") if recipient in policy.recipients else None
    what = ", ".join(_words(policy.categories, name) for name in categories)
    to = who or _words(policy.recipients, recipient)
    return f"{to}: {what}; for: {_words(policy.purposes, purpose)}; {_when(times)}"


def _words(tree: Tree, name: str) -> str:
    return tree[name].means if name in tree else name


def _when(times: list[datetime]) -> str:
    first, last = (f"{at.day} {at:%B %Y, %H:%M} UTC" for at in (min(times), max(times)))
    if len(times) == 1:
        return f"on {first}"
    return f"{len(times):,} times, first on {first}, last on {last}"
