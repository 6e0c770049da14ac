"""Deletion: begun by an intent, carried out dataset by dataset, certified, told, forgotten.

Work on the platform's stores can be taken up again at any point; the outcome, its certificate and the end of
the person's pseudonym are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from engine.audit import ledger
from engine.audit.canonical import canonical
from engine.audit.erasure_list import Identity
from engine.consent import holders
from engine.consent import store as consent_store
from engine.datamap.directory import Person
from engine.decisions.log import reading as decided
from engine.errors import Conflict
from engine.policy.policy import Policy
from engine.retention import departures, holds, restricted, told
from engine.retention.own import OWN_KEY, OWN_PEOPLE
from engine.retention.restricted import Left
from engine.rights import packages, sameness, store
from engine.rights.certificate import certify
from engine.rights.erasure import CANCELLED, Erasure, Scope, Wait, freeze
from engine.rights.packages import Label
from engine.rights.parts import SOURCE, Parts, restrictions
from engine.rights.state import Actor, Status, Step
from engine.rights.store import SYSTEM, Because, Intent, Outcome, Request
from engine.store.tables.retention import events


class Erasures:
    """Deletion: begun by an intent, carried out dataset by dataset, certified, told, forgotten."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def begin(self, request: Request) -> None:
        """Freeze what will be erased, and say so, before the first row goes.

        Raises Conflict when the id is somebody else's now: nothing is deleted, and an officer decides.
        """
        parts, now = self._parts, self._parts.clock.now()
        person = self._asker(request)
        facts = parts.directory.facts(request.subject_id)
        region = facts.region if facts and facts.region else request.region
        intent = freeze(self._scope(parts.in_force()), request, person, region, now)
        with parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            said = {"plan": intent.digest}
            store.move(conn, fresh, Step.BEGIN, SYSTEM, now, facts=said)
            store.open_intent(conn, intent, now)
            told.record_event(
                conn, request.subject_id, CANCELLED, request.received_at, SOURCE, now=now
            )
            for hold in restrictions(conn, request.subject_id):
                holds.release_hold(conn, hold.id, by=SOURCE, now=now)
            identities = [Identity(kind, value) for kind, value in person.identities.items()]
            parts.erasures.add(conn, identities, now)

    def __call__(self, request: Request) -> Wait | None:
        parts = self._parts
        with parts.database.read() as conn:
            intent = store.find_intent(conn, request.id)
        if intent is None:
            return None
        if intent.body["phase"] == "act":
            erasure = self.erasure(request, intent.body)
            wait = self._act(request, erasure, intent)
            if wait is not None:
                return wait
        self._tell(request)
        return None

    def opened(self, request: Request) -> Erasure | None:
        """The erasure that was begun for a request and is not done."""
        with self._parts.database.read() as conn:
            intent = store.find_intent(conn, request.id)
        if intent is None or intent.body["phase"] != "act":
            return None
        erasure = self.erasure(request, intent.body)
        return None if self._given_away(request, erasure) else erasure

    def erasure(self, request: Request, body: Mapping[str, Any]) -> Erasure:
        """The erasure of an intent, under the policy that it was begun with."""
        policy = self._parts.versions().get(body["policy"])
        return Erasure(self._scope(policy), request.id, body)

    def _act(self, request: Request, erasure: Erasure, intent: Intent) -> Wait | None:
        parts, now = self._parts, self._parts.clock.now()
        if self._given_away(request, erasure):
            self._halt(request)
            return Wait(_REUSED_SINCE)
        wait = erasure.advance(parts.database, intent, now)
        if wait is not None:
            return wait
        left = erasure.survivors()
        if left:
            self._again(request, intent, left, now)
            return Wait(f"rows were found again in {', '.join(sorted(left))}")
        notes = (*erasure.finish_stores(), *erasure.unclear())
        self._end(request, erasure, intent, notes, now)
        return None

    def _again(
        self, request: Request, intent: Intent, left: Mapping[str, int], now: datetime
    ) -> None:
        """What was found by looking again is erased again, and the ledger says once that it was there."""
        with self._parts.database.begin() as conn:
            fresh = store.find_intent(conn, request.id) or intent
            kept = [name for name in fresh.done if name not in left]
            known = fresh.body.get("survivors", {})
            body = {**fresh.body, "survivors": known | dict(left)}
            store.set_intent(conn, request.id, done=kept, body=body)
            if left.keys() <= known.keys():
                return
            facts = {"request": request.id, "rows": dict(left)}
            ledger.append(conn, "rights.survivors", facts, now=now, subject=request.subject_id)

    def _end(
        self,
        request: Request,
        erasure: Erasure,
        intent: Intent,
        notes: Sequence[str],
        now: datetime,
    ) -> None:
        """The outcome, its certificate, and the person's salt forgotten, in one transaction."""
        parts = self._parts
        found = [Outcome.read(one) for one in intent.body["outcomes"]]
        holding = tuple(erasure.holding())
        remembered = _departed(erasure, holding)
        left = _left(erasure, holding, found)
        lasts = now + parts.settings.package_lasts
        label = Label(f"deletion-certificate-{now:%Y-%m-%d}.json", "application/json", now, lasts)
        with parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            store.add_outcomes(conn, request.id, found)
            departures.remember(conn, erasure.person.dataset, remembered, now=now)
            # Upheld's own records of the person count from the same moment, and outlive the row that had it.
            own = [(OWN_KEY, request.subject_id, CANCELLED, erasure.cancelled)]
            departures.remember(conn, OWN_PEOPLE, own, now=now)
            stored = consent_store.facts(conn, request.subject_id)
            created = stored.platform.created if stored else None
            restricted.remember(conn, request.subject_id, left, created, now)
            conn.execute(delete(events).where(events.c.subject == request.subject_id))
            consent_store.forget(conn, request.subject_id)
            done = store.move(conn, fresh, Step.COMPLETE, SYSTEM, now)
            certificate = certify(conn, parts.signer, done, found, notes, now)
            packages.forget_of(conn, request.subject_id)
            packages.keep(conn, request.id, label, [canonical(certificate)])
            ledger.forget_subject(conn, request.subject_id)
            decided.forget(conn, parts.scribe.mask(request.subject_id))
            body = {"phase": "tell", "address": intent.body["address"]}
            store.set_intent(conn, request.id, body=body, done=[])

    def _tell(self, request: Request) -> None:
        """Write to the address for the last time, then forget it."""
        parts = self._parts
        with parts.database.read() as conn:
            intent = store.find_intent(conn, request.id)
        if intent is not None and intent.body["address"]:
            held = packages.find(parts.database, request.id, parts.clock.now())
            text = held.read().decode()
            parts.write([intent.body["address"]], "erased", request, certificate=text)
        with parts.database.begin() as conn:
            store.close_intent(conn, request.id)

    def _scope(self, policy: Policy) -> Scope:
        parts = self._parts
        with parts.database.read() as conn:
            active = holds.list_holds(conn)
        return Scope(policy, parts.datamap, parts.adapters, active)

    def _asker(self, request: Request) -> Person:
        """Who asked. Raises Conflict when the id is no longer known to be theirs."""
        person = self._parts.directory.person(request.subject_id)
        if person is None and not holders.is_former(request.subject_id):
            return self._gone(request.subject_id)
        if person is None or not sameness.is_same(
            self._parts, request.details, person, request.received_at
        ):
            self._halt(request)
            raise Conflict(_REUSED)
        return person

    def _given_away(self, request: Request, erasure: Erasure) -> bool:
        """Whether the id came to somebody else after the work had begun."""
        if holders.is_former(request.subject_id):
            return True
        person = self._parts.directory.person(request.subject_id)
        if person is None or erasure.knows(person):
            return False
        return not sameness.is_same(self._parts, request.details, person, request.received_at)

    def _halt(self, request: Request) -> None:
        """The history says once why nothing is deleted, however often it is tried again."""
        now = self._parts.clock.now()
        with self._parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            if all(moved.step is not Step.HALT for moved in store.history(conn, request.id)):
                begun = fresh.status is Status.IN_PROGRESS
                because = Because(Actor.SYSTEM, reason=_REUSED_SINCE if begun else _REUSED)
                store.move(conn, fresh, Step.HALT, because, now)

    def _gone(self, subject_id: str) -> Person:
        """Of somebody whose own row is gone already: what their id alone leads to."""
        dataset, value = self._parts.directory.place(subject_id)
        identities = self._parts.datamap.datasets[dataset].identities
        kind, path = next(iter(identities.items()))
        return Person(dataset, subject_id, {kind: value}, {path: value})


def _departed(
    erasure: Erasure, holding: Iterable[tuple[str, str]]
) -> list[tuple[str, str, str, datetime]]:
    """When the account was cancelled, by what kept rows still name the person by, and nothing else."""
    person = erasure.person
    fields = dict.fromkeys(field for name, field in holding if name != person.dataset)
    return [(f, person.fields[f], CANCELLED, erasure.cancelled) for f in fields]


def _left(
    erasure: Erasure, holding: Sequence[tuple[str, str]], outcomes: Iterable[Outcome]
) -> list[Left]:
    """What is there for the law alone from now on, and by which identity it is found."""
    person = erasure.person
    return [
        Left(one.dataset, one.category, f"{person.dataset}.{field}", person.fields[field])
        for one in outcomes
        if one.outcome == "restricted"
        for name, field in holding
        if name == one.dataset
    ]


_REUSED = (
    "nothing was deleted: the account with this id no longer has anything else in common with the one "
    "that the request was made for, so it may be somebody else's; refuse the request, or ask the person"
)
_REUSED_SINCE = (
    "the deletion stopped: the id may have been given to somebody else since it began, "
    "and their data must not go with it"
)
