"""Correction: the person's own row is changed; the ledger keeps digests of before and after."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from engine.audit import subjects
from engine.audit.canonical import canonical
from engine.datamap.directory import EMAIL, Person
from engine.datamap.map import DataMap
from engine.ports import Change, Condition, DataAdapter, Edit
from engine.rights import correction, store
from engine.rights.erasure import Wait
from engine.rights.parts import Parts
from engine.rights.selection import Selection
from engine.rights.state import Actor, Step
from engine.rights.store import SYSTEM, Because, Intent, Outcome, Request


class Corrections:
    """Correction: the person's own row is changed; the ledger keeps digests of before and after."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __call__(self, request: Request) -> Wait | None:
        parts, now = self._parts, self._parts.clock.now()
        intent = self._intent(request, now)
        if intent is None:
            return None
        person = Person(**intent.body["person"])
        verdict = self._judge(request, person)
        before = self._before(person, verdict)
        self._apply(person, verdict)
        with parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            salt = subjects.salt_of(conn, request.subject_id) or b""
            changed = _digests(salt, verdict, intent.body["before"] or before)
            found = [
                Outcome(person.dataset, c.category, "corrected", 1) for c in verdict.corrections
            ]
            store.add_outcomes(conn, request.id, found)
            store.move(conn, fresh, Step.COMPLETE, SYSTEM, now, facts={"changed": changed})
            store.close_intent(conn, request.id)
        self._tell(request, person, verdict)
        return None

    def _intent(self, request: Request, now: datetime) -> Intent | None:
        """Whose row, as it was when work began; None if the request was refused instead."""
        parts = self._parts
        with parts.database.read() as conn:
            found = store.find_intent(conn, request.id)
        if found is not None:
            return found
        person = parts.directory.person(request.subject_id)
        reason = self._refusal(request, person)
        if person is None or reason:
            self._refuse(request, reason, now)
            return None
        before = self._before(person, self._judge(request, person))
        body = {"phase": "act", "person": asdict(person), "before": before}
        digest = hashlib.sha256(canonical({"right": "correction"})).hexdigest()
        intent = Intent(request.id, digest, body, ())
        with parts.database.begin() as conn:
            store.get(conn, request.id, lock=True)
            known = store.find_intent(conn, request.id)
            if known is None:
                store.open_intent(conn, intent, now)
        return known or intent

    def _refusal(self, request: Request, person: Person | None) -> str:
        if person is None:
            return "there is no account of yours any more"
        verdict = self._judge(request, person)
        if verdict.refused:
            return "; ".join(f"{name}: {why}" for name, why in verdict.refused.items())
        email = self._new_email(person, verdict)
        # Somebody else's address, or one of several people: `find` cannot say whose.
        if email is not None and self._parts.directory.find(email) not in (None, person.subject_id):
            return "the new address cannot be used"
        return ""

    def _refuse(self, request: Request, reason: str, now: datetime) -> None:
        parts = self._parts
        with parts.database.begin() as conn:
            fresh = store.get(conn, request.id, lock=True)
            because = Because(Actor.SYSTEM, reason=reason)
            store.move(conn, fresh, Step.REFUSE, because, now, answer=reason)
        addresses = parts.directory.addresses(request.subject_id)
        parts.write(addresses, "refused", request, reason=reason)

    def _judge(self, request: Request, person: Person) -> correction.Verdict:
        return judged(self._parts, person.dataset, request.details)

    def _before(self, person: Person, verdict: correction.Verdict) -> dict[str, Any]:
        spec = self._parts.datamap.datasets[person.dataset]
        fields = [field for c in verdict.corrections for field in c.fields]
        rows = self._parts.adapters[spec.store].scan(spec, self._own(person), fields, batch=2)
        found = next((r.values for batch in rows for r in batch), {})
        return {f: None if found.get(f) is None else str(found[f]) for f in fields}

    def _apply(self, person: Person, verdict: correction.Verdict) -> None:
        """First the rows that lead to the person by what changes, then their own."""
        parts = self._parts
        changes = {f: Change("set", c.value) for c in verdict.corrections for f in c.fields}
        selection = Selection(parts.datamap, parts.adapters, person)
        for name in selection.datasets():
            for (step,) in (path for path in selection.paths(name) if len(path) == 1):
                if step.target_field in changes:
                    edit = Edit(
                        selection.links(name)[step.field], {step.field: changes[step.target_field]}
                    )
                    _apply_all(parts.adapters, parts.datamap, name, edit)
        _apply_all(parts.adapters, parts.datamap, person.dataset, Edit(self._own(person), changes))

    def _own(self, person: Person) -> Condition:
        return Selection(self._parts.datamap, self._parts.adapters, person).rows(person.dataset)

    def _new_email(self, person: Person, verdict: correction.Verdict) -> str | None:
        field = self._parts.datamap.datasets[person.dataset].identities.get(EMAIL)
        return next((c.value for c in verdict.corrections if field in c.fields), None)

    def _tell(self, request: Request, person: Person, verdict: correction.Verdict) -> None:
        parts = self._parts
        old, new = person.identities.get(EMAIL), self._new_email(person, verdict)
        if old and new and old.casefold() != new.casefold():
            contact = parts.in_force().rights.contact
            parts.write([old], "changed", request, contact=contact.email if contact else "")
        parts.write([new or old or ""] if new or old else [], "done", request)


def judged(parts: Parts, dataset: str, details: Mapping[str, Any]) -> correction.Verdict:
    """What of a correction can be done; raises as `correction.judge` does."""
    spec = parts.datamap.datasets[dataset]
    shapes = parts.adapters[spec.store].shapes()
    shape = next((shape for shape in shapes if shape.name == spec.table), None)
    return correction.judge(parts.in_force(), spec, shape, details)


def _apply_all(
    adapters: Mapping[str, DataAdapter], datamap: DataMap, name: str, edit: Edit
) -> None:
    spec = datamap.datasets[name]
    while adapters[spec.store].apply(spec, [edit], limit=1000).more:
        continue


def _digests(
    salt: bytes, verdict: correction.Verdict, before: Mapping[str, Any]
) -> list[dict[str, str]]:
    """Before and after, keyed with the person's salt: they say nothing once that is forgotten."""

    def digest(field: str, value: Any) -> str:
        text = f"{field}\0{'' if value is None else value}".encode()
        return hmac.new(salt, text, hashlib.sha256).hexdigest()

    return [
        {"category": c.category, "field": f, "before": digest(f, before.get(f)),
         "after": digest(f, c.value)}
        for c in verdict.corrections
        for f in c.fields
    ]  # fmt: skip
