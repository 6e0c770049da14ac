"""Plans: what is due, the approval of exactly one plan by its digest, and the order to carry it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest

from flask import Blueprint, redirect, render_template, request

from engine.errors import Conflict
from engine.retention.approvals import Approval
from engine.retention.plan import DatasetPlan, Plan, Step
from engine.retention.service import RetentionService
from web.console.guard import officer_name
from web.console.listing import arranged
from web.console.orders import Orders
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

DIGITS = 12
"""So many characters of a digest are printed, and asked for: 48 bits tell any two plans apart."""


@dataclass(frozen=True, slots=True)
class Part:
    """One dataset of a plan, and who let it be purged. `nightly`: scheduled purging of it is on."""

    plan: DatasetPlan
    steps: tuple[Step, ...]
    approval: Approval | None
    nightly: bool

    @property
    def waits(self) -> bool:
        """Whether nothing of it is purged before an officer approves this plan."""
        return self.plan.over_cap and self.approval is None

    @property
    def share(self) -> float:
        """The part of the rows that is due, from 0 to 1."""
        return self.plan.affected / self.plan.total if self.plan.total else 0.0

    @property
    def kept(self) -> int:
        """How many rows are due and kept by holds and statutes."""
        return sum(kept.rows for step in self.steps for kept in step.kept)


def parts_of(retention: RetentionService, plan: Plan) -> list[Part]:
    """The datasets of a plan with their approvals."""
    approved = {one.dataset: one for one in retention.approvals(plan.digest)}
    nightly = retention.ever_approved()
    return [
        Part(one, plan.steps_of(one.dataset), approved.get(one.dataset), one.dataset in nightly)
        for one in plan.datasets
    ]


def add_pages(console: Blueprint, services: Services, orders: Orders) -> None:
    """`/console/plans`, each plan, its approval and its run."""
    pages = PlanPages(services.retention, orders)
    add_routes(
        console,
        ("GET /plans", pages.plans),
        ("POST /plans", pages.make_plan),
        ("GET /plans/<digest>", pages.plan),
        ("GET /plans/<digest>/approve", pages.confirm_plan),
        ("POST /plans/<digest>/approve", pages.approve_plan),
        ("POST /plans/<digest>/purge", pages.run_plan),
    )


class PlanPages:
    """The pages about what is due."""

    def __init__(self, retention: Callable[[], RetentionService], orders: Orders) -> None:
        self._retention = retention
        self._orders = orders

    def plans(self) -> Page:
        """The plan that was made last."""
        newest = self._retention().latest_plan()
        if newest is None:
            return render_template("console/no_plan.html")
        return self._show(newest)

    def make_plan(self) -> Page:
        """Have a new plan made."""
        retention = self._retention()
        return redirect(
            self._orders.give("plan", officer_name(), lambda: retention.plan().digest), 303
        )

    def plan(self, digest: str) -> Page:
        """One plan."""
        return self._show(self._retention().find_plan(digest))

    def confirm_plan(self, digest: str) -> Page:
        """What an approval of this plan would mean, and its digest to type."""
        return self._confirm(self._current(digest))

    def approve_plan(self, digest: str) -> Page:
        """Approve exactly this plan in the officer's name."""
        plan = self._current(digest)
        typed = request.form.get("digest", "").strip().lower()
        fits = len(typed) >= DIGITS and compare_digest(
            plan.digest[: len(typed)].encode(), typed.encode()
        )
        if not fits:
            return self._confirm(plan, wrong=True), 400
        self._retention().approve(plan.digest, officer=officer_name())
        return redirect(f"/console/plans/{plan.digest}", 303)

    def run_plan(self, digest: str) -> Page:
        """Have a plan carried out, and looked at again afterwards."""
        retention = self._retention()
        plan = retention.find_plan(digest)
        _require_ready(plan, parts_of(retention, plan))

        def purge() -> str:
            run = retention.purge(plan.digest)
            retention.verify(run.id)
            return run.id

        return redirect(self._orders.give("purge", officer_name(), purge, plan.digest), 303)

    def _show(self, plan: Plan) -> str:
        retention = self._retention()
        orders = {
            "due": lambda part: part.plan.affected,
            "dataset": lambda part: part.plan.dataset,
            "share": lambda part: part.share,
            "total": lambda part: part.plan.total,
        }
        parts, order = arranged(parts_of(retention, plan), orders, "-due")
        return render_template(
            "console/plan.html",
            plan=plan,
            parts=parts,
            order=order,
            current=self._superseded_by(plan) is None,
            runs=[run for run in retention.runs() if run.plan == plan.digest],
            holds={hold.id: hold for hold in retention.holds(released=True)},
        )

    def _confirm(self, plan: Plan, *, wrong: bool = False) -> str:
        parts = [part for part in parts_of(self._retention(), plan) if part.plan.affected]
        return render_template(
            "console/approve.html", plan=plan, parts=parts, wrong=wrong, digits=DIGITS
        )

    def _current(self, digest: str) -> Plan:
        """The plan, if it is the newest and of the policy in force; else Conflict."""
        plan = self._retention().find_plan(digest)
        why = self._superseded_by(plan)
        if why is not None:
            raise Conflict(
                f"plan `{plan.digest[:DIGITS]}` can no longer be approved: {why}. "
                "Look at the newest plan, and approve that one"
            )
        return plan

    def _superseded_by(self, plan: Plan) -> str | None:
        """Why a plan is out of date; None if it is not."""
        retention = self._retention()
        if plan.policy_digest != retention.policy.digest:
            return "the policy in force is another one since"
        newest = retention.latest_plan()
        if newest is not None and newest.digest != plan.digest:
            return f"plan `{newest.digest[:DIGITS]}` was made after it"
        return None


def _require_ready(plan: Plan, parts: list[Part]) -> None:
    due = [part for part in parts if part.plan.affected]
    if not due:
        raise Conflict("nothing is due in this plan, so there is nothing to carry out")
    if all(part.waits for part in due):
        names = ", ".join(f"`{part.plan.dataset}`" for part in due)
        raise Conflict(
            f"everything in plan `{plan.digest[:DIGITS]}` waits for an approval: {names}. "
            "Approve the plan first"
        )
