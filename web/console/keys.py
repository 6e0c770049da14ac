"""API keys: which there are, a new one (its text is shown once), rotation, and the end of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request

from engine.access.keys import SCOPES, ApiKey
from engine.decisions.log import reading
from engine.errors import InvalidInput, UnknownName
from web.console.guard import officer_name
from web.console.listing import arranged, asked
from web.console.page import Page
from web.routes import add_routes
from web.services import Services

LONGEST_GRACE = 720
MEANS = {
    "decide": "ask whether something may be done, and tell events",
    "consent": "record and read consents, and pass the login gate",
    "rights": "file and follow rights requests",
    "admin": "everything",
}


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/keys`, a new key, and each key."""
    pages = KeyPages(services)
    add_routes(
        console,
        ("GET /keys", pages.keys),
        ("GET /keys/new", pages.new_key),
        ("POST /keys/new", pages.create_key),
        ("GET /keys/<prefix>", pages.key),
        ("POST /keys/<prefix>/rotate", pages.rotate_key),
        ("POST /keys/<prefix>/revoke", pages.revoke_key),
        ("POST /keys/<prefix>/mode", pages.set_mode),
        ("POST /keys/<prefix>/limit", pages.set_limit),
    )


class KeyPages:
    """The pages about the keys of services."""

    def __init__(self, services: Services) -> None:
        self._keys = services.access.keys
        self._clock = services.clock
        self._database = services.database

    def keys(self) -> Page:
        """The keys that open something; with `?show=all` the others too."""
        now, show = self._clock.now(), asked("show", ("all",))
        found = [key for key in self._keys.all() if show or key.live(now)]
        orders: dict[str, Callable[[ApiKey], object]] = {
            "name": lambda key: key.name,
            "created": lambda key: key.created_at,
            "used": lambda key: key.last_used_at or datetime.min.replace(tzinfo=now.tzinfo),
        }
        rows, order = arranged(found, orders, "name")
        return render_template("console/keys.html", keys=rows, order=order, show=show)

    def new_key(self) -> Page:
        """Who the key is for, and what it opens."""
        return self._form()

    def create_key(self) -> Page:
        """Make a key and show it: this once."""
        name = request.form.get("name", "").strip()
        try:
            key, text = self._keys.create(
                name,
                request.form.getlist("scope"),
                shadow="shadow" in request.form,
                by=officer_name(),
            )
        except (InvalidInput, UnknownName) as problem:
            return self._form(problem), 400
        return render_template("console/key_once.html", key=key, text=text)

    def key(self, prefix: str) -> Page:
        """One key."""
        return self._page(prefix)

    def rotate_key(self, prefix: str) -> Page:
        """Replace a key; the new one is shown this once."""
        hours = request.form.get("hours", type=int)
        if hours is None or not 0 <= hours <= LONGEST_GRACE:
            return self._page(prefix, wrong="hours"), 400
        key, text = self._keys.rotate(prefix, grace=timedelta(hours=hours), by=officer_name())
        return render_template("console/key_once.html", key=key, text=text, old=prefix, hours=hours)

    def revoke_key(self, prefix: str) -> Page:
        """End a key at once."""
        self._keys.revoke(prefix, by=officer_name())
        return redirect(f"/console/keys/{prefix}", 303)

    def set_mode(self, prefix: str) -> Page:
        """Enforce decisions for the key's service, or only log what would be denied."""
        self._keys.enforce(prefix, request.form.get("mode") != "shadow", by=officer_name())
        return redirect(f"/console/keys/{prefix}", 303)

    def set_limit(self, prefix: str) -> Page:
        """Set how many calls a minute the key may make; nothing is no limit."""
        told = request.form.get("per_minute", "").strip()
        try:
            self._keys.limit(prefix, int(told) if told else None, by=officer_name())
        except (ValueError, InvalidInput):
            return self._page(prefix, wrong="per_minute"), 400
        return redirect(f"/console/keys/{prefix}", 303)

    def _page(self, prefix: str, wrong: str = "") -> str:
        key = self._find(prefix)
        trial = None
        if key.shadow:
            with self._database.read() as conn:
                trial = reading.trial(conn, [prefix])
        told = {"key": key, "trial": trial, "longest": LONGEST_GRACE, "wrong": wrong}
        return render_template("console/key.html", **told)

    def _find(self, prefix: str) -> ApiKey:
        found = {key.prefix: key for key in self._keys.all()}
        if prefix not in found:
            raise UnknownName("API key", prefix, found)
        return found[prefix]

    def _form(self, problem: InvalidInput | UnknownName | None = None) -> str:
        wrong = problem.field if isinstance(problem, InvalidInput) else "scopes" if problem else ""
        told = {
            "wrong": wrong,
            "problem": problem,
            "form": request.form,
            "chosen": request.form.getlist("scope"),
        }
        return render_template("console/new_key.html", scopes=SCOPES, means=MEANS, **told)
