"""What a person, or their guardian, says of a policy: written as a record, with its entry in the ledger."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.audit import ledger
from engine.consent import store
from engine.consent.records import ConsentRecord, Kind, Standing, State
from engine.errors import UnknownName
from engine.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Word:
    """Who speaks when, of which version; where they said it, in which language, which guardian for them."""

    policy: Policy
    subject_id: str
    at: datetime
    source: str
    language: str = "en"
    guardian: str | None = None

    def say(self, conn: Connection, kind: Kind, name: str, state: State) -> ConsentRecord:
        """Write one record and its ledger entry, in the caller's transaction."""
        record = ConsentRecord(
            id=str(uuid.uuid4()),
            subject_id=self.subject_id,
            kind=kind,
            name=name,
            state=state,
            at=self.at,
            version=self.policy.version,
            language=self.language,
            text_digest=shown_digest(self.policy, kind, name, self.language),
            source=self.source,
            guardian=self.guardian,
        )
        store.add(conn, record)
        said = f"consent.{state.value}"
        ledger.append(conn, said, _entry(record), now=self.at, subject=self.subject_id)
        return record

    def choose(self, conn: Connection, choice: str, on: bool) -> ConsentRecord:
        """Turn an optional consent on or off. UnknownName if the policy has no such choice."""
        known = [c.id for c in self.policy.consent.choices]
        if choice not in known:
            raise UnknownName("choice", choice, known)
        said = self._standing(conn).choices.get(choice)
        return self.say(conn, Kind.CHOICE, choice, _next_state(on, said.state if said else None))

    def void(self, conn: Connection) -> None:
        """What this guardian said in the person's place, and still stands, counts no longer."""
        said = self._standing(conn)
        known = {choice.id for choice in self.policy.consent.choices}
        if said.agreed and said.agreed_by == self.guardian:
            self.say(conn, Kind.AGREEMENT, said.agreed, State.INVALIDATED)
        for choice, word in said.choices.items():
            if choice in known and word.state.valid and word.guardian == self.guardian:
                self.say(conn, Kind.CHOICE, choice, State.INVALIDATED)

    def _standing(self, conn: Connection) -> Standing:
        facts = store.facts(conn, self.subject_id)
        return facts.standing if facts else Standing()


def _next_state(on: bool, before: State | None) -> State:
    if on:
        return State.RENEWED if before is not None and before.valid else State.GIVEN
    return State.WITHDRAWN if before is not None and before.valid else State.REFUSED


def shown_digest(policy: Policy, kind: Kind, name: str, language: str) -> str:
    """SHA-256 of the words that the person saw: the whole text for an agreement, else the question."""
    if kind is Kind.CHOICE:
        shown = next(choice.ask for choice in policy.consent.choices if choice.id == name)
    elif kind is Kind.OBJECTION:
        shown = policy.purposes[name].means
    else:
        shown = policy.translations.get(language, policy.text).plain()
    return hashlib.sha256(shown.encode()).hexdigest()


def _entry(record: ConsentRecord) -> dict[str, str]:
    return {
        "record": record.id,
        "kind": record.kind.value,
        "name": record.name,
        "state": record.state.value,
        "version": record.version,
        "text": record.text_digest,
        "language": record.language,
        "source": record.source,
        "by": "guardian" if record.guardian else "person",
    }
