"""Who may see a page, and where those go who may not."""

from __future__ import annotations

from typing import NoReturn
from urllib.parse import urlencode, urlsplit

from flask import abort, redirect, request

from engine.access.sessions import Session
from web.services import Services
from web.visit import visit

_INSIDE = ("/you", "/gate")


def person() -> Session:
    """The session of the person who is logged in; others are sent to log in first."""
    session = visit().of_kind("portal")
    if session is None:
        _first("/login")
    return session


def proved_person(services: Services, back: str = "") -> Session:
    """The same, for what needs a fresh code; who has entered none just now is asked, and comes `back`."""
    session = person()
    if not session.proved(services.clock.now()):
        _first("/you/prove", back)
    return session


def inside(path: str | None, otherwise: str) -> str:
    """A path among a person's own pages to go on to, or another one: never an address elsewhere."""
    try:
        parts = urlsplit(path or "")
    except ValueError:
        return otherwise
    is_local = not parts.scheme and not parts.netloc and "\\" not in parts.path
    under = any(parts.path == root or parts.path.startswith(f"{root}/") for root in _INSIDE)
    return parts.path if is_local and under else otherwise


def going_to(otherwise: str = "/you") -> str:
    """Where the form or the address says to go on to."""
    return inside(request.values.get("next"), otherwise)


def _first(page: str, back: str = "") -> NoReturn:
    """Go to a page first and come back; what a form sent is entered anew."""
    back = back or (request.path if request.method == "GET" else "/you")
    abort(redirect(f"{page}?{urlencode({'next': back})}", 303))
