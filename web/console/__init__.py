"""The console: what officers look at and decide. Whoever is not a logged-in officer sees only the login.

English only; the interface of the portal's users speaks their languages.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from flask import Blueprint, g, url_for

from web.console import (
    decisions,
    guard,
    holds,
    keys,
    ledger,
    login,
    orders,
    overview,
    plans,
    problems,
    promises,
    requests,
    runs,
    versions,
)
from web.console.listing import here
from web.services import Services

ORDERS = "upheld console orders"
STYLES = Path(__file__).parents[1] / "static" / "console.css"


def create_blueprint(services: Services) -> Blueprint:
    """The console's pages under `/console`; what a service is missing for is not offered."""
    console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    console.before_request(_speak_english)
    console.before_request(guard.refuse_strangers)
    problems.register(console)
    ordered = orders.Orders(services.database, services.clock)
    login.add_pages(console, services)
    overview.add_pages(console, services)
    orders.add_pages(console, services, ordered)
    if services.rights is not None:
        requests.add_pages(console, services, services.rights, ordered)
    if services.retention is not None:
        plans.add_pages(console, services, ordered)
        runs.add_pages(console, services, ordered)
        holds.add_pages(console, services)
    if services.promises is not None:
        promises.add_pages(console, services, services.promises, ordered)
    versions.add_pages(console, services)
    decisions.add_pages(console, services)
    ledger.add_pages(console, services)
    keys.add_pages(console, services)
    # Whoever serves the app, or tests it, can wait for what was ordered.
    console.record(lambda setup: setup.app.extensions.update({ORDERS: ordered}))
    console.context_processor(lambda: _words(services))
    return console


def _speak_english() -> None:
    g.language = "en"


def _words(services: Services) -> dict[str, Any]:
    digest = hashlib.sha256(STYLES.read_bytes()).hexdigest()[:12]
    offered = {
        "requests": services.rights is not None,
        "retention": services.retention is not None,
        "promises": services.promises is not None,
    }
    return {
        "console_stylesheet": lambda: url_for("static", filename=STYLES.name, v=digest),
        "here": here,
        "offered": offered,
        "officer_name": guard.officer_name,
        "now": services.clock.now(),
    }
