"""Officers log in by name and password. An unknown name and a wrong password read, and take, the same."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request

from engine.access.limits import Limit
from web.console.guard import LOGIN, going_to, officer_name
from web.console.page import Page
from web.routes import add_routes
from web.security import client_address
from web.services import Services
from web.visit import visit

TRIES_FOR_NAME = Limit("console logins for a name", 10, timedelta(minutes=15))
TRIES_BY_CLIENT = Limit("console logins by a client", 30, timedelta(hours=1))


def add_pages(console: Blueprint, services: Services) -> None:
    """`/console/login` and `/console/logout`."""
    pages = LoginPages(services)
    add_routes(
        console,
        ("GET /login", pages.login),
        ("POST /login", pages.log_in),
        ("POST /logout", log_out),
    )


class LoginPages:
    """The page by which an officer logs in."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def login(self) -> Page:
        """Ask for name and password."""
        if officer_name():
            return redirect(going_to(), 303)
        return render_template("console/login.html", next=going_to())

    def log_in(self) -> Page:
        """Log in, or say that the two do not fit; TooManyRequests for who tries too often."""
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        limits = self._services.access.limits
        limits.check(TRIES_BY_CLIENT, client_address())
        limits.check(TRIES_FOR_NAME, name.casefold())
        officer = self._services.access.officers.authenticate(name, password)
        if officer is None:
            return render_template("console/login.html", next=going_to(), wrong=True), 400
        with self._services.database.begin() as conn:
            visit().start(conn, "console", officer.name)
        return redirect(going_to(), 303)


def log_out() -> Page:
    """End the session."""
    visit().end()
    return redirect(LOGIN, 303)
