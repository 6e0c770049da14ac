"""The ledger: its newest entries, each entry whole, and the newest checkpoint."""

from __future__ import annotations

import json
import re

from flask import Blueprint, render_template, request

from engine.audit import ledger
from engine.audit.entries import Entry
from engine.audit.service import last_checkpoint
from engine.errors import NotFound
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

SHOWN = 50
_SHORT = 160
_HEX = re.compile(r"\b([0-9a-f]{8,12})[0-9a-f-]{16,}\b")
"""Digests and ids, of which the first characters tell enough in a list."""


LARGEST = 2**53
"""No ledger is longer, and no database takes a larger number than it can hold."""


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/ledger` and each entry."""
    pages = LedgerPages(services)
    add_routes(console, ("GET /ledger", pages.ledger), ("GET /ledger/<int:index>", pages.entry))


class LedgerPages:
    """The pages about what was recorded."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def ledger(self) -> Page:
        """The newest entries, of one kind if asked; older ones by `?before=`."""
        kind, before = request.args.get("kind") or None, request.args.get("before", type=int)
        if before is not None:
            before = min(max(before, 0), LARGEST)
        with self._services.database.read() as conn:
            found = ledger.latest(conn, SHOWN, kind, before=before)
            head, kinds = ledger.head(conn), ledger.kinds(conn)
            note = last_checkpoint(conn)
        return render_template(
            "console/ledger.html",
            entries=[(entry, brief(entry)) for entry in found],
            older=found[-1].index if len(found) == SHOWN else None,
            head=head,
            kind=kind,
            kinds=kinds,
            note=note,
            signed=int(note.splitlines()[1]) if note else 0,
        )

    def entry(self, index: int) -> Page:
        """One entry as it was recorded."""
        if index > LARGEST:
            raise NotFound(f"no entry `{index}` in the ledger")
        with self._services.database.read() as conn:
            found = next(iter(ledger.entries(conn, index, 1)), None)
        if found is None or found.index != index:
            raise NotFound(f"no entry `{index}` in the ledger")
        body = json.dumps(json.loads(found.body), indent=2, ensure_ascii=False)
        return render_template("console/entry.html", entry=found, body=body)


def brief(entry: Entry) -> str:
    """The facts of an entry in one line."""
    parts = [
        f"{name} {_plain(value)}"
        for name, value in entry.facts.items()
        if value not in (None, "", {}, [])
    ]
    line = " · ".join(parts)
    return line if len(line) <= _SHORT else f"{line[:_SHORT]}…"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else _HEX.sub(r"\1…", str(value))
