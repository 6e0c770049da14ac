"""The officers' side: the queue, and what a person must decide."""

from __future__ import annotations

from engine.errors import Conflict
from engine.retention.holds import release_hold
from engine.rights import due, store
from engine.rights.cases import Case, Filter, Side, plain_text
from engine.rights.deadlines import Deadline
from engine.rights.parts import restrictions
from engine.rights.state import Actor, Step
from engine.rights.store import Because, Request

_OPEN_ONES = Filter()


class Deciding(Side):
    """What officers do with requests."""

    def queue(self, wanted: Filter = _OPEN_ONES) -> list[Case]:
        """Requests for officers, the most urgent first."""
        with self._parts.database.read() as conn:
            found = store.having(conn, wanted.statuses, wanted.right)
            cases = [self._case(conn, request) for request in found]
        return [case for case in cases if case.overdue or not wanted.overdue]

    def extend(self, request_id: str, *, officer: str, reasons: str) -> Case:
        """Take longer, as the law allows; the person is told why before the first deadline is over.

        Raises Conflict where no law lets the answer be extended, or where it is too late to say so.
        """
        reasons, now = plain_text(reasons, "reasons"), self._parts.clock.now()
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
        reason, now = plain_text(reason, "reason"), self._parts.clock.now()
        with self._parts.database.begin() as conn:
            request = store.get(conn, request_id, lock=True)
            because = Because(Actor.OFFICER, officer, reason)
            store.move(conn, request, Step.REFUSE, because, now, answer=reason)
        self._letter(request, "refused", reason=reason)
        return self.case(request_id)

    def answer(self, request_id: str, *, officer: str, text: str) -> Case:
        """Answer a request that a person must answer (a complaint). Conflict for any other."""
        text, now = plain_text(text, "text"), self._parts.clock.now()
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
        reason, parts, now = plain_text(reason, "reason"), self._parts, self._parts.clock.now()
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
