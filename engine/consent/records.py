"""Consent records: append-only facts of what a person said, and what follows from all of them together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a record is about: agreement to a version, an optional choice, or an objection to a purpose."""

    AGREEMENT = "agreement"
    CHOICE = "choice"
    OBJECTION = "objection"


class State(StrEnum):
    """Consent states as in the W3C Data Privacy Vocabulary; only the first two are valid consent."""

    GIVEN = "given"
    RENEWED = "renewed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    INVALIDATED = "invalidated"

    @property
    def valid(self) -> bool:
        """Whether this state permits anything."""
        return self in (State.GIVEN, State.RENEWED)


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One fact. `text_digest` is the SHA-256 of the text that the person saw, in `language`.

    `source` says where it was said: portal, gate, api, signal, officer.
    """

    id: str
    subject_id: str
    kind: Kind
    name: str
    state: State
    at: datetime
    version: str
    language: str
    text_digest: str
    source: str
    guardian: str | None = None
    """The subject id of the verified guardian who said it in the person's place."""


@dataclass(frozen=True, slots=True)
class Said:
    """The latest word on one choice: its state, when, and under which version of the policy."""

    state: State
    at: datetime
    version: str
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from all records of one person, in their order.

    `agreed_by` is the guardian who agreed in the person's place; None if they did so themselves.
    """

    agreed: str | None = None
    declined: str | None = None
    choices: dict[str, Said] = field(default_factory=dict)
    objections: tuple[str, ...] = ()
    agreed_by: str | None = None


def standing(records: Iterable[ConsentRecord]) -> Standing:
    """Fold the records, oldest first: for each thing, the last word counts."""
    agreed = declined = agreed_by = None
    choices: dict[str, Said] = {}
    objections: set[str] = set()
    for record in records:
        if record.kind is Kind.CHOICE:
            choices[record.name] = Said(record.state, record.at, record.version, record.guardian)
        elif record.kind is Kind.OBJECTION:
            change = objections.add if record.state.valid else objections.discard
            change(record.name)
        elif record.state.valid:
            agreed, declined, agreed_by = record.name, None, record.guardian
        elif record.state is State.REFUSED:
            declined = record.name
        else:
            agreed = agreed_by = None
    return Standing(agreed, declined, choices, tuple(sorted(objections)), agreed_by)
