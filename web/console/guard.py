"""Who may see the console: an officer with a live session. Everything else leads to the login."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import redirect, request
from werkzeug.wrappers import Response

from web.visit import visit

ROOT = "/console/"
LOGIN = "/console/login"
PUBLIC = frozenset({"console.login", "console.log_in"})
"""All that a stranger gets; a page that is not named here is refused to them without its own doing."""


def refuse_strangers() -> Response | None:
    """Run before every page of the console: only officers go on."""
    if request.endpoint in PUBLIC or officer_name():
        return None
    if request.method == "GET" and request.path != ROOT:
        return redirect(f"{LOGIN}?{urlencode({'next': request.path})}", 303)
    return redirect(LOGIN, 303)


def officer_name() -> str:
    """The name of the officer who is logged in; empty for anybody else."""
    session = visit().of_kind("console")
    return session.holder if session is not None else ""


def going_to() -> str:
    """Where to go after the login: a page of the console, never an address elsewhere."""
    try:
        parts = urlsplit(request.values.get("next", ""))
    except ValueError:
        return ROOT
    is_local = not parts.scheme and not parts.netloc and "\\" not in parts.path
    return parts.path if is_local and parts.path.startswith(ROOT) else ROOT
