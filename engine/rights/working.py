"""The worker's side: requests are moved on as far as they go, by one worker at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import TypeVar

from engine.access.codes import Codes
from engine.errors import StoreUnavailable, UpheldError
from engine.rights import packages, store
from engine.rights.cases import OPEN, Case, Side
from engine.rights.claims import Claims
from engine.rights.erasing import Erasures
from engine.rights.erasure import Wait, run_together
from engine.rights.parts import Parts
from engine.rights.state import Status, Step
from engine.rights.store import SYSTEM, Request
from engine.rights.work import handlers

T = TypeVar("T")


class Working(Side):
    """Carries requests out; the scheduler calls it, or an officer."""

    def __init__(self, parts: Parts, codes: Codes) -> None:
        super().__init__(parts, codes)
        self._erasures = Erasures(parts)
        self._handlers = handlers(parts, self._erasures)

    def process(self, request_id: str) -> Case:
        """Move a request on as far as it goes now. Doing it again changes nothing that is done."""
        claims = self._claims()
        with claims.held([request_id]) as mine:
            for request in mine:
                self._work(claims, request)
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
        self._erase_together([request.id for request in ready if request.right == "deletion"])
        for request in ready:
            if request.right != "deletion":
                self._try(partial(self.process, request.id))
        return [self.case(request.id) for request in ready] + self._told_late()

    def recover(self) -> list[Case]:
        """After a crash: take up what was begun and has no outcome. Nothing is done twice.

        What a worker has in hand is left to it; that of a dead one is free when its lease is over.
        """
        now = self._parts.clock.now()
        with self._parts.database.read() as conn:
            begun = [store.get(conn, request_id) for request_id in store.open_intents(conn)]
        ready = [request for request in begun if self._is_ready(request, now)]
        cases = [self._try(partial(self.process, request.id)) for request in ready]
        return [case for case in cases if case is not None]

    def _claims(self) -> Claims:
        parts = self._parts
        return Claims(parts.database, parts.clock, parts.settings.lease)

    def _work(self, claims: Claims, request: Request) -> None:
        """Carry out a request in hand and let go of it; what must be waited for is tried again later."""
        try:
            wait = self._carry_out(self._begin(request))
        except StoreUnavailable as error:
            wait = Wait(str(error))
        except UpheldError as error:
            self._release(claims, request, Wait(str(error)))
            raise
        self._release(claims, request, wait)

    def _carry_out(self, request: Request) -> Wait | None:
        untold = request.right == "deletion" and request.status is Status.COMPLETED
        if request.status is not Status.IN_PROGRESS and not untold:
            return None
        return self._handlers[request.right](request)

    def _begin(self, request: Request) -> Request:
        now = self._parts.clock.now()
        if request.status not in (Status.VERIFIED, Status.COOLING_OFF):
            return request
        if request.cooling_until is not None and now < request.cooling_until:
            return self._cool(request, now)
        if request.right == "deletion":
            self._erasures.begin(request)
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

    def _release(self, claims: Claims, request: Request, wait: Wait | None) -> None:
        now, settings = self._parts.clock.now(), self._parts.settings
        at = None if wait is None else (wait.until or now + settings.retry_after)
        claims.release(request.id, retry_at=at, retry_why=None if wait is None else wait.why)

    def _erase_together(self, request_ids: Iterable[str]) -> None:
        """The erasures of several people from the same files go together: one rewrite a file."""
        claims = self._claims()
        with claims.held(request_ids) as mine:
            begun = [self._try(partial(self._begin, request)) or request for request in mine]
            self._files_first(begun)
            for request in begun:
                self._try(partial(self._work, claims, request))

    def _files_first(self, begun: Iterable[Request]) -> None:
        opened = [self._try(partial(self._erasures.opened, request)) for request in begun]
        for name, spec in self._parts.datamap.datasets.items():
            if spec.files is not None:
                adapter = self._parts.adapters[spec.store]
                theirs = [(e, name) for e in opened if e and name in e.datasets]
                self._try(partial(run_together, adapter, spec, theirs))

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
