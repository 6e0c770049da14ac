"""Signals that a browser sends about its user's wishes, and what they turn off."""

from __future__ import annotations

from flask import request

GPC = "gpc"


def gpc() -> bool:
    """Whether the browser sends Global Privacy Control: exactly `1`, any other value is ignored."""
    values = request.headers.get("Sec-GPC", "").split(",")
    return "1" in (value.strip() for value in values)


def signals() -> tuple[str, ...]:
    """The names of the signals of this request, as policies name them."""
    return (GPC,) if gpc() else ()
