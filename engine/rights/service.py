"""Rights requests as others use them: file, verify, follow, cancel, download; for officers the queue."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from engine.access.codes import Codes
from engine.datamap.directory import PlatformFacts
from engine.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    StoreUnavailable,
    UnknownName,
    UpheldError,
)
from engine.policy.policy import Policy
from engine.retention.holds import release_hold
from engine.rights import correction, due, packages, store
from engine.rights.correcting import judged
from engine.rights.deadlines import Deadline
from engine.rights.erasing import Erasures
from engine.rights.erasure import Wait, run_together
from engine.rights.packages import Package
from engine.rights.parts import Parts, restrictions
from engine.rights.state import Actor, Progress, Status, Step, progress
from engine.rights.store import SYSTEM, UNKNOWN, Because, Moved, Outcome, Request
from engine.rights.work import handlers

T = TypeVar("T")
OPEN = tuple(status for status in Status if not status.closed)
_DETAILS = {"correction", "objection", "withdrawal", "complaint"}
_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Case:
    """A request as a person or an officer sees it: where it stands, its history, what became of the data."""

    request: Request
    progress: Progress
    package_until: datetime | None
    overdue: bool
    history: tuple[Moved, ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    @property
    def right(self) -> str:
        """Which right."""
        return self.request.right

    @property
    def status(self) -> Status:
        """Where it stands."""
        return self.request.status

    @property
    def received_at(self) -> datetime:
        """When it was received."""
        return self.request.received_at

    @property
    def legal_due(self) -> datetime:
        """By when it must be answered."""
        return self.request.legal_due

    @property
    def target_due(self) -> datetime:
        """By when we aim to answer."""
        return self.request.target_due


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests an officer wants to see: those that are open, unless `statuses` says otherwise."""

    statuses: tuple[Status, ...] = OPEN
    right: str | None = None
    overdue: bool = False


