"""Holds: why some data is kept although it is due, and until when that is looked at again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, redirect, render_template, request

from engine.errors import Conflict, InvalidInput, NotFound, UnknownName
from engine.retention.holds import RESTRICTION, Hold, Scope
from engine.retention.service import RetentionService
from web.console.guard import officer_name
from web.console.listing import arranged, asked
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

REVIEW_SOON = timedelta(days=14)


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/holds`, a new one, and the release of one."""
    pages = HoldPages(services)
    add_routes(
        console,
        ("GET /holds", pages.holds),
        ("GET /holds/new", pages.new_hold),
        ("POST /holds/new", pages.add_hold),
        ("GET /holds/<hold_id>", pages.hold),
        ("POST /holds/<hold_id>/release", pages.release_hold),
    )


class HoldPages:
    """The pages about what is kept back."""

    def __init__(self, services: Services) -> None:
        self._retention: Callable[[], RetentionService] = services.retention
        self._rights = services.rights
        self._clock = services.clock

    def holds(self) -> Page:
        """The holds in force; with `?show=all` those of the past too."""
        show = asked("show", ("all",))
        found = self._retention().holds(released=bool(show))
        orders: dict[str, Callable[[Hold], object]] = {
            "review": lambda hold: hold.review_at,
            "placed": lambda hold: hold.placed_at,
            "reason": lambda hold: hold.reason,
        }
        rows, order = arranged(found, orders, "review")
        soon = self._clock.now() + REVIEW_SOON
        return render_template("console/holds.html", holds=rows, order=order, show=show, soon=soon)

    def new_hold(self) -> Page:
        """What a hold says."""
        return self._form()

    def add_hold(self) -> Page:
        """Place a hold, or say what is wrong with it."""
        form = request.form
        given = {name: form.get(name, "").strip() for name in ("subject", "dataset", "category")}
        try:
            hold = self._retention().add_hold(
                form.get("reason", ""),
                Scope(**{name: value or None for name, value in given.items()}),
                note=_note(form.get("note", "")),
                by=officer_name(),
                review_at=self._review(form.get("review", "")),
            )
        except (InvalidInput, UnknownName) as problem:
            return self._form(problem), 400
        return redirect(f"/console/holds/{hold.id}", 303)

    def hold(self, hold_id: str) -> Page:
        """One hold, and its release."""
        return self._show(self._find(hold_id))

    def release_hold(self, hold_id: str) -> Page:
        """End a hold; the person that a restriction is about is told why before it ends."""
        hold = self._find(hold_id)
        if hold.reason != RESTRICTION:
            self._retention().release_hold(hold_id, by=officer_name())
            return redirect(f"/console/holds/{hold_id}", 303)
        if self._rights is None or hold.subject is None:
            raise Conflict("rights requests are not served here, so no restriction is lifted here")
        try:
            reason = request.form.get("reason", "")
            self._rights.lift_restriction(hold.subject, officer=officer_name(), reason=reason)
        except InvalidInput as problem:
            return self._show(hold, str(problem)), 400
        return redirect(f"/console/holds/{hold_id}", 303)

    def _show(self, hold: Hold, wrong: str = "") -> str:
        return render_template("console/hold.html", hold=hold, means=self._means(), wrong=wrong)

    def _find(self, hold_id: str) -> Hold:
        for hold in self._retention().holds(released=True):
            if hold.id == hold_id:
                return hold
        raise NotFound(f"no hold `{hold_id}`")

    def _form(self, problem: InvalidInput | UnknownName | None = None) -> str:
        retention = self._retention()
        return render_template(
            "console/new_hold.html",
            problem=problem,
            field=_field_of(problem),
            form=request.form,
            reasons=self._means(),
            datasets=list(retention.datamap.datasets),
            categories=list(retention.policy.categories.terms),
        )

    def _means(self) -> dict[str, str]:
        """The reasons for a hold, each in words."""
        policy = self._retention().policy
        reasons = {entry.id: entry.purpose for entry in policy.holds}
        return reasons | {statute.id: statute.source for statute in policy.statutes}

    def _review(self, typed: str) -> datetime | None:
        """The first moment of the day that was typed; None where the reason is to say it."""
        if not typed.strip():
            return None
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            raise InvalidInput(
                "say when the hold is looked at again, as year-month-day", "review"
            ) from None
        zone = self._retention().policy.header.zone
        return datetime.combine(day, time(), zone).astimezone(UTC)


def _note(typed: str) -> str:
    note = typed.strip()
    if not note or len(note) > 500:
        raise InvalidInput("say in up to 500 characters what the hold is for", "note")
    return note


def _field_of(problem: InvalidInput | UnknownName | None) -> str:
    """The name of the field that a problem is about."""
    if isinstance(problem, InvalidInput):
        return problem.field
    kind = problem.kind if problem else ""
    return "reason" if kind.startswith("reason") else kind
