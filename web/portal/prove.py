"""Proving again who one is, by a fresh code, before an export or a deletion."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request

from engine.access.sessions import Session
from web.guard import going_to, person
from web.portal.codes import CodeSender
from web.portal.login import Page
from web.routes import add_routes
from web.services import Services


def add_pages(portal: Blueprint, services: Services, codes: CodeSender) -> None:
    """`/you/prove` and its code."""
    pages = ProofPages(services, codes)
    add_routes(
        portal,
        ("GET /you/prove", pages.prove),
        ("POST /you/prove", pages.prove_send),
        ("GET /you/prove/<attempt>", pages.prove_code),
        ("POST /you/prove/<attempt>", pages.prove_with_code),
    )


class ProofPages:
    """The pages of the step-up."""

    def __init__(self, services: Services, codes: CodeSender) -> None:
        self._services = services
        self._codes = codes

    def prove(self) -> Page:
        """Say why a code is needed, and offer to send it."""
        person()
        return render_template("portal/prove.html", next=going_to())

    def prove_send(self) -> Page:
        """Send it to the address on file."""
        holder = person().holder
        attempt = self._codes.send("step-up", f"holder {holder}", holder)
        return redirect(f"/you/prove/{attempt}?next={going_to()}", 303)

    def prove_code(self, attempt: str) -> Page:
        """Ask for it."""
        person()
        return _code_form(attempt)

    def prove_with_code(self, attempt: str) -> Page:
        """Take it, or say that it does not fit."""
        session = person()
        self._codes.count_guess()
        if not self._fits(session, attempt):
            return _code_form(attempt, wrong=True), 400
        return redirect(going_to(), 303)

    def _fits(self, session: Session, attempt: str) -> bool:
        code = request.form.get("code", "")
        access = self._services.access
        with self._services.database.begin() as conn:
            holder = access.codes.redeem_code(conn, "step-up", attempt, code)
            fits = holder is not None and holder == session.holder
            if fits:
                access.sessions.prove(conn, session)
        return fits


def _code_form(attempt: str, *, wrong: bool = False) -> str:
    action = f"/you/prove/{attempt}"
    return render_template("portal/code.html", next=going_to(), action=action, wrong=wrong)
