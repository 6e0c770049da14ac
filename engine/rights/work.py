"""Carrying a request out, right by right. Each handler ends in one transaction with its ledger entry."""

from __future__ import annotations

from collections.abc import Mapping

from engine.retention import holds
from engine.rights import store
from engine.rights.copying import Copies
from engine.rights.correcting import Corrections
from engine.rights.erasing import Erasures
from engine.rights.erasure import Wait
from engine.rights.parts import RESTRICTED_FOR, SOURCE, Handler, Parts, restrictions
from engine.rights.state import Step
from engine.rights.store import SYSTEM, Request


class Restrictions:
    """Restriction: a hold on everything, and no use but what the law demands (GDPR 18)."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __call__(self, request: Request) -> Wait | None:
        parts, now = self._parts, self._parts.clock.now()
        policy = parts.in_force()
        with parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            if not restrictions(conn, request.subject_id):
                holds.add_hold(
                    conn, policy, parts.datamap, holds.RESTRICTION,
                    holds.Scope(subject=request.subject_id),
                    note="asked for by the person", by=SOURCE,
                    review_at=now + RESTRICTED_FOR, now=now,
                )  # fmt: skip
            parts.consent.restrict(conn, request.subject_id, restricted=True)
            store.move(conn, fresh, Step.COMPLETE, SYSTEM, now)
        parts.write(parts.directory.addresses(request.subject_id), "done", request)
        return None


class Objections:
    """Objection to a purpose (GDPR 21), and withdrawal of a choice (GDPR 7(3))."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __call__(self, request: Request) -> Wait | None:
        parts, now = self._parts, self._parts.clock.now()
        language, about = request.language, request.details
        if "purpose" in about:
            parts.consent.set_objection(
                request.subject_id, about["purpose"], True, source="request", language=language
            )
        if "choice" in about:
            parts.consent.choose(
                request.subject_id, about["choice"], False, source="request", language=language
            )
        with parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            store.move(conn, fresh, Step.COMPLETE, SYSTEM, now)
        parts.write(parts.directory.addresses(request.subject_id), "done", request)
        return None


class ForOfficers:
    """What a person must answer: it waits in the queue."""

    def __call__(self, request: Request) -> Wait | None:
        return Wait("an officer answers this")


def handlers(parts: Parts, erasures: Erasures) -> Mapping[str, Handler]:
    """Who carries out which right."""
    copies, objections = Copies(parts), Objections(parts)
    return {
        "access": copies,
        "export": copies,
        "correction": Corrections(parts),
        "deletion": erasures,
        "restriction": Restrictions(parts),
        "objection": objections,
        "withdrawal": objections,
        "complaint": ForOfficers(),
    }
