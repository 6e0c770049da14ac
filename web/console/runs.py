"""Runs: what each did, step by step, and what was found when somebody looked again."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, redirect, render_template

from engine.retention.runs import Run
from engine.retention.service import RetentionService
from web.console.guard import officer_name
from web.console.listing import arranged, asked
from web.console.orders import Orders
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

SHOWN = 100
STATES = ("open", "done", "failed", "interrupted")


def add_pages(console: Blueprint, services: Services, orders: Orders) -> None:
    """`/console/runs` and each run."""
    pages = RunPages(services.retention, orders)
    add_routes(
        console,
        ("GET /runs", pages.runs),
        ("GET /runs/<run_id>", pages.run),
        ("POST /runs/<run_id>/verify", pages.verify_run),
    )


class RunPages:
    """The pages about what was done."""

    def __init__(self, retention: Callable[[], RetentionService], orders: Orders) -> None:
        self._retention = retention
        self._orders = orders

    def runs(self) -> Page:
        """The latest runs."""
        found, state = self._retention().runs(SHOWN), asked("state", STATES)
        orders: dict[str, Callable[[Run], object]] = {
            "started": lambda run: run.started_at,
            "rows": lambda run: run.rows,
            "state": lambda run: STATES.index(run.state),
        }
        kept = [run for run in found if state in ("", run.state)]
        rows, order = arranged(kept, orders, "-started")
        most = max((run.rows for run in found), default=0)
        told = {"runs": rows, "order": order, "state": state, "states": STATES, "shown": SHOWN}
        return render_template("console/runs.html", **told, most=most)

    def run(self, run_id: str) -> Page:
        """One run, and what was found afterwards."""
        retention = self._retention()
        run = retention.run(run_id)
        planned = retention.find_plan(run.plan).steps
        # What is restricted stays as it is in the store: nothing of it is changed by a run.
        restricted = {step.id for step in planned if step.verb == "restrict"}
        acting = [s for s in run.steps if s.state != "refused" and s.step not in restricted]
        return render_template(
            "console/run.html",
            run=run,
            steps=[step for step in run.steps if step.planned or step.done or step.note],
            planned=sum(step.planned for step in acting),
            restricted=restricted,
            verification=retention.latest_verification(run.id),
            sentences={step.id: step.sentence for step in planned},
        )

    def verify_run(self, run_id: str) -> Page:
        """Have the data looked at again."""
        retention = self._retention()
        run = retention.run(run_id)

        def verify() -> str:
            retention.verify(run.id)
            return run.id

        return redirect(self._orders.give("verify", officer_name(), verify, run.id), 303)
