"""Access and export: the copy is put together aside, and stored with the step that completes the request."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.rights import export, packages, store
from engine.rights.erasure import Wait
from engine.rights.given import given_of
from engine.rights.packages import Label
from engine.rights.parts import Parts
from engine.rights.selection import Selection
from engine.rights.state import Step
from engine.rights.store import SYSTEM, Request


class Copies:
    """Access and export: the copy is put together and stored for download."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def __call__(self, request: Request) -> Wait | None:
        parts, now = self._parts, self._parts.clock.now()
        person = parts.directory.person(request.subject_id)
        selection = Selection(parts.datamap, parts.adapters, person) if person else None
        until = now + parts.settings.package_lasts
        name = f"{request.right}-{now:%Y-%m-%d}.zip"
        label = Label(name, "application/zip", now, until)
        with _folder(parts.settings.state) as folder:
            path = export.build(selection, self._order(request, now), folder)
            with parts.database.begin() as conn:
                fresh = store.get(conn, request.id, lock=True)
                digest = packages.keep_file(conn, request.id, label, path)
                facts = {"package_sha256": digest}
                store.move(conn, fresh, Step.COMPLETE, SYSTEM, now, facts=facts)
        addresses = parts.directory.addresses(request.subject_id)
        parts.write(addresses, "ready", request, until=until)
        return None

    def _order(self, request: Request, now: datetime) -> export.Order:
        policy = self._parts.in_force()
        own, given = self._own(request.subject_id), None
        if request.right == "access":
            with self._parts.database.read() as conn:
                given = given_of(conn, request.subject_id)
        return export.Order(request.id, request.right, request.language, now, policy, own, given)

    def _own(self, subject_id: str) -> Mapping[str, Any]:
        """What Upheld itself holds of the person."""
        records = self._parts.consent.records(subject_id)
        with self._parts.database.read() as conn:
            requests = store.of_subject(conn, subject_id)
        return {
            "consent_records": [
                {"at": r.at.isoformat(), "kind": r.kind.value, "name": r.name, "state": r.state.value,
                 "version": r.version, "language": r.language, "source": r.source, "id": r.id}
                for r in records
            ],
            "requests": [
                {"id": r.id, "right": r.right, "status": r.status.value,
                 "received_at": r.received_at.isoformat(), "due": r.legal_due.isoformat()}
                for r in requests
            ],
        }  # fmt: skip


@contextmanager
def _folder(state: Path | None) -> Iterator[Path]:
    """A folder that nobody else can enter, gone at the end."""
    if state is not None:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="upheld-copy-", dir=state) as folder:
        yield Path(folder)
