"""`/cookies`: which cookies there are, what for, and how to refuse those that need consent."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.portal.login import Page
from web.portal.policy import in_force
from web.routes import add_routes
from web.services import Services


def add_pages(portal: Blueprint, services: Services) -> None:
    """`/cookies`."""

    def cookies() -> Page:
        policy = in_force(services.versions(), services)
        return render_template("portal/cookies.html", policy=policy)

    add_routes(portal, ("GET /cookies", cookies))
