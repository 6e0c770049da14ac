"""Rights requests: the queue, and one request with what an officer may do about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request

from engine.errors import Conflict, InvalidInput
from engine.rights.service import OPEN, Case, Filter, RightsService
from engine.rights.state import Status
from web.console.guard import officer_name
from web.console.listing import arranged, asked
from web.console.orders import Orders
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

SOON = timedelta(days=7)
ENDED = tuple(status for status in Status if status.closed)
_GROUPS = {"open": OPEN, "closed": ENDED} | {status.value: (status,) for status in Status}
_REFUSABLE = (Status.RECEIVED, Status.VERIFIED, Status.COOLING_OFF)
_PROCESSABLE = (Status.VERIFIED, Status.IN_PROGRESS)


def add_pages(
    console: Blueprint, services: Services, rights: RightsService, orders: Orders
) -> None:
    """`/console/requests` and each request."""
    pages = RequestPages(services, rights, orders)
    add_routes(
        console,
        ("GET /requests", pages.requests),
        ("GET /requests/<request_id>", pages.request),
        ("POST /requests/<request_id>/extend", pages.extend),
        ("POST /requests/<request_id>/refuse", pages.refuse),
        ("POST /requests/<request_id>/answer", pages.answer),
        ("POST /requests/<request_id>/process", pages.process),
    )


class RequestPages:
    """The pages about what people asked for."""

    def __init__(self, services: Services, rights: RightsService, orders: Orders) -> None:
        self._services = services
        self._rights = rights
        self._orders = orders

    def requests(self) -> Page:
        """The queue, by status, right and lateness."""
        status = asked("status", _GROUPS) or "open"
        right = asked("right", self._rights.rights()) or None
        overdue = bool(asked("overdue", ("yes",)))
        found = self._rights.queue(Filter(_GROUPS[status], right, overdue))
        orders: dict[str, Callable[[Case], Any]] = {
            "due": lambda case: case.legal_due,
            "target": lambda case: case.target_due,
            "received": lambda case: case.received_at,
            "right": lambda case: case.right,
            "status": lambda case: list(Status).index(case.status),
        }
        cases, order = arranged(found, orders, "due")
        return render_template(
            "console/requests.html",
            cases=cases,
            order=order,
            status=status,
            right=right,
            overdue=overdue,
            groups=_GROUPS,
            rights=self._rights.rights(),
            decides=decides,
            soon=self._services.clock.now() + SOON,
        )

    def request(self, request_id: str) -> Page:
        """One request."""
        return self._show(request_id)

    def extend(self, request_id: str) -> Page:
        """Take longer, with reasons."""
        reasons = request.form.get("reasons", "")
        return self._act(
            request_id,
            lambda: self._rights.extend(request_id, officer=officer_name(), reasons=reasons),
        )

    def refuse(self, request_id: str) -> Page:
        """Refuse, with a reason that the person reads."""
        reason = request.form.get("reason", "")
        return self._act(
            request_id,
            lambda: self._rights.refuse(request_id, officer=officer_name(), reason=reason),
        )

    def answer(self, request_id: str) -> Page:
        """Answer a complaint."""
        text = request.form.get("text", "")

        def answer() -> Case:
            if text.strip() and self._rights.case(request_id).status is Status.VERIFIED:
                self._rights.process(request_id)
            return self._rights.answer(request_id, officer=officer_name(), text=text)

        return self._act(request_id, answer)

    def process(self, request_id: str) -> Page:
        """Have a request moved on now rather than with the next round."""
        case = self._rights.case(request_id)
        if case.status not in _PROCESSABLE:
            raise Conflict(f"a request that is {case.status.value} is not for Upheld to carry out")

        def process() -> str:
            return self._rights.process(case.id).id

        return redirect(self._orders.give("request", officer_name(), process, case.id), 303)

    def _act(self, request_id: str, act: Callable[[], Case]) -> Page:
        try:
            act()
        except InvalidInput as problem:
            return self._show(request_id, problem), 400
        return redirect(f"/console/requests/{request_id}", 303)

    def _show(self, request_id: str, problem: InvalidInput | None = None) -> str:
        case = self._rights.case(request_id)
        now = self._services.clock.now()
        policy = self._services.versions().get(case.request.policy_version)
        return render_template(
            "console/request.html",
            case=case,
            wrong=problem.field if problem else "",
            form=request.form,
            decides=decides(case),
            may=allowed(case, now),
            means={term.name: term.means for term in policy.categories},
            corrected=list(case.request.details) if case.right == "correction" else [],
            soon=now + SOON,
        )


def decides(case: Case) -> str:
    """Who moves a request on next."""
    if case.status.closed:
        return "nobody: it is closed"
    if case.status is Status.RECEIVED:
        return "the person: the code from the e-mail"
    if case.right == "complaint":
        return "an officer: it wants an answer"
    if case.status is Status.COOLING_OFF:
        return "the person may take it back; then Upheld"
    return "Upheld, by itself"


def allowed(case: Case, now: datetime) -> frozenset[str]:
    """What an officer may do about a request now."""
    found = set()
    told_in_time = now < (case.request.extension_notice_by or case.legal_due)
    if not case.status.closed and case.request.extended_at is None and told_in_time:
        found.add("extend")
    if case.status in _REFUSABLE:
        found.add("refuse")
    if case.status in _PROCESSABLE:
        found.add("answer" if case.right == "complaint" else "process")
    return frozenset(found)
