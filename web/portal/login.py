"""Logging in by a one-time code.

A known and an unknown address get the same answer after the same work; only the mail differs, and it is
sent after the answer. A link in the mail shows a button, because mail scanners open links.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from web.guard import going_to
from web.portal.codes import CodeSender
from web.routes import add_routes
from web.services import Services
from web.signals import signals
from web.visit import visit

LONGEST_ADDRESS = 254

Page = str | Response | tuple[str, int]


def add_pages(portal: Blueprint, services: Services, codes: CodeSender) -> None:
    """`/login` with its code and link, and `/logout`."""
    pages = LoginPages(services, codes)
    add_routes(
        portal,
        ("GET /login", pages.login),
        ("POST /login", pages.login_send),
        ("GET /login/code/<attempt>", pages.login_code),
        ("POST /login/code/<attempt>", pages.login_with_code),
        ("GET /login/link/<token>", pages.login_link),
        ("POST /login/link/<token>", pages.login_with_link),
        ("POST /logout", logout),
    )


class LoginPages:
    """The pages by which a person logs in."""

    def __init__(self, services: Services, codes: CodeSender) -> None:
        self._services = services
        self._codes = codes

    def login(self) -> Page:
        """Ask for the address."""
        return render_template("portal/login.html", next=going_to())

    def login_send(self) -> Page:
        """Send a code, if anybody has the address."""
        address = request.form.get("email", "").strip()
        if not _looks_like_address(address):
            form = {"next": going_to(), "wrong": True, "email": address}
            return render_template("portal/login.html", **form), 400
        holder = self._services.directory.find(address)
        # What an earlier holder of the id left behind is parted from it before a code goes to the present
        # one; for an address that nobody has the same work is done.
        self._services.consent.look(holder or address)
        attempt = self._codes.send("login", address, holder)
        return redirect(f"/login/code/{attempt}?next={going_to()}", 303)

    def login_code(self, attempt: str) -> Page:
        """Ask for the code."""
        return _code_form(attempt)

    def login_with_code(self, attempt: str) -> Page:
        """Log in by the code, or say that it does not fit."""
        self._codes.count_guess()
        with self._services.database.begin() as conn:
            code = request.form.get("code", "")
            holder = self._services.access.codes.redeem_code(conn, "login", attempt, code)
        holder = self._enter(holder)
        return (_code_form(attempt, wrong=True), 400) if holder is None else self._go_on(holder)

    def login_link(self, token: str) -> Page:
        """Show the button: opening the link alone does nothing."""
        return render_template("portal/link.html", action=f"/login/link/{token}")

    def login_with_link(self, token: str) -> Page:
        """Log in by the link, or say that it is used up."""
        self._codes.count_guess()
        with self._services.database.begin() as conn:
            holder = self._services.access.codes.redeem_link(conn, "login", token)
        holder = self._enter(holder)
        if holder is None:
            return render_template("portal/link.html", action="", wrong=True), 400
        return self._go_on(holder)

    def _enter(self, holder: str | None) -> str | None:
        """Begin a session, unless the id came to somebody else after the code was sent to its holder."""
        if holder is None or self._services.consent.look(holder):
            return None
        with self._services.database.begin() as conn:
            visit().start(conn, "portal", holder)
        return holder

    def _go_on(self, holder: str) -> Response:
        """To the gate if there is something to settle, else to where the person wanted."""
        if self._services.versions().in_force(self._services.clock.now()):
            self._services.consent.hear(holder, signals())
        gate = self._services.consent.login(holder, signals())
        return redirect(going_to() if gate.outcome in ("ok", "declined") else "/gate", 303)


def logout() -> Page:
    """End the session."""
    visit().end()
    return redirect("/", 303)


def _code_form(attempt: str, *, wrong: bool = False) -> str:
    action = f"/login/code/{attempt}"
    return render_template("portal/code.html", next=going_to(), action=action, wrong=wrong)


def _looks_like_address(address: str) -> bool:
    name, _at, host = address.rpartition("@")
    return bool(name and host) and len(address) <= LONGEST_ADDRESS and address.isprintable()
