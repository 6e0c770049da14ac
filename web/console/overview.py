"""The first page: what needs an officer today, and where things stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import Blueprint, render_template

from engine.audit import ledger
from engine.errors import UpheldError
from engine.promises.promise import State
from engine.retention.runs import Run
from engine.retention.service import RetentionService
from engine.retention.wording import rows
from engine.rights.service import Case
from engine.rights.state import Status
from web.console.holds import REVIEW_SOON
from web.console.page import Page
from web.console.plans import DIGITS, parts_of
from web.console.requests import SOON
from web.routes import add_routes
from web.services import Services

Mark = Literal["broken", "at risk"]
RUNS_SHOWN = 14


@dataclass(frozen=True, slots=True)
class Task:
    """Something for an officer to do: how grave, how many, what, and where."""

    mark: Mark
    count: int
    words: str
    address: str


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/`."""
    overview = Overview(services)
    add_routes(console, ("GET /", overview.home))


class Overview:
    """Gathers what waits; a part that cannot be read now is told instead of hiding the others."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def home(self) -> Page:
        """What needs an officer today."""
        tasks, troubles = self._tasks()
        now, versions = self._services.clock.now(), self._services.versions()
        with self._services.database.read() as conn:
            size = ledger.head(conn).size
        return render_template(
            "console/overview.html",
            tasks=sorted(tasks, key=lambda task: task.mark != "broken"),
            troubles=troubles,
            policy=versions.in_force(now),
            announced=versions.announced(now),
            open=Counter(case.status for case in self._open()),
            runs=list(reversed(self._runs())),
            size=size,
            promises=self._states(),
        )

    def _tasks(self) -> tuple[list[Task], list[str]]:
        tasks: list[Task] = []
        troubles: list[str] = []
        for part in (self._requests, self._retention, self._promises):
            try:
                tasks += part()
            except UpheldError as problem:
                troubles.append(str(problem))
        return tasks, troubles

    def _requests(self) -> Iterator[Task]:
        return request_tasks(self._open(), self._services.clock.now())

    def _open(self) -> list[Case]:
        return [] if self._services.rights is None else self._services.rights.queue()

    def _retention(self) -> list[Task]:
        if self._services.retention is None:
            return []
        retention: RetentionService = self._services.retention()
        now = self._services.clock.now()
        return [*plan_tasks(retention), *run_tasks(retention), *hold_tasks(retention, now)]

    def _runs(self) -> tuple[Run, ...]:
        offered: Callable[[], RetentionService] | None = self._services.retention
        if (
            offered is None
            or self._services.versions().in_force(self._services.clock.now()) is None
        ):
            return ()
        return offered().runs(RUNS_SHOWN)

    def _states(self) -> Counter[State]:
        try:
            found = self._services.promises.current() if self._services.promises else {}
        except UpheldError:
            found = {}
        return Counter(promise.state for promise in found.values())

    def _promises(self) -> Iterator[Task]:
        counts = self._states()
        broken, risk = counts[State.BROKEN], counts[State.AT_RISK]
        if broken:
            words = f"{_many(broken, 'promise')} broken"
            yield Task("broken", broken, words, "/console/promises?state=broken")
        if risk:
            words = f"{_many(risk, 'promise')} at risk"
            yield Task("at risk", risk, words, "/console/promises?state=at+risk")


def request_tasks(cases: list[Case], now: datetime) -> Iterator[Task]:
    """Requests that are late, soon will be, or want an officer's answer."""
    late = [case for case in cases if case.overdue]
    soon = [case for case in cases if not case.overdue and case.target_due <= now + SOON]
    asked = [c for c in cases if c.right == "complaint" and c.status is not Status.RECEIVED]
    if late:
        words = f"{_many(len(late), 'rights request')} overdue by law"
        yield Task("broken", len(late), words, "/console/requests?overdue=yes")
    if soon:
        words = f"{_many(len(soon), 'rights request')} to be answered within 7 days"
        yield Task("at risk", len(soon), words, "/console/requests?sort=target")
    if asked:
        words = f"{_many(len(asked), 'complaint')} to be answered by an officer"
        yield Task("at risk", len(asked), words, "/console/requests?right=complaint")


def plan_tasks(retention: RetentionService) -> Iterator[Task]:
    """What of the newest plan waits for an approval."""
    plan = retention.latest_plan()
    if plan is None:
        yield Task(
            "at risk", 1, "no plan was ever made: nobody knows what is due", "/console/plans"
        )
        return
    parts = [part for part in parts_of(retention, plan) if part.plan.affected]
    address = f"/console/plans/{plan.digest}"
    waiting = [part.plan for part in parts if part.waits]
    if waiting:
        due = rows(sum(one.affected for one in waiting))
        words = f"plan {plan.digest[:DIGITS]} waits for an approval: {due} above the cap"
        yield Task("broken", len(waiting), words, address)
    off = [part.plan for part in parts if not part.nightly and not part.waits]
    if off:
        words = f"{_many(len(off), 'dataset')} never approved: the nightly purge passes over them"
        yield Task("at risk", len(off), words, address)


def run_tasks(retention: RetentionService) -> Iterator[Task]:
    """Runs that ended badly since one last ended well, and a verification that found something."""
    bad = []
    for run in retention.runs():
        if run.state == "done":
            break
        if run.state != "open":
            bad.append(run)
    if bad:
        words = (
            f"{_many(len(bad), 'purge run')} failed or interrupted since the last that ended well"
        )
        yield Task("broken", len(bad), words, f"/console/runs/{bad[0].id}")
    found = retention.latest_verification()
    if found is not None and not found.upheld:
        wrong = [one for one in found.datasets if not one.upheld]
        address = f"/console/runs/{found.run}" if found.run else "/console/runs"
        words = f"looking again found {_many(len(wrong), 'dataset')} not as it should be"
        yield Task("broken", len(wrong), words, address)


def hold_tasks(retention: RetentionService, now: datetime) -> Iterator[Task]:
    """Holds whose review is due or soon will be."""
    due = [hold for hold in retention.holds() if hold.review_at <= now + REVIEW_SOON]
    if due:
        mark: Mark = "broken" if any(hold.review_at <= now for hold in due) else "at risk"
        words = f"{_many(len(due), 'hold')} to be reviewed within 14 days"
        yield Task(mark, len(due), words, "/console/holds?sort=review")


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
