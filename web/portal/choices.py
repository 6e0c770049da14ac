"""Choices: optional consents on and off in the same place, objections, and receipts of both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, json, redirect, render_template, request
from flask_babel import gettext as _

from engine.consent.choices import WAITS, ChoiceState
from engine.consent.records import ConsentRecord, Kind
from engine.errors import InvalidInput
from engine.policy.compiled.grounds import ALWAYS_OBJECTABLE, OBJECTABLE
from engine.policy.models import Choice
from engine.policy.policy import Policy
from web.guard import person
from web.language import language
from web.portal.login import Page
from web.portal.policy import in_force
from web.routes import add_routes
from web.services import Services
from web.signals import signals


@dataclass(frozen=True, slots=True)
class Purpose:
    """A purpose that a person may object to, the clauses it stands in, and whether they do."""

    name: str
    means: str
    clauses: tuple[str, ...]
    objected: bool


def add_pages(portal: Blueprint, services: Services) -> None:
    """`/you/choices`, and `/you/receipts/<record>` for each thing said."""
    pages = ChoicePages(services)
    add_routes(
        portal,
        ("GET /you/choices", pages.choices),
        ("POST /you/choices", pages.choose),
        ("POST /you/objections", pages.object),
        ("GET /you/receipts/<record>", pages.receipt),
    )


class ChoicePages:
    """The pages on which a person says yes, no, or no longer."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def choices(self) -> Page:
        """Every optional consent and objection as it stands, each with the one button that changes it."""
        holder = person().holder
        policy = in_force(self._services.versions(), self._services)
        overview = self._services.consent.overview(holder, signals())
        waits = self._services.consent.login(holder).by_guardian and not person().guardian
        states = {state.id: state for state in overview.choices}
        return render_template(
            "portal/choices.html",
            policy=policy,
            choices=[(c, states[c.id]) for c in policy.consent.choices if c.id in states],
            purposes=objectable(policy, overview.objections),
            records=[(r, said(r, policy)) for r in self._newest(holder)],
            because=because,
            waits=waits,
        )

    def choose(self) -> Page:
        """Turn one choice on or off."""
        holder = person().holder
        choice, on = request.form.get("choice", ""), _on_or_off()
        self._services.consent.choose(
            holder, choice, on, source="portal", language=language(), guardian=person().guardian
        )
        return redirect(f"/you/choices#{choice}", 303)

    def object(self) -> Page:
        """Object to one purpose, or no longer."""
        holder = person().holder
        purpose, on = request.form.get("purpose", ""), _on_or_off()
        self._services.consent.set_objection(
            holder, purpose, on, source="portal", language=language(), guardian=person().guardian
        )
        return redirect(f"/you/choices#{purpose}", 303)

    def receipt(self, record: str) -> Page:
        """The receipt of one thing said, as a file."""
        body = json.dumps(self._services.consent.receipt(person().holder, record), indent=2)
        name = f"consent-receipt-{record}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(body, headers=headers, content_type="application/json")

    def _newest(self, holder: str) -> list[ConsentRecord]:
        return list(reversed(self._services.consent.records(holder)))


def objectable(policy: Policy, objections: Iterable[str]) -> list[Purpose]:
    """The leaf purposes that a person may object to, in the vocabulary's order."""
    clauses: dict[str, dict[str, None]] = {}
    for rule in (*policy.use, *policy.sharing):
        for leaf in () if rule.denies else policy.purpose_leaves(rule.purposes):
            always = policy.purposes.inherited(leaf, "is") in ALWAYS_OBJECTABLE
            if rule.basis in OBJECTABLE or always:
                clauses.setdefault(leaf, {}).update(dict.fromkeys(rule.clause))
    objected = frozenset(objections)
    return [
        Purpose(leaf, policy.purposes[leaf].means, tuple(clauses[leaf]), leaf in objected)
        for leaf in policy.purposes.leaves
        if leaf in clauses
    ]


def said(record: ConsentRecord, policy: Policy) -> str:
    """What a record is about, in words: the question, the purpose, or the policy itself."""
    if record.kind is Kind.CHOICE:
        return next((c.ask for c in policy.consent.choices if c.id == record.name), record.name)
    if record.kind is Kind.OBJECTION and record.name in policy.purposes:
        return policy.purposes[record.name].means
    return record.name if record.kind is Kind.OBJECTION else ""


def because(choice: Choice, state: ChoiceState) -> str:
    """Why a choice stands as it does, in the language of the page."""
    if set(choice.off_by or ()) & set(signals()):
        return str(_("Off, because your browser sends the Global Privacy Control signal."))
    if state.because == WAITS:
        return str(_("Off, until a parent or guardian turns it on."))
    if state.on is None and state.since is not None:
        return str(_("Off, as long as we do not know how old you are."))
    if state.on is None:
        return str(_("Off, as long as we do not know where you are."))
    if state.since is None:
        unless = _("On, unless you turn it off.")
        return str(unless if state.on else _("Off. You have not been asked yet."))
    return ""


def _on_or_off() -> bool:
    told = request.form.get("on", "")
    if told not in {"yes", "no"}:
        raise InvalidInput("say `yes` or `no`", "on")
    return told == "yes"
