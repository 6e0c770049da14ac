"""The gate: what changed in the policy, and whether one agrees. Both answers weigh the same."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request

from web.guard import person
from web.language import language
from web.portal.login import Page
from web.portal.policy import in_force
from web.routes import add_routes
from web.services import Services
from web.signals import signals


def add_pages(portal: Blueprint, services: Services) -> None:
    """`/gate`, and what follows from declining."""
    pages = GatePages(services)
    add_routes(
        portal,
        ("GET /gate", pages.gate),
        ("POST /gate/agree", pages.agree),
        ("POST /gate/decline", pages.decline),
        ("GET /gate/declined", pages.declined),
    )


class GatePages:
    """The pages on which a person agrees to a version, or does not."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def gate(self) -> Page:
        """What changed, sentence by sentence, and the two answers."""
        gate = self._services.consent.login(person().holder, signals())
        versions = self._services.versions()
        policy = in_force(versions, self._services)
        agreed = versions.get(gate.agreed) if gate.agreed else None
        waits = gate.by_guardian and not person().guardian
        return render_template(
            "portal/gate.html", gate=gate, policy=policy, agreed=agreed, waits=waits
        )

    def agree(self) -> Page:
        """Record the agreement; the optional questions come after it, on their own page."""
        holder = person().holder
        version = request.form.get("version", "")
        self._services.consent.agree(
            holder, version, {}, source="gate", language=language(), guardian=person().guardian
        )
        overview = self._services.consent.overview(holder, signals())
        open_ = any(
            state.since is None and state.signal is None and not state.on
            for state in overview.choices
        )
        return redirect("/you/choices?asked=1" if open_ else "/you", 303)

    def decline(self) -> Page:
        """Record that the person does not agree."""
        holder = person().holder
        version = request.form.get("version", "")
        self._services.consent.decline(
            holder, version, source="gate", language=language(), guardian=person().guardian
        )
        return redirect("/gate/declined", 303)

    def declined(self) -> Page:
        """What holds now, and how to take one's data and leave."""
        gate = self._services.consent.login(person().holder, signals())
        if gate.outcome != "declined":
            return redirect("/gate", 303)
        versions = self._services.versions()
        agreed = versions.get(gate.agreed) if gate.agreed else None
        return render_template("portal/declined.html", gate=gate, agreed=agreed)