class RightsService:
    """Rights requests, from filing to answer. Errors of the asker are InvalidInput, UnknownName, NotFound."""

    def __init__(self, parts: Parts, code_secret: bytes) -> None:
        self._parts = parts
        self._codes = Codes(parts.clock, code_secret)
        self._handlers = handlers(parts)

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
        asked = self._details(policy, subject_id, right, dict(details or {}))
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

    def queue(self, wanted: Filter = Filter()) -> list[Case]:
        """Requests for officers, the most urgent first."""
        with self._parts.database.read() as conn:
            found = store.having(conn, wanted.statuses, wanted.right)
            cases = [self._case(conn, request) for request in found]
        return [case for case in cases if case.overdue or not wanted.overdue]

    def case(self, request_id: str) -> Case:
        """One request, for an officer."""
        with self._parts.database.read() as conn:
            return self._case(conn, store.get(conn, request_id), whole=True)

    def extend(self, request_id: str, *, officer: str, reasons: str) -> Case:
        """Take longer, as the law allows; the person is told why before the first deadline is over.

        Raises Conflict where no law lets the answer be extended, or where it is too late to say so.
        """
        reasons, now = _text(reasons, "reasons"), self._parts.clock.now()
        with self._parts.database.begin() as conn:
            request = store.get(conn, request_id, lock=True)
            if request.extended_at is not None:
                raise Conflict("the deadline was extended already")
            if now >= (request.extension_notice_by or request.legal_due):
                raise Conflict("it is too late to extend: the person had to be told before")
            found = self._deadline(request, extended=True)
            because = Because(Actor.OFFICER, officer, reasons)
            store.move(
                conn, request, Step.EXTEND, because, now, extended_at=now, **due.columns(found)
            )
        self._letter(request, "extended", reason=reasons, by=found.legal_due)
        return self.case(request_id)

    def refuse(self, request_id: str, *, officer: str, reason: str) -> Case:
        """Refuse with a reason that the person reads. Conflict once the work has begun."""
        reason, now = _text(reason, "reason"), self._parts.clock.now()
        with self._parts.database.begin() as conn:
            request = store.get(conn, request_id, lock=True)
            because = Because(Actor.OFFICER, officer, reason)
            store.move(conn, request, Step.REFUSE, because, now, answer=reason)
        self._letter(request, "refused", reason=reason)
        return self.case(request_id)

    def answer(self, request_id: str, *, officer: str, text: str) -> Case:
        """Answer a request that a person must answer (a complaint). Conflict for any other."""
        text, now = _text(text, "text"), self._parts.clock.now()
        with self._parts.database.begin() as conn:
            request = store.get(conn, request_id, lock=True)
            if request.right != "complaint":
                raise Conflict(f"upheld itself carries out a request for `{request.right}`")
            because = Because(Actor.OFFICER, officer, text)
            store.move(conn, request, Step.COMPLETE, because, now, answer=text)
        self._letter(request, "done")
        return self.case(request_id)

    def lift_restriction(self, subject_id: str, *, officer: str, reason: str) -> None:
        """End a restriction; the person is told before it ends (GDPR 18(3)). Conflict if there is none."""
        reason, parts, now = _text(reason, "reason"), self._parts, self._parts.clock.now()
        with parts.database.read() as conn:
            found = restrictions(conn, subject_id)
            asked = [r for r in store.of_subject(conn, subject_id) if r.right == "restriction"]
        if not found:
            raise Conflict("nothing is restricted for this person")
        if asked:
            self._letter(asked[0], "lifting", reason=reason)
        with parts.database.begin() as conn:
            for hold in found:
                release_hold(conn, hold.id, by=officer, now=now)
            parts.consent.restrict(conn, subject_id, restricted=False)

    def process(self, request_id: str) -> Case:
        """Move a request on as far as it goes now. Doing it again changes nothing that is done."""
        now = self._parts.clock.now()
        with self._parts.database.begin() as conn:
            claimed = store.claim(conn, request_id, now, now + self._parts.settings.lease)
            request = store.get(conn, request_id)
        if claimed:
            self._work(request)
        return self.case(request_id)

    def process_due(self) -> list[Case]:
        """Move on everything that can be: what the scheduler calls, every few minutes."""
        now = self._parts.clock.now()
        with self._parts.database.begin() as conn:
            packages.forget_expired(conn, now)
            self._codes.sweep(conn)
            found = store.having(conn, OPEN)
        for request in found:
            self._expire(request, now)
        ready = [request for request in found if self._is_ready(request, now)]
        self._files_first(ready)
        for request in ready:
            self._try(partial(self.process, request.id))
        return [self.case(request.id) for request in ready] + self._told_late()

    def recover(self) -> list[Case]:
        """After a crash: take up what was begun and has no outcome. Nothing is done twice."""
        with self._parts.database.begin() as conn:
            begun = store.open_intents(conn)
            for request_id in begun:
                store.change(conn, request_id, claimed_until=None, retry_at=None)
        return [self.process(request_id) for request_id in begun]

    def _work(self, request: Request) -> None:
        try:
            request = self._begin(request)
            wait = None
            if request.status in (Status.IN_PROGRESS, Status.COMPLETED):
                wait = self._handlers[request.right](request)
        except StoreUnavailable as error:
            wait = Wait(str(error))
        except UpheldError as error:
            self._release(request, Wait(str(error)))
            raise
        self._release(request, wait)

    def _begin(self, request: Request) -> Request:
        now = self._parts.clock.now()
        if request.status not in (Status.VERIFIED, Status.COOLING_OFF):
            return request
        if request.cooling_until is not None and now < request.cooling_until:
            return self._cool(request, now)
        handler = self._handlers[request.right]
        if isinstance(handler, Erasures):
            handler.begin(request)
        else:
            with self._parts.database.begin() as conn:
                fresh = store.get(conn, request.id, lock=True)
                store.move(conn, fresh, Step.BEGIN, SYSTEM, now)
        with self._parts.database.read() as conn:
            return store.get(conn, request.id)

    def _cool(self, request: Request, now: datetime) -> Request:
        if request.status is Status.VERIFIED:
            with self._parts.database.begin() as conn:
                fresh = store.get(conn, request.id, lock=True)
                request = store.move(conn, fresh, Step.WAIT, SYSTEM, now)
        return request

    def _release(self, request: Request, wait: Wait | None) -> None:
        """Let others take the request; what must be waited for is tried again later."""
        now, settings = self._parts.clock.now(), self._parts.settings
        at = None if wait is None else (wait.until or now + settings.retry_after)
        why = None if wait is None else wait.why
        with self._parts.database.begin() as conn:
            store.change(conn, request.id, claimed_until=None, retry_at=at, retry_why=why)

    def _files_first(self, ready: Iterable[Request]) -> None:
        """The erasures of several people from the same files go together: one rewrite a file."""
        begun = [self._try(partial(self._begin, r)) or r for r in ready if r.right == "deletion"]
        handler = self._handlers["deletion"]
        assert isinstance(handler, Erasures)  # noqa: S101 - the table of handlers says so
        open_ones = [self._try(partial(handler.opened, r)) for r in begun]
        for name, spec in self._parts.datamap.datasets.items():
            if spec.files is not None:
                adapter = self._parts.adapters[spec.store]
                run_together(
                    adapter, spec, [(e, name) for e in open_ones if e and name in e.datasets]
                )

    def _try(self, work: Callable[[], T]) -> T | None:
        """One request that fails must not stop the others; why stands in its `retry_why`."""
        try:
            return work()
        except UpheldError:
            return None

    def _told_late(self) -> list[Case]:
        """Erasures that are complete, but whose last letter a crash kept from being written."""
        with self._parts.database.read() as conn:
            begun = [store.get(conn, request_id) for request_id in store.open_intents(conn)]
        return [self.process(r.id) for r in begun if r.status is Status.COMPLETED]

    def _is_ready(self, request: Request, now: datetime) -> bool:
        if request.status is Status.RECEIVED or (request.retry_at and now < request.retry_at):
            return False
        cooling = request.status is Status.COOLING_OFF
        return not (cooling and request.cooling_until and now < request.cooling_until)

    def _expire(self, request: Request, now: datetime) -> None:
        late = request.verify_by is not None and now >= request.verify_by
        if request.status is Status.RECEIVED and late:
            with self._parts.database.begin() as conn:
                fresh = store.get(conn, request.id, lock=True)
                if fresh.status is Status.RECEIVED:
                    store.move(conn, fresh, Step.EXPIRE, SYSTEM, now)

    def _verified(
        self, conn: Any, request: Request, because: Because, policy: Policy, now: datetime
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

    def _deadline(self, request: Request, *, extended: bool) -> Deadline:
        policy = self._parts.versions().get(request.policy_version)
        rule = due.rule_of(policy, request.right)
        return due.deadline(
            policy,
            rule,
            request.region,
            request.received_at,
            verified_at=request.verified_at,
            extended=extended,
        )

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
        self, policy: Policy, subject_id: str, right: str, details: dict[str, Any]
    ) -> dict[str, Any]:
        """Check what the person can mend now; the rest is judged when it is carried out."""
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
        return {"text": _text(details.get("text"), "details.text")}

    def _only_one(self, others: Iterable[Request], request: Request) -> None:
        for other in others:
            same = other.right == request.right and other.details == request.details
            if same and not other.status.closed:
                raise Conflict(f"you have asked for this already: request `{other.id}` is open")

    def _case(self, conn: Any, request: Request, *, whole: bool = False) -> Case:
        until = store.package_until(conn, request.id)
        now = self._parts.clock.now()
        until = until if until is not None and now < until else None
        case = Case(
            request,
            progress(request.right, request.status, request.times(until)),
            until,
            request.overdue(now),
        )
        if not whole:
            return case
        history = tuple(store.history(conn, request.id))
        return replace(case, history=history, outcomes=tuple(store.outcomes(conn, request.id)))

    def _letter(self, request: Request, name: str, **told: Any) -> None:
        addresses = self._parts.directory.addresses(request.subject_id)
        self._parts.write(addresses, name, request, **told)


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


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput("say it in a few words", field)
    if len(value) > _LONGEST_TEXT:
        raise InvalidInput(f"this is longer than {_LONGEST_TEXT:,} characters", field)
    return value.strip()
