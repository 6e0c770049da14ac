"""Consent: recorded, withdrawn, shown; and the login gate. Each change commits with its ledger entry."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from engine.consent import guardians, store
from engine.consent.ages import is_ward
from engine.consent.choices import ChoiceState, choice_states
from engine.consent.gate import Gate, gate
from engine.consent.observing import Observer, PlatformDirectory, Restrictions
from engine.consent.receipts import receipt
from engine.consent.records import ConsentRecord, Kind, Standing, State
from engine.consent.store import StoredFacts
from engine.consent.word import Word
from engine.errors import Conflict, Forbidden, InvalidInput, NotFound, Unavailable, UnknownName
from engine.policy.concerns import concerns
from engine.policy.diff import Change, since
from engine.policy.policy import Policy
from engine.policy.versions import Versions
from engine.ports import Clock
from engine.store.database import Database

ANSWERS_THEMSELVES = "this person is old enough to answer themselves"


@dataclass(frozen=True, slots=True)
class Overview:
    """Where a person stands: what they agreed to, their choices, what they object to."""

    agreed: str | None
    choices: tuple[ChoiceState, ...]
    objections: tuple[str, ...]
    restricted: bool


class ConsentService:
    """What people agree to and choose. `versions` gives the published versions as they are now."""

    def __init__(
        self,
        database: Database,
        versions: Callable[[], Versions],
        directory: PlatformDirectory,
        clock: Clock,
        *,
        base_url: str,
        restrictions: Restrictions,
    ) -> None:
        self._database = database
        self._versions = versions
        self._observer = Observer(database, directory, restrictions, clock)
        self._clock = clock
        self._base_url = base_url

    def choose(
        self,
        subject_id: str,
        choice: str,
        on: bool,
        *,
        source: str,
        language: str = "en",
        guardian: str | None = None,
    ) -> ConsentRecord:
        """Turn an optional consent on or off. UnknownName if the policy in force has no such choice.

        `guardian`: who says so in the person's place; Forbidden unless verified as their guardian.
        """
        word = Word(self._policy(), subject_id, self._clock.now(), source, language, guardian)
        self._may_answer(word)
        with self._database.begin() as conn:
            return word.choose(conn, choice, on)

    def agree(
        self,
        subject_id: str,
        version: str,
        answers: Mapping[str, bool],
        *,
        source: str,
        language: str = "en",
        guardian: str | None = None,
    ) -> None:
        """Record agreement to the version in force, and each optional answer on its own."""
        policy, now = self._in_force(version), self._clock.now()
        word = Word(policy, subject_id, now, source, language, guardian)
        self._may_answer(word)
        with self._database.begin() as conn:
            word.say(conn, Kind.AGREEMENT, version, State.GIVEN)
            for choice, on in answers.items():
                word.choose(conn, choice, on)

    def decline(
        self,
        subject_id: str,
        version: str,
        *,
        source: str,
        language: str = "en",
        guardian: str | None = None,
    ) -> None:
        """Record that a person does not agree: processing stays under the version agreed to before."""
        policy, now = self._in_force(version), self._clock.now()
        word = Word(policy, subject_id, now, source, language, guardian)
        self._may_answer(word)
        with self._database.begin() as conn:
            word.say(conn, Kind.AGREEMENT, version, State.REFUSED)

    def set_objection(
        self,
        subject_id: str,
        purpose: str,
        on: bool,
        *,
        source: str,
        language: str = "en",
        guardian: str | None = None,
    ) -> ConsentRecord:
        """Record an objection to a purpose (GDPR 21), or that it is lifted."""
        policy = self._policy()
        if purpose not in policy.purposes:
            raise UnknownName("purpose", purpose, policy.purposes.terms)
        word = Word(policy, subject_id, self._clock.now(), source, language, guardian)
        self._may_answer(word)
        state = State.GIVEN if on else State.WITHDRAWN
        with self._database.begin() as conn:
            return word.say(conn, Kind.OBJECTION, purpose, state)

    def hear(self, subject_id: str, signals: Collection[str]) -> None:
        """Keep what a person's browser signals, and record what that turns off, so that it holds everywhere.

        A signal that has ceased turns nothing on again: that takes the person's own word.
        """
        policy, now = self._policy(), self._clock.now()
        word, facts = Word(policy, subject_id, now, "signal"), self.stored(subject_id)
        off = {c.id for c in policy.consent.choices if set(c.off_by or ()) & set(signals)}
        states = self._states(policy, facts, ())
        with self._database.begin() as conn:
            if facts.signals is None or set(facts.signals) != set(signals):
                store.hear(conn, subject_id, signals, now)
            for state in states.values():
                if state.id in off and not _was_refused(facts.standing, state.id):
                    word.choose(conn, state.id, False)

    def answering(self, subject_id: str) -> Sequence[str]:
        """The guardians who answer for a person now; none once the person is old enough."""
        with self._database.read() as conn:
            found = [one.guardian for one in guardians.of(conn, subject_id)]
        return found if found and self.may_answer(subject_id, found[0]) else ()

    def may_answer(self, subject_id: str, guardian: str) -> bool:
        """Whether somebody is verified as a person's guardian, and the person is not old enough for none."""
        policy = self._versions().in_force(self._clock.now())
        if policy is None:
            return False
        with self._database.read() as conn:
            if not guardians.stands(conn, subject_id, guardian):
                return False
        return is_ward(policy, self.stored(subject_id).platform, self._clock.now()) is not False

    def restrict(self, conn: Connection, subject_id: str, restricted: bool) -> None:
        """Mark the person as restricted (GDPR 18) in the caller's transaction."""
        store.restrict(conn, subject_id, restricted, self._clock.now())

    def overview(self, subject_id: str, signals: Collection[str] = ()) -> Overview:
        """Where a person stands now."""
        policy = self._policy()
        facts = self.stored(subject_id)
        states = self._states(policy, facts, signals)
        said = facts.standing
        return Overview(said.agreed, tuple(states.values()), said.objections, facts.restricted)

    def login(self, subject_id: str, signals: Collection[str] = ()) -> Gate:
        """What this person must settle at login, and why."""
        policy = self._policy()
        facts = self.stored(subject_id)
        states = self._states(policy, facts, signals)
        agreed = agreed_version(policy, facts, self._clock.now())
        changes = self._since(agreed, policy) if agreed else ()
        found = gate(
            policy,
            agreed=agreed,
            declined=facts.standing.declined,
            changes=changes,
            states=states.values(),
        )
        ward = is_ward(policy, facts.platform, self._clock.now())
        return replace(found, by_guardian=ward is not False)

    def _since(self, agreed: str, policy: Policy) -> Sequence[Change]:
        """What changed since the version that a person agreed to."""
        versions = self._versions()
        old, chain = versions.get(agreed), versions.up_to(policy)
        return since(chain[chain.index(old) :] if old in chain else [old, policy]).changes

    def states(
        self, policy: Policy, facts: StoredFacts, signals: Collection[str] = ()
    ) -> dict[str, ChoiceState]:
        """The choices under a policy as they follow from a person's stored facts."""
        return self._states(policy, facts, signals)

    def chain(self) -> Sequence[Policy]:
        """The published versions up to the one in force, which is the last. Unavailable if none is."""
        return self._versions().up_to(self._policy())

    def stored(self, subject_id: str, conn: Connection | None = None) -> StoredFacts:
        """The person's facts: those stored, after asking the platform again if they are old or missing."""
        return self._observer.stored(subject_id, conn)

    def look(self, subject_id: str) -> bool:
        """Ask the platform now whose id this is; returns whether it has come to somebody else.

        Then nothing that the earlier holder said or asked for is found under it any more. Whoever shows a
        person what is theirs looks first.
        """
        return self._observer.look(subject_id)

    def records(self, subject_id: str) -> Sequence[ConsentRecord]:
        """Everything that a person said, oldest first."""
        with self._database.read() as conn:
            return store.records_of(conn, subject_id)

    def receipt(self, subject_id: str, record_id: str) -> dict[str, object]:
        """The portable form of one record (ISO/IEC TS 27560). NotFound if it is not this person's."""
        with self._database.read() as conn:
            record = store.record(conn, record_id)
        if record is None or record.subject_id != subject_id:
            raise NotFound("no such consent record")
        policy = self._versions().get(record.version)
        return receipt(record, policy, base_url=self._base_url)

    def _states(
        self, policy: Policy, facts: StoredFacts, signals: Collection[str]
    ) -> dict[str, ChoiceState]:
        states = choice_states(
            policy,
            facts.standing.choices,
            region=facts.platform.region,
            signals=signals,
            now=self._clock.now(),
            ward=is_ward(policy, facts.platform, self._clock.now()),
        )
        kind = facts.platform.subject
        return {name: state for name, state in states.items() if concerns(policy, name, kind)}

    def _may_answer(self, word: Word) -> None:
        if word.guardian is None:
            return
        if is_ward(word.policy, self.stored(word.subject_id).platform, word.at) is False:
            raise Conflict(ANSWERS_THEMSELVES)
        if not self.may_answer(word.subject_id, word.guardian):
            raise Forbidden("only a verified guardian may answer for this person")

    def void(self, conn: Connection, subject_id: str, guardian: str, *, source: str) -> None:
        """What a guardian said in a person's place and still stands counts no longer."""
        word = Word(self._policy(), subject_id, self._clock.now(), source, guardian=guardian)
        word.void(conn)

    def _policy(self) -> Policy:
        policy = self._versions().in_force(self._clock.now())
        if policy is None:
            raise Unavailable("no published version of the policy is in force")
        return policy

    def _in_force(self, version: str) -> Policy:
        policy = self._policy()
        if policy.version != version:
            raise InvalidInput(
                f"version `{version}` is not in force; the version in force is `{policy.version}`",
                "version",
            )
        return policy


def _was_refused(said: Standing, choice: str) -> bool:
    word = said.choices.get(choice)
    return word is not None and not word.state.valid


def agreed_version(policy: Policy, facts: StoredFacts, now: datetime) -> str | None:
    """The version that a person agreed to; for a child only a guardian's agreement counts."""
    said = facts.standing
    if said.agreed_by or is_ward(policy, facts.platform, now) is False:
        return said.agreed
    return None
