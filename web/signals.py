"""Signals that a browser sends about its user's wishes, and what they turn off."""

from __future__ import annotations

from flask import request

from web.services import Services

GPC = "gpc"


def gpc() -> bool:
    """Whether the browser sends Global Privacy Control: exactly `1`, any other value is ignored."""
    values = request.headers.get("Sec-GPC", "").split(",")
    return "1" in (value.strip() for value in values)


def signals() -> tuple[str, ...]:
    """The names of the signals of this request, as policies name them."""
    return (GPC,) if gpc() else ()


def honour(services: Services, subject_id: str) -> None:
    """Record for a person what the signals of their browser turn off, so that it holds everywhere."""
    policy = services.versions().in_force(services.clock.now())
    if policy is None or not signals():
        return
    off = {c.id for c in policy.consent.choices if set(c.off_by or ()) & set(signals())}
    for state in services.consent.overview(subject_id).choices:
        if state.id in off and state.on is not False:
            services.consent.choose(subject_id, state.id, False, source="signal")
