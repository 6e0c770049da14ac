"""Long work that an officer orders: done behind the answer's back, and followed on a page of its own.

An order and its end stand in the ledger, so any web worker can tell how it goes, and it stays known who
ordered what.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from flask import Blueprint, redirect, render_template

from engine.audit import ledger
from engine.audit.entries import Entry
from engine.errors import InvalidInput, NotFound, UpheldError
from engine.ports import Clock
from engine.store.database import Database
from web.behind import Behind
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

log = logging.getLogger(__name__)

What = Literal["plan", "purge", "verify", "promises", "request"]
GIVEN, DONE, FAILED = "order.given", "order.done", "order.failed"
_ENDS_SOON = 50
"""Among so many entries of a kind after its own an order's end is looked for."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order: `about` is what it was given for, `result` the name of what came of it."""

    number: int
    what: str
    about: str
    officer: str
    at: datetime
    state: Literal["given", "done", "failed"] = "given"
    result: str = ""
    reason: str = ""

    @property
    def address(self) -> str:
        """The page that shows what came of it."""
        name = self.result or self.about
        pages = {"plan": "plans", "purge": "runs", "verify": "runs", "request": "requests"}
        return f"/console/{pages[self.what]}/{name}" if self.what in pages else "/console/promises"


class Orders:
    """Gives and finds orders; those of one kind are carried out one after another."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._hands: dict[str, Behind] = {}

    def give(self, what: What, officer: str, job: Callable[[], str], about: str = "") -> str:
        """Have a job done that returns the name of its result; returns the address to follow it at."""
        number = self._write(GIVEN, {"what": what, "about": about, "officer": officer})
        self._hands.setdefault(what, Behind(what)).run(lambda: self._carry_out(number, job))
        return f"/console/orders/{number}"

    def finish(self) -> None:
        """Wait until everything that was given is carried out."""
        for hands in list(self._hands.values()):
            hands.run(lambda: None).result()

    def find(self, number: int) -> Order:
        """One order as it stands; NotFound."""
        with self._database.read() as conn:
            given = next(iter(ledger.entries(conn, number, 1, GIVEN)), None)
            if given is None or given.index != number:
                raise NotFound(f"no order `{number}`")
            ends = [
                entry
                for kind in (DONE, FAILED)
                for entry in ledger.entries(conn, number, _ENDS_SOON, kind)
                if entry.facts["order"] == number
            ]
        return _order(given, ends[0] if ends else None)

    def _carry_out(self, number: int, job: Callable[[], str]) -> None:
        try:
            result = job()
        except UpheldError as problem:
            self._fail(number, str(problem))
        except Exception as problem:
            self._fail(number, type(problem).__name__)
            raise
        else:
            self._write(DONE, {"order": number, "result": result})

    def _fail(self, number: int, reason: str) -> None:
        log.error("order %s failed: %s", number, reason)
        try:
            self._write(FAILED, {"order": number, "reason": reason})
        except InvalidInput:  # it names somebody, which the ledger never does
            self._write(FAILED, {"order": number, "reason": "see the log of the web worker"})

    def _write(self, kind: str, facts: dict[str, Any]) -> int:
        with self._database.begin() as conn:
            return ledger.append(conn, kind, facts, now=self._clock.now()).index


def _order(given: Entry, end: Entry | None) -> Order:
    told = given.facts
    base = given.index, told["what"], told["about"], told["officer"], given.at
    if end is None:
        return Order(*base)
    if end.kind == FAILED:
        return Order(*base, state="failed", reason=end.facts["reason"])
    return Order(*base, state="done", result=end.facts["result"])


def add_pages(console: Blueprint, services: Services, orders: Orders) -> None:
    """`/console/orders/<number>`."""

    def order(number: int) -> Page:
        found = orders.find(number)
        if found.state == "done":
            return redirect(found.address, 303)
        if found.what == "purge" and (run := _run_of(services, found)):
            return redirect(f"/console/runs/{run}", 303)
        return render_template("console/order.html", order=found)

    add_routes(console, ("GET /orders/<int:number>", order))


def _run_of(services: Services, order: Order) -> str | None:
    """The run that an order has begun."""
    for run in services.retention().runs():
        if run.plan == order.about and run.started_at >= order.at:
            return str(run.id)
    return None
