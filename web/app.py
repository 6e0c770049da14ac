"""The Flask app: the security base, languages, errors, and the parts that are built on them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from engine.access.keyed import keyed
from engine.access.sessions import SessionKind
from engine.errors import UpheldError
from web import errors, language, words
from web.security import secure
from web.services import Services
from web.signals import gpc
from web.visit import StoredSessions, visit

PARTS = ("web.portal", "web.console", "web.api")
"""Each offers `create_blueprint(services) -> Blueprint`, which brings its own URL prefix."""

NO_FORMS = frozenset({"web.api"})
"""Parts that programs use: they show a key, not a cookie, so there is no form to forge."""

_STATIC = Path(__file__).with_name("static")


def create_app(services: Services, parts: Sequence[str] = PARTS) -> Flask:
    """The web over these services, with some of its parts or all of them.

    Nothing here starts a thread or touches a database.
    """
    app = Flask("web", root_path=str(_STATIC.parent))
    app.config["SECRET_KEY"] = keyed(services.config.secret, "forms")
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # the token lives and dies with its visit's cookie
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    app.extensions["upheld"] = services
    app.session_interface = StoredSessions(services)
    csrf = secure(app, services)
    language.speak(app, https=services.config.https)
    errors.register(app)
    _fit_templates(app, services)
    for name in parts:
        found = find_spec(name)
        if found is not None and found.origin is not None:
            blueprint: Blueprint = import_module(name).create_blueprint(services)
            app.register_blueprint(blueprint)
            if name in NO_FORMS:
                csrf.exempt(blueprint)
    return app


def _fit_templates(app: Flask, services: Services) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        visit=visit,
        language=language.language,
        languages=language.LANGUAGES,
        other_language=_address_in,
        stylesheet=lambda: url_for("static", filename="upheld.css", v=_digest("upheld.css")),
    )

    app.jinja_env.globals.update(
        site_name=lambda: _site_name(services),
        logged_in=_logged_in,
        answering_for=lambda: _answering_for(services),
        gpc=gpc,
        request_id=lambda: g.get("request_id", ""),
    )

    def zone() -> ZoneInfo:
        return policy_zone(services)

    filters: dict[str, Any] = {
        "moment": lambda moment: language.say_moment(moment, zone()),
        "day": lambda day: language.say_day(day, zone()),
        "last_day": lambda end: language.say_last_day(end, zone()),
        "number": language.say_number,
        "waiting": language.say_seconds,
        "sentence": words.say_sentence,
        "duration": words.say_duration,
        "keeping": words.say_keeping,
    }
    app.jinja_env.filters.update(filters)


def _site_name(services: Services) -> str:
    """Whose policy this is; error pages ask too, so nothing may go wrong here."""
    try:
        policy = services.versions().policies[-1]
    except (UpheldError, IndexError):
        return "Upheld"
    return policy.header.controller.name or policy.name


def _logged_in(kind: SessionKind) -> bool:
    """Whether this is somebody's session; error pages ask too, also when the database is away."""
    try:
        return visit().of_kind(kind) is not None
    except (UpheldError, SQLAlchemyError):
        return False


def _answering_for(services: Services) -> str | None:
    """The child in whose place a guardian is here; error pages ask too."""
    try:
        session = visit().of_kind("portal")
        return services.directory.label(session.holder) if session and session.guardian else None
    except (UpheldError, SQLAlchemyError):
        return None


def policy_zone(services: Services) -> ZoneInfo:
    """The time zone of the policy in force (of the newest one, if none is)."""
    versions = services.versions()
    policy = versions.in_force(services.clock.now()) or next(reversed(versions.policies), None)
    return policy.header.zone if policy else ZoneInfo("UTC")


def _address_in(tag: str) -> str:
    """The present page in another language; a form that was sent is left for the page it stood on."""
    if request.endpoint is None or request.method != "GET":
        return f"/?{language.PARAMETER}={tag}"
    query = {**request.args.to_dict(), language.PARAMETER: tag}
    return f"{url_for(request.endpoint, **(request.view_args or {}))}?{urlencode(query)}"


def _digest(name: str) -> str:
    """Names the content of a static file, so that a browser never shows an old one."""
    return hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
