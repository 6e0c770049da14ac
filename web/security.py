"""What every answer carries and every request must satisfy: headers, host, request id, forms."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from web.services import Services, WebConfig

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Flask-WTF compares the referrer on https, so it must be sent within the site.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HSTS = "max-age=31536000; includeSubDomains"
HEALTH_PATHS = frozenset({"/health/live", "/health/ready", "/metrics"})
"""Asked by load balancers and monitors under whatever name they know this machine by."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
LARGEST_FORM = 64 * 1024
LARGEST_BODY = 8 * 1024 * 1024


def secure(app: Flask, services: Services) -> CSRFProtect:
    """Fit the app with everything of this file; returns the CSRF protection for exemptions."""
    config = services.config
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_FORM
    app.before_request(_name_request)
    app.before_request(_bound_forms)
    app.before_request(_host_check(allowed_hosts(config)))
    app.before_request(_no_nul)
    app.after_request(_headers(config))
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    return CSRFProtect(app)


def allowed_hosts(config: WebConfig) -> frozenset[str]:
    """The hosts that may be asked for: that of the base URL, and on this machine its other names."""
    parts = urlsplit(config.base_url)
    if parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return frozenset({config.host.lower()})
    port = f":{parts.port}" if parts.port else ""
    return frozenset(name + port for name in _LOOPBACK)


def client_address() -> str:
    """Where the request comes from, seen through as many proxies as are trusted."""
    return request.remote_addr or "unknown"


def name_request(given: str) -> str:
    """The request's id: the one that came with it if it is well-formed, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _name_request() -> None:
    g.request_id = name_request(request.headers.get("X-Request-ID", ""))


def _bound_forms() -> None:
    if request.mimetype in _FORMS:
        request.max_content_length = LARGEST_FORM


def _no_nul() -> None:
    """No name and no id holds a NUL; PostgreSQL refuses to even look for one."""
    if "\x00" in request.path:
        abort(404)
    fields = [request.args, *([request.form] if request.mimetype in _FORMS else [])]
    if any("\x00" in value for given in fields for _, value in given.items(multi=True)):
        abort(400)


_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def _host_check(allowed: frozenset[str]) -> Callable[[], None]:
    def check() -> None:
        if request.host.lower() not in allowed and request.path not in HEALTH_PATHS:
            abort(421)

    return check


def _headers(config: WebConfig) -> Callable[[Response], Response]:
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if config.https:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response

    return add
