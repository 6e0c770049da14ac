"""The person's side: file a request, prove who one is, follow it, take it back, download the answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.datamap.directory import PlatformFacts
from engine.errors import Conflict, InvalidInput, NotFound, UnknownName
from engine.policy.policy import Policy
from engine.rights import correction, due, packages, sameness, store
from engine.rights.cases import Case, Side, plain_text
from engine.rights.correcting import judged
from engine.rights.packages import Package
from engine.rights.state import Actor, Status, Step
from engine.rights.store import SYSTEM, UNKNOWN, Because, Request

_DETAILS = {"correction", "objection", "withdrawal", "complaint"}


class Asking(Side):
    """What people do with their own requests."""

    def rights(self) -> tuple[str, ...]:
        """The rights that the policy in force grants, in its order."""
        return tuple(dict.fromkeys(rule.right for rule in self._parts.in_force().rights.rules))

    def correctable(self, subject_id: str) -> tuple[str, ...]:
        """The categories that this person may correct by a request."""
        dataset, _ = self._parts.directory.place(subject_id)
        spec = self._parts.datamap.datasets[dataset]
        return correction.correctable(self._parts.in_force(), spec)

    def file(
        self,
        subject_id: str,
        right: str,
        details: Mapping[str, Any] | None = None,
        *,
        source: str,
        language: str = "en",
        proved: bool = False,
    ) -> Case:
        """File a request. `proved`: the session proved just now who the person is, so no code is needed.

        `details`: for a correction {category: new value}, for an objection {purpose}, for a withdrawal
        {choice}, for a complaint {text}. Raises UnknownName, InvalidInput, or Conflict if the same is open.
        """
        policy, now = self._parts.in_force(), self._parts.clock.now()
        rule = due.rule_of(policy, right)
        # Whose id it is now is written down with the request: it may come to somebody else later.
        self._parts.consent.look(subject_id)
        asked = self._details(policy, subject_id, right, dict(details or {}), now)
        facts = self._parts.directory.facts(subject_id)
        if facts is None:
            raise NotFound("no such account")
        request = self._request(policy, rule.right, subject_id, asked, source, language, facts, now)
        with self._parts.database.begin() as conn:
            self._only_one(store.of_subject(conn, subject_id), request)
            store.add(conn, request)
            if proved:
                request = self._verified(conn, request, Because(Actor.PERSON), policy, now)
        if not proved:
            self.send_code(subject_id, request.id)
        return self.get(subject_id, request.id)

    def send_code(self, subject_id: str, request_id: str) -> None:
        """Send a (new) code to the person's own address. Conflict if the request needs none."""
        addresses = self._parts.directory.addresses(subject_id)
        with self._parts.database.begin() as conn:
            request = _theirs(store.get(conn, request_id, lock=True), subject_id)
            if request.status is not Status.RECEIVED:
                raise Conflict("the request needs no code")
            if not addresses:
                raise Conflict("there is no e-mail address to send a code to: write to us")
            issued = self._codes.issue(conn, "step-up", addresses[0], subject_id)
            store.change(conn, request_id, code_id=issued.id)
        self._parts.write(addresses[:1], "code", request, code=issued.code)

    def verify(self, subject_id: str, request_id: str, code: str) -> Case:
        """Confirm a request by the code from the e-mail: 15 minutes, five attempts, once.

        Raises InvalidInput for a code that is wrong, used or too old (which of them is not told).
        """
        now, policy = self._parts.clock.now(), self._parts.in_force()
        with self._parts.database.begin() as conn:
            request = _theirs(store.get(conn, request_id, lock=True), subject_id)
            if request.status is not Status.RECEIVED:
                raise Conflict(f"the request is {request.status.value} and needs no code")
            holder = self._codes.redeem_code(conn, "step-up", request.code_id or "", code)
            if holder == subject_id:
                self._verified(conn, request, Because(Actor.PERSON), policy, now)
        if holder != subject_id:
            raise InvalidInput("the code is wrong or too old: ask for a new one", "code")
        return self.get(subject_id, request_id)

    def of_subject(self, subject_id: str) -> list[Case]:
        """A person's requests, the newest first."""
        with self._parts.database.read() as conn:
            return [self._case(conn, request) for request in store.of_subject(conn, subject_id)]

    def get(self, subject_id: str, request_id: str) -> Case:
        """One request of this person; NotFound for anybody else's, in the same words."""
        with self._parts.database.read() as conn:
            request = _theirs(store.get(conn, request_id), subject_id)
            return self._case(conn, request, whole=True)

    def package(self, subject_id: str, request_id: str) -> Package:
        """The answer to download, streamed; NotFound if it is somebody else's, not there yet, or expired."""
        self.get(subject_id, request_id)
        return packages.find(self._parts.database, request_id, self._parts.clock.now())

    def cancel(self, subject_id: str, request_id: str) -> Case:
        """Take a request back while nothing has begun. Conflict afterwards."""
        now = self._parts.clock.now()
        with self._parts.database.begin() as conn:
            request = _theirs(store.get(conn, request_id, lock=True), subject_id)
            store.move(conn, request, Step.CANCEL, Because(Actor.PERSON), now)
        return self.get(subject_id, request_id)

    def _verified(
        self, conn: Connection, request: Request, because: Because, policy: Policy, now: datetime
    ) -> Request:
        """The person is known: the deadline may count from now, and a deletion cools off."""
        rule = due.rule_of(policy, request.right)
        until = due.cooling_until(policy, rule, now) if request.right == "deletion" else None
        found = due.deadline(policy, rule, request.region, request.received_at, verified_at=now)
        values = {"verified_at": now, "cooling_until": until, "code_id": None} | due.columns(found)
        verified = store.move(conn, request, Step.VERIFY, because, now, **values)
        if until is None:
            return verified
        return store.move(conn, verified, Step.WAIT, SYSTEM, now)

    def _request(
        self,
        policy: Policy,
        right: str,
        subject_id: str,
        details: Mapping[str, Any],
        source: str,
        language: str,
        facts: PlatformFacts,
        now: datetime,
    ) -> Request:
        found = due.deadline(policy, due.rule_of(policy, right), facts.region, now)
        return store.new_request(
            id=str(uuid.uuid4()),
            subject_id=subject_id,
            right=right,
            details=details,
            source=source,
            language=language,
            region=facts.region,
            policy_version=policy.version,
            received_at=now,
            verify_by=now + self._parts.settings.verify_within,
            **due.columns(found),
        )

    def _details(
        self, policy: Policy, subject_id: str, right: str, details: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        """Check what the person can mend now; the rest is judged when it is carried out."""
        if right == "deletion":
            person = self._parts.directory.person(subject_id)
            return sameness.kept(self._parts, person, now) if person else {}
        if right not in _DETAILS:
            return {}
        if right == "correction":
            dataset, _ = self._parts.directory.place(subject_id)
            judged(self._parts, dataset, details)
            return details
        if right == "objection":
            return {"purpose": _known(details, "purpose", policy.purposes.terms)}
        if right == "withdrawal":
            return {"choice": _known(details, "choice", [c.id for c in policy.consent.choices])}
        return {"text": plain_text(details.get("text"), "details.text")}

    def _only_one(self, others: Iterable[Request], request: Request) -> None:
        for other in others:
            same = other.right == request.right and _asks_the_same(other, request)
            if same and not other.status.closed:
                raise Conflict(f"you have asked for this already: request `{other.id}` is open")


def _asks_the_same(one: Request, other: Request) -> bool:
    if one.right == "deletion":
        return sameness.share(one.details, other.details)
    return one.details == other.details


def _theirs(request: Request, subject_id: str) -> Request:
    if request.subject_id != subject_id:
        raise NotFound(UNKNOWN)
    return request


def _known(details: Mapping[str, Any], key: str, known: Iterable[str]) -> str:
    value = details.get(key)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"say which {key}", f"details.{key}")
    if value not in (names := list(known)):
        raise UnknownName(key, value, names)
    return value
