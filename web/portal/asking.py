"""Asking for what is yours: see it, have it corrected, take it along, have it deleted."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request

from engine.access.sessions import Session
from engine.errors import Conflict, InvalidInput, NotFound
from engine.policy.models.rights import RightRule
from engine.policy.policy import Policy
from engine.rights.service import Case, RightsService
from web.guard import person
from web.language import language
from web.portal.codes import CodeSender
from web.portal.login import Page
from web.portal.policy import in_force
from web.services import Services

OFFERED = ("access", "correction", "export", "deletion")
"""The rights that have a page of their own, in the order of the page."""

_CONFIRMED = frozenset({"correction", "deletion"})
"""What is looked at once more before it is filed."""

_SESSION_SUFFICES = frozenset({"access"})
"""Nothing leaves or changes by filing this: the copy itself is given out after a fresh code only."""


class AskingPages:
    """The pages on which a request is made."""

    def __init__(self, services: Services, rights: RightsService, codes: CodeSender) -> None:
        self._services = services
        self._rights = rights
        self._codes = codes

    def kinds(self) -> Page:
        """Which request?"""
        person()
        return render_template("portal/ask.html", rules=self._rules())

    def form(self, right: str) -> Page:
        """What is asked for and what happens then, on a page of its own."""
        return self._form(self._rule(right), person())

    def file(self, right: str) -> Page:
        """File it; what changes or deletes data is shown once more first."""
        session, rule = person(), self._rule(right)
        details = _correction() if right == "correction" else {}
        if right == "correction" and not all((*details, *details.values())):
            return self._form(rule, session, wrong=True), 400
        if right in _CONFIRMED and request.form.get("confirmed") != "yes":
            return self._confirm(rule, details)
        try:
            case = self._file(session, right, details)
        except (InvalidInput, Conflict) as problem:
            return self._form(rule, session, why=str(problem)), 400
        return redirect(f"/you/requests/{case.id}", 303)

    def _file(self, session: Session, right: str, details: dict[str, str]) -> Case:
        proved = right in _SESSION_SUFFICES or session.proved(self._services.clock.now())
        if not proved:
            self._codes.count_sending(f"holder {session.holder}")
        return self._rights.file(
            session.holder,
            right,
            details,
            source="portal",
            language=language(),
            proved=proved,
        )

    def _form(self, rule: RightRule, session: Session, **more: object) -> str:
        fields: tuple[str, ...] = ()
        if rule.right == "correction":
            fields = self._rights.correctable(session.holder)
        told = self._told(rule) | {"fields": fields, "form": request.form}
        return render_template("portal/file.html", **told, **more)

    def _confirm(self, rule: RightRule, details: dict[str, str]) -> str:
        return render_template("portal/confirm.html", **self._told(rule), details=details)

    def _told(self, rule: RightRule) -> dict[str, Any]:
        policy = self._policy()
        means = {term.name: term.means for term in policy.categories}
        return {"rule": rule, "right": rule.right, "policy": policy, "means": means}

    def _policy(self) -> Policy:
        return in_force(self._services.versions(), self._services)

    def _rules(self) -> list[RightRule]:
        rules = {rule.right: rule for rule in self._policy().rights.rules}
        return [rules[right] for right in OFFERED if right in rules]

    def _rule(self, right: str) -> RightRule:
        for rule in self._rules():
            if rule.right == right:
                return rule
        raise NotFound("the policy offers no such request")


def _correction() -> dict[str, str]:
    """The category and the new value that the form gives; either may be empty."""
    return {request.form.get("category", ""): request.form.get("value", "").strip()}
